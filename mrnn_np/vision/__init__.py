"""The CNN half: from a picture to the features I that the m-RNN reads.

Read in this order:

* `windows`, then the layers `conv2d`, `depthwise`, `max_pool`, `average_pool`, `relu`, `dense`, `local_response`;
* `network`, which runs a network that is given as a table, and the tables `alexnet`, `vgg`, `efficientnet_lite`;
* `mrnn_np.scenes.cnn`, the one trained here;
* `pictures` and `preprocessing`, from a file to an array; `weight_files` and `fit_weights`, from a file to weights;
* `cnn`, which brings them together under the names that `--cnn` takes.
"""
