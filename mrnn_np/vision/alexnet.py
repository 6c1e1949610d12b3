"""AlexNet, the paper's first CNN: its seventh layer (fc7) gives 4096 numbers.

This is the AlexNet whose weights torchvision publishes: Krizhevsky's "one weird trick" form of 2014, without the two
groups and without the local response normalisation of 2012.
"""

from mrnn_np.vision.network import Conv, Dense, Flatten, MaxPool

ALEXNET = (
    Conv("features.0", 64, kernel=11, stride=4, padding=2),  # 224 x 224 x 3 -> 55 x 55 x 64
    MaxPool(3, 2),
    Conv("features.3", 192, kernel=5, padding=2),  # 27 x 27
    MaxPool(3, 2),
    Conv("features.6", 384, kernel=3, padding=1),  # 13 x 13
    Conv("features.8", 256, kernel=3, padding=1),
    Conv("features.10", 256, kernel=3, padding=1),
    MaxPool(3, 2),
    Flatten(),  # 6 x 6 x 256 = 9216
    Dense("classifier.1", 4096),  # fc6
    Dense("classifier.4", 4096),  # fc7
)
"""The rows' names are those of torchvision's weights."""
