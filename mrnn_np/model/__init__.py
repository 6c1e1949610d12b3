"""The models: their parameters as one vector, and the m-RNN put together from the layers.

Reading order: params, masks, mrnn, initial.  The m-RNN's family, one model for every choice, is in design, presets,
recurrent_stack, image_entry, output, general and family.
"""
