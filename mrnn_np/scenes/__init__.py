"""A data set with nothing to download: drawn scenes, captioned as people would, about which everything is known."""
