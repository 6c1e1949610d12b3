"""The model: its parameters as one vector, and the m-RNN put together from the layers."""
