"""The multimodal recurrent neural network (m-RNN) of Mao et al., ICLR 2015, written by hand in NumPy.

Read it in the order the data flows:

    data        words, sentences, image features; a packed batch
    layers      one file per equation of the paper: a forward, a backward
    model       all parameters as one vector; the m-RNN put together
    gradients   proof that each backward is right
    training    SGD with L2, the loop, checkpoints
    captioning  greedy, sampling, beam search
    evaluation  perplexity

The commands are `python -m mrnn_np.train`, `python -m mrnn_np.caption` and `python -m mrnn_np.gradcheck`.
"""

from mrnn_np.command_line.ctrl_c import is_a_command_starting, quit_at_ctrl_c

__version__ = "0.1.0"

if is_a_command_starting():
    quit_at_ctrl_c()
