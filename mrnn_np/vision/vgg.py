"""VGG-16 and VGG-19, the paper's better CNN: layer 15 of VGG-16 (fc7) gives 4096 numbers.

Nothing but 3 x 3 convolutions; the maps halve five times while their channels double.
"""

from mrnn_np.vision.network import Conv, Dense, Flatten, MaxPool

VGG16 = (
    Conv("features.0", 64, kernel=3, padding=1),  # 224 x 224
    Conv("features.2", 64, kernel=3, padding=1),
    MaxPool(2, 2),
    Conv("features.5", 128, kernel=3, padding=1),  # 112 x 112
    Conv("features.7", 128, kernel=3, padding=1),
    MaxPool(2, 2),
    Conv("features.10", 256, kernel=3, padding=1),  # 56 x 56
    Conv("features.12", 256, kernel=3, padding=1),
    Conv("features.14", 256, kernel=3, padding=1),
    MaxPool(2, 2),
    Conv("features.17", 512, kernel=3, padding=1),  # 28 x 28
    Conv("features.19", 512, kernel=3, padding=1),
    Conv("features.21", 512, kernel=3, padding=1),
    MaxPool(2, 2),
    Conv("features.24", 512, kernel=3, padding=1),  # 14 x 14
    Conv("features.26", 512, kernel=3, padding=1),
    Conv("features.28", 512, kernel=3, padding=1),
    MaxPool(2, 2),
    Flatten(),  # 7 x 7 x 512 = 25088
    Dense("classifier.0", 4096),  # fc6
    Dense("classifier.3", 4096),  # fc7
)
"""The rows' names are those of torchvision's weights."""

VGG19 = (
    Conv("features.0", 64, kernel=3, padding=1),  # 224 x 224
    Conv("features.2", 64, kernel=3, padding=1),
    MaxPool(2, 2),
    Conv("features.5", 128, kernel=3, padding=1),  # 112 x 112
    Conv("features.7", 128, kernel=3, padding=1),
    MaxPool(2, 2),
    Conv("features.10", 256, kernel=3, padding=1),  # 56 x 56
    Conv("features.12", 256, kernel=3, padding=1),
    Conv("features.14", 256, kernel=3, padding=1),
    Conv("features.16", 256, kernel=3, padding=1),
    MaxPool(2, 2),
    Conv("features.19", 512, kernel=3, padding=1),  # 28 x 28
    Conv("features.21", 512, kernel=3, padding=1),
    Conv("features.23", 512, kernel=3, padding=1),
    Conv("features.25", 512, kernel=3, padding=1),
    MaxPool(2, 2),
    Conv("features.28", 512, kernel=3, padding=1),  # 14 x 14
    Conv("features.30", 512, kernel=3, padding=1),
    Conv("features.32", 512, kernel=3, padding=1),
    Conv("features.34", 512, kernel=3, padding=1),
    MaxPool(2, 2),
    Flatten(),  # 7 x 7 x 512 = 25088
    Dense("classifier.0", 4096),  # fc6
    Dense("classifier.3", 4096),  # fc7
)
"""The rows' names are those of torchvision's weights."""
