"""Words, image features and data sets: what the model sees of the world, as plain NumPy arrays.

Reading order: `tokens` (text to words), `vocabulary` (words to ids), `features` (images to vectors), `captions` (which
image has which sentences), `examples` and `batches` (what is learnt from); then `data_set` (what else may be asked of a
data set), `names` (one image, many spellings), `readers` (a file for each form of captions), `feature_files` (a file
for each form of features) and `inspection` (what is wrong with any of it).
"""
