"""The models: their parameters as one vector, and the m-RNN put together from the layers.

Reading order: params, mrnn, initial.  The models that the m-RNN is compared with are one for every choice: design,
presets, recurrent_stack, output, general.
"""
