"""The vision layers' hand-written gradients against numerical ones, and planted bugs that must not pass."""

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.gradients.check import check_case
from mrnn_np.gradients.vision_cases import vision_cases
from mrnn_np.layers import activations
from mrnn_np.scenes import cnn as scene_cnn
from mrnn_np.vision import conv2d, dense, depthwise, local_response, network, pooling
from mrnn_np.vision.preprocessing import Preprocessing

pytestmark = pytest.mark.gradcheck
NUMPY = choose_backend("numpy")
LAYERS = [case.layer for case in vision_cases(NUMPY)]


def case_of(layer, seed=0):
    return vision_cases(NUMPY, seed)[LAYERS.index(layer)]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("layer", LAYERS)
def test_gradients_are_right(layer, seed):
    case = case_of(layer, seed)
    verdicts = list(check_case(case, NUMPY))
    assert {verdict.symbol for verdict in verdicts} == case.inputs.keys()
    assert [verdict for verdict in verdicts if not verdict.passed] == []


@pytest.mark.parametrize("block_bytes", [1, 3000, 2**24])
@pytest.mark.parametrize("layer", ["conv2d, stride 2", "conv2d, same", "depthwise"])
def test_gradients_are_right_however_the_work_is_cut(layer, block_bytes, monkeypatch):
    monkeypatch.setattr(conv2d, "BLOCK_BYTES", block_bytes)
    monkeypatch.setattr(depthwise, "CACHE_BYTES", block_bytes)
    assert [verdict for verdict in check_case(case_of(layer), NUMPY) if not verdict.passed] == []


def conv2d_without_bias_sum(dy, cache, *needs):
    dx, dK, _ = conv2d_backward(dy, cache, *needs)
    return dx, dK, dy.mean(axis=(0, 1, 2))


def conv2d_learning_from_the_last_picture_only(dy, cache, *needs):
    last = dy * (np.arange(len(dy)) == len(dy) - 1)[:, None, None, None]
    return conv2d_backward(dy, cache)[0], *conv2d_backward(last, cache)[1:]


def cropped_at_the_corner(x, height, width, kernel, stride, padding):
    return x[:, :height, :width]


def transposed_taps(x, kernel, stride, rows):
    return ((j, i, pixels) for i, j, pixels in taps(x, kernel, stride, rows))


def taps_without_stride(x, kernel, stride, rows):
    for i, j, pixels in taps(x, kernel, stride, rows):
        n, height, width, _ = pixels.shape
        yield i, j, x[:n, i : i + height, j : j + width]


def windows_assigned_not_added(x, kernel, stride, rows):
    for i, j, pixels in taps(x, kernel, stride, rows):
        if x.any():
            pixels[...] = 0
        yield i, j, pixels


def every_pixel_of_a_window(dy, cache):
    x, _, kernel, stride = cache
    return pooling.average_pool_backward(dy, (x, kernel, stride)) * kernel**2


def wherever_the_maximum_is(dy, cache):
    x, y, kernel, stride = cache
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            window = np.s_[:, i * stride : i * stride + kernel, j * stride : j * stride + kernel]
            dx[window] = (x[window] == y[:, i : i + 1, j : j + 1]) * dy[:, i : i + 1, j : j + 1]
    return dx


def depthwise_of_the_first_block_only(dy, cache, *needs):
    dx, _, db = depthwise_backward(dy, cache, *needs)
    first = dy * (np.arange(dy.shape[1]) == 0)[:, None, None]
    return dx, depthwise_backward(first, cache, *needs)[1], db


def depthwise_without_stride(dy, cache, *needs):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(depthwise, "taps", taps_without_stride)
        return depthwise_backward(dy, cache, *needs)


def damped_by_itself_alone(dy, cache):
    x, s, n, alpha, beta = cache
    return dy / s**beta - 2 * alpha * beta / n * x * x * dy / s ** (beta + 1)


def residual_with(combine):
    """The network's backward with `combine`(dy, what comes back through a residual block) in place of their sum."""

    def backward(layers, dy, caches, need_dx=True, need_grads=True):
        grads = {}
        for layer, cache in zip(reversed(layers), reversed(caches), strict=True):
            if isinstance(layer, network.Residual):
                d_added, more = backward(layer.layers, dy, cache)
                dy = combine(dy, d_added)
            else:
                dy, more = network._layer_backward(layer, dy, cache, True, True)
            grads |= more
        return dy, grads

    return backward


conv2d_backward, taps = conv2d.conv2d_backward, conv2d.taps

MUTANTS = {
    "conv2d: mean for sum in db": ("conv2d, stride 2", conv2d, "conv2d_backward", conv2d_without_bias_sum),
    "conv2d: dK assigned, not added": (
        "conv2d, stride 2",
        conv2d,
        "conv2d_backward",
        conv2d_learning_from_the_last_picture_only,
    ),
    "conv2d: padding cropped at one corner": ("conv2d, stride 2", conv2d, "crop", cropped_at_the_corner),
    "conv2d: 'same' padding cropped at one corner": ("conv2d, same", conv2d, "crop", cropped_at_the_corner),
    "conv2d: windows transposed": ("conv2d, same", conv2d, "taps", transposed_taps),
    "conv2d: stride forgotten": ("conv2d, stride 2", conv2d, "taps", taps_without_stride),
    "conv2d: overlapping windows assigned": ("conv2d, stride 2", conv2d, "taps", windows_assigned_not_added),
    "depthwise: padding cropped at one corner": (
        "depthwise",
        depthwise,
        "crop",
        lambda x, height, width, *_: x[:, -height:, -width:],
    ),
    "depthwise: kernel transposed going back": (
        "depthwise",
        depthwise,
        "depthwise_backward",
        lambda dy, cache: depthwise_backward(dy, (cache[0], cache[1].transpose(1, 0, 2), *cache[2:])),
    ),
    "depthwise: dK of the first rows only": (
        "depthwise",
        depthwise,
        "depthwise_backward",
        depthwise_of_the_first_block_only,
    ),
    "depthwise: stride forgotten going back": (
        "depthwise",
        depthwise,
        "depthwise_backward",
        depthwise_without_stride,
    ),
    "local response: the damping held fixed": (
        "local response",
        local_response,
        "local_response_backward",
        lambda dy, cache: dy / cache[1] ** cache[4],
    ),
    "local response: neighbours forgotten": (
        "local response",
        local_response,
        "local_response_backward",
        damped_by_itself_alone,
    ),
    "local response: alpha not divided by n": (
        "local response",
        local_response,
        "local_response_backward",
        lambda dy, cache: local_response_backward(dy, (*cache[:3], cache[2] * cache[3], cache[4])),
    ),
    "max pool: everyone is the largest": ("max pool", pooling, "max_pool_backward", every_pixel_of_a_window),
    "max pool: overlapping windows assigned": ("max pool", pooling, "max_pool_backward", wherever_the_maximum_is),
    "average pool: share forgotten": ("average pool", pooling, "average_pool_backward", lambda dy, cache: 9
        * average_pool_backward(dy, cache)),
    "global average pool: share forgotten": (
        "global average pool",
        pooling,
        "global_average_pool_backward",
        lambda dy, cache: np.broadcast_to(dy[:, None, None, :], cache),
    ),
    "ReLU: no gate": ("ReLU", activations, "times_slope", lambda dy, y, f: dy),
    "ReLU6: open above 6": ("ReLU6", activations, "times_slope", lambda dy, y, f: dy * (y > 0)),
    "ReLU6: open below 0": ("ReLU6", activations, "times_slope", lambda dy, y, f: dy * (y < 6)),
    "dense: dW transposed": (
        "dense",
        dense,
        "dense_backward",
        lambda dy, cache: (dy @ cache[1], np.resize(cache[0].T @ dy, cache[1].shape), dy.sum(axis=0)),
    ),
    "dense: mean for sum in db": (
        "dense",
        dense,
        "dense_backward",
        lambda dy, cache: (dy @ cache[1], dy.T @ cache[0], dy.mean(axis=0)),
    ),
    "sigmoid loss: nats for bits": (
        "sigmoid loss",
        scene_cnn,
        "sigmoid_loss_backward",
        lambda d_bits, cache: d_bits[:, None] * (cache[0] - cache[1]),
    ),
    "sigmoid loss: labels forgotten": (
        "sigmoid loss",
        scene_cnn,
        "sigmoid_loss_backward",
        lambda d_bits, cache: d_bits[:, None] * cache[0] / np.log(2),
    ),
    "network: ReLU passes everything": ("vision network", activations, "times_slope", lambda dy, y, f: dy),
    "network: dx of the second convolution lost": (
        "vision network",
        conv2d,
        "conv2d_backward",
        lambda dy, cache, *needs: (np.zeros(cache[1]), *conv2d_backward(dy, cache)[1:]),
    ),
    "EfficientNet: the way round a block lost": (
        "EfficientNet, small",
        network,
        "backward",
        residual_with(lambda dy, d_added: d_added),
    ),
    "EfficientNet: the way through a block lost": (
        "EfficientNet, small",
        network,
        "backward",
        residual_with(lambda dy, d_added: dy),
    ),
    "EfficientNet: ReLU for ReLU6": (
        "EfficientNet, small",
        activations,
        "times_slope",
        lambda dy, y, f: dy * (y > 0),
    ),
    "AlexNet: local response passes everything": (
        "AlexNet, small",
        local_response,
        "local_response_backward",
        lambda dy, cache: dy,
    ),
    "VGG: convolutions flipped going back": (
        "VGG, small",
        conv2d,
        "conv2d_backward",
        lambda dy, cache, *needs: conv2d_backward(dy, (*cache[:2], cache[2][:, ::-1, ::-1], *cache[3:]), *needs),
    ),
    "sigmoid: slope of tanh": (
        "sigmoid",
        activations,
        "sigmoid_slope",
        lambda y: 1 - y * y,
    ),
    "dropout: what was dropped comes back": (
        "dropout of units",
        network,
        "_layer_backward",
        lambda layer, dy, mask, *needs: (dy, {}),
    ),
    "dropout: what was kept comes back no larger": (
        "dropout of units",
        network,
        "_layer_backward",
        lambda layer, dy, mask, *needs: (dy * (mask > 0), {}),
    ),
    "scene CNN: the deviation of the colours forgotten": (
        "scene CNN, small",
        Preprocessing,
        "scaled_backward",
        lambda self, dx: dx,
    ),
}  # fmt: skip
depthwise_backward = depthwise.depthwise_backward
average_pool_backward = pooling.average_pool_backward
local_response_backward = local_response.local_response_backward


@pytest.mark.parametrize("name", MUTANTS)
def test_a_bug_is_caught(name, monkeypatch):
    layer, module, function, mutant = MUTANTS[name]
    monkeypatch.setattr(module, function, mutant)
    assert not all(verdict.passed for verdict in check_case(case_of(layer), NUMPY))
