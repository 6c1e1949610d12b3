"""The CNN half: from a picture to the features I that the m-RNN reads.

Read in this order:

* `windows`, then the layers `conv2d`, `depthwise`, `pooling`, `dense`, `local_response`; non-linearities are those of
  `mrnn_np.layers.activations`;
* `network`, which runs a network that is given as a table, and goes back through it to the weights and the pictures;
* the tables `alexnet`, `vgg`, `efficientnet_lite`, and `mrnn_np.scenes.cnn`, the one trained here;
* `picture_files`, `pictures` and `preprocessing`, from a file to an array; `weight_files` (with `pth` and
  `torch_pickle`) and `fit_weights`, from a file to weights;
* `cnn`, which brings them together under the names that `--cnn` takes, and `photographs`, features of a few pictures;
* `picture_folders` and `partial_features`, what extracting those of a whole folder needs.
"""
