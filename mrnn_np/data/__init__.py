"""Words, image features and data sets: what the model sees of the world, as plain NumPy arrays.

Reading order: `tokens` (text to words), `vocabulary` (words to ids), `features` (images to vectors), `captions` (which
image has which sentences), `examples` and `batches` (what is learnt from); then `names` (one image, many spellings),
`readers` (a file for each data set), `feature_files` (a file for each format) and `inspection` (what is wrong with any
of it).  The built-in data set is `mrnn_np.scenes`.
"""
