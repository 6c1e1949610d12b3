"""The layers of the m-RNN, one file per equation of the paper: a forward, a backward, nothing else.

Every layer keeps one contract::

    <layer>_forward(inputs..., weights..., static...)  ->  output, cache
    <layer>_backward(d_output, cache)                  ->  d_inputs..., d_weights...

The gradients come in the order of the forward's arguments, and the model names them.  Layers are pure: they never write
into an argument, so a second forward cannot spoil a backward and a backward can be repeated.  They compute in the dtype
they are given (float32 trains, float64 checks gradients, complex128 differentiates by complex step) on the device they
are given.

A batch is packed and time-major (see `mrnn_np.data.batches`): its N rows are the N words of all its sentences, first
the first word of every sentence, then every second word, and so on.

Reading order: embedding, dense, activations, recurrent, multimodal, softmax, dropout.  The models that the m-RNN is
compared with (`mrnn_np.model.general`) have two more recurrent layers, lstm and gru.
"""
