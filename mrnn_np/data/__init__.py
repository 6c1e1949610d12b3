"""Words, image features and data sets: what the model sees of the world, as plain NumPy arrays.

Reading order: `tokens` (text to words), `vocabulary` (words to ids), `features` (images to vectors),
`captions` (which image has which sentences), then one file per data set (`flickr8k`).
"""
