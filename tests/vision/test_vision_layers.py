"""The vision layers against numbers worked out by hand, and their contract: pure, dtype kept, the same anywhere."""

import tracemalloc

import numpy as np
import pytest

from mrnn_np.gradients.vision_cases import vision_cases
from mrnn_np.layers.activations import RELU, RELU6, f2, relu6, times_slope
from mrnn_np.scenes.cnn import sigmoid_loss_backward, sigmoid_loss_forward
from mrnn_np.vision import conv2d, depthwise
from mrnn_np.vision.conv2d import conv2d_backward, conv2d_forward
from mrnn_np.vision.dense import dense_backward, dense_forward
from mrnn_np.vision.depthwise import depthwise_backward, depthwise_forward
from mrnn_np.vision.local_response import local_response_backward, local_response_forward
from mrnn_np.vision.network import (
    AveragePool,
    Conv,
    Dense,
    Depthwise,
    Dropout,
    Flatten,
    GlobalAveragePool,
    LocalResponse,
    MaxPool,
    Residual,
    Sigmoid,
    backward,
    forward,
    masks,
    output_shape,
    run,
    split_at_map,
    weight_shapes,
)
from mrnn_np.vision.pooling import (
    average_pool_backward,
    average_pool_forward,
    global_average_pool_backward,
    global_average_pool_forward,
    max_pool_backward,
    max_pool_forward,
)
from mrnn_np.vision.windows import all_windows, blocks, margins, output_size, pad

PICTURE = np.arange(9.0).reshape(1, 3, 3, 1)  # 0 1 2 / 3 4 5 / 6 7 8


def test_convolution_by_hand():
    kernel = np.array([[1.0, 0.0], [0.0, -1.0]]).reshape(1, 2, 2, 1)
    y, _ = conv2d_forward(PICTURE, kernel, np.array([10.0]))
    # Each window's upper left less its lower right is -4, and the bias is 10.
    assert y[0, :, :, 0].tolist() == [[6, 6], [6, 6]]
    y, _ = conv2d_forward(PICTURE, kernel, np.array([0.0]), stride=2, padding=1)
    # Padded: a row and a column of zeros all round.  Windows begin at padded (0, 0), (0, 2), (2, 0) and (2, 2).
    assert y[0, :, :, 0].tolist() == [[-0.0, -2], [-6, 4 - 8]]


def test_kernels_add_up_channels_and_make_channels():
    x = np.array([[[[1.0, 10.0]]]])
    K = np.array([[2.0, 3.0], [5.0, 7.0], [0.0, 1.0]]).reshape(3, 1, 1, 2)
    y, cache = conv2d_forward(x, K, np.zeros(3))
    assert y.ravel().tolist() == [32, 75, 10]
    dx, dK, db = conv2d_backward(np.array([[[[1.0, 0.0, 2.0]]]]), cache)
    assert dx.ravel().tolist() == [2, 5]
    assert dK.reshape(3, 2).tolist() == [[1, 10], [0, 0], [2, 20]]
    assert db.tolist() == [1, 0, 2]


def test_the_first_layer_may_do_without_dx():
    _, cache = conv2d_forward(PICTURE, np.ones((1, 2, 2, 1)), np.zeros(1))
    dx, dK, _ = conv2d_backward(np.ones((1, 2, 2, 1)), cache, need_dx=False)
    assert dx is None
    assert dK.ravel().tolist() == [8, 12, 20, 24]


def test_depthwise_by_hand():
    x = np.stack([PICTURE[..., 0], 10 * PICTURE[..., 0]], axis=-1)
    K = np.zeros((2, 2, 2))
    K[0, 1] = [1, 2]  # the upper right pixel, times 1 in one channel and 2 in the other
    y, _ = depthwise_forward(x, K, np.array([0.0, 0.5]))
    assert y[0, :, :, 0].tolist() == [[1, 2], [4, 5]]
    assert y[0, :, :, 1].tolist() == [[20.5, 40.5], [80.5, 100.5]]


@pytest.mark.parametrize(("stride", "padding"), [(1, "same"), (2, "same"), (1, 0), (3, 4)])
def test_depthwise_is_what_its_windows_say_however_the_work_is_cut(stride, padding, monkeypatch):
    rng = np.random.default_rng(0)
    x, K, b = rng.normal(size=(2, 7, 8, 4)), rng.normal(size=(3, 3, 4)), rng.normal(size=4)
    expected = (all_windows(pad(x, 3, stride, padding), 3, stride) * K).sum(axis=(3, 4)) + b
    for size in (1, 1000, 2**20):
        monkeypatch.setattr(depthwise, "CACHE_BYTES", size)
        assert np.allclose(depthwise_forward(x, K, b, stride, padding)[0], expected, rtol=1e-12)


def test_pooling_by_hand():
    assert max_pool_forward(PICTURE, 2, 1)[0].ravel().tolist() == [4, 5, 7, 8]
    assert average_pool_forward(PICTURE, 2, 1)[0].ravel().tolist() == [2, 3, 5, 6]
    assert global_average_pool_forward(PICTURE)[0].tolist() == [[4]]


def test_windows_that_do_not_fit_are_left_out():
    assert max_pool_forward(PICTURE, 2, 2)[0].ravel().tolist() == [4]


def test_of_equals_the_first_gets_the_gradient():
    _, cache = max_pool_forward(np.ones((1, 2, 2, 1)), 2, 2)
    assert max_pool_backward(np.full((1, 1, 1, 1), 5.0), cache).ravel().tolist() == [5, 0, 0, 0]


def test_rectifiers():
    z = np.array([-1.0, 0.0, 2.0, 7.0])
    y = f2(z)
    assert y.tolist() == [0, 0, 2, 7]
    assert times_slope(np.ones(4), y, RELU).tolist() == [0, 0, 1, 1]
    y = relu6(z)
    assert y.tolist() == [0, 0, 2, 6]
    assert times_slope(np.ones(4), y, RELU6).tolist() == [0, 0, 1, 0]
    assert z.tolist() == [-1, 0, 2, 7]
    f2(z, out=z)
    assert z.tolist() == [0, 0, 2, 7]


def test_local_response_by_hand():
    y, cache = local_response_forward(np.array([1.0, 2.0, 3.0]), n=3, k=1.0, alpha=3.0, beta=1.0)
    # 1 + (sum of squares of a channel and its neighbours): 1 + 5, 1 + 14, 1 + 13
    assert y == pytest.approx([1 / 6, 2 / 15, 3 / 14])
    # With s of 6, 15 and 14 and dy = (1, 0, 0): y[0] = x[0] / s[0] alone counts, dy[0] / dx[0] = 1/6 - 2 / 36, and
    # x[1] is in s[0] too: -2 x[0] x[1] / 36.
    assert local_response_backward(np.array([1.0, 0, 0]), cache) == pytest.approx([1 / 6 - 2 / 36, -4 / 36, 0])


def test_sigmoid_loss_by_hand():
    z = np.array([[0.0, np.log(3.0)], [5000.0, -5000.0]])
    labels = np.array([[True, False], [True, True]])
    bits, cache = sigmoid_loss_forward(z, labels)
    # Even chances cost 1 bit; odds of 3 to 1 against the truth cost 2; a score of -5000 for the truth 5000 / ln 2,
    # though e^5000 is no float.
    assert bits == pytest.approx([1 + 2, 5000 / np.log(2)])
    dz = sigmoid_loss_backward(np.array([1.0, 2.0]), cache)
    assert dz * np.log(2) == pytest.approx(np.array([[-0.5, 0.75], [0, -2]]))


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "expected"),
    [
        (224, 3, 2, (0, 1)),
        (112, 5, 2, (1, 2)),
        (7, 3, 2, (1, 1)),
        (7, 5, 1, (2, 2)),
        (8, 1, 2, (0, 0)),
        (5, 2, 1, (0, 1)),
    ],
)
def test_same_padding_is_that_of_tensorflow(size, kernel, stride, expected):
    assert margins(size, kernel, stride, "same") == expected
    assert output_size(size, kernel, stride, "same") == -(-size // stride)


def test_nothing_is_copied_where_nothing_is_padded():
    assert pad(PICTURE, 1, 1, "same") is PICTURE
    assert pad(PICTURE, 3, 1, 1).shape == (1, 5, 5, 1)


@pytest.mark.parametrize("block_bytes", [1, 50, 100, 10**6])
def test_blocks_cover_everything_once_and_keep_their_bound(block_bytes):
    seen = np.zeros((5, 7), int)
    for pictures, rows in blocks(5, 7, 10, block_bytes):
        seen[pictures, rows] += 1
        assert (pictures.stop - pictures.start) * (rows.stop - rows.start) * 10 <= max(10, block_bytes)
        assert pictures.stop - pictures.start == 1 or (rows.start, rows.stop) == (0, 7)
    assert (seen == 1).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_layers_keep_the_dtype_and_leave_their_arguments_alone(dtype):
    rng = np.random.default_rng(0)
    x, K, b = (rng.normal(size=shape).astype(dtype) for shape in ((2, 6, 6, 3), (4, 3, 3, 3), (4,)))
    depth, W = K[..., 0].transpose(1, 2, 0)[..., :3].copy(), rng.normal(size=(2, 3)).astype(dtype)
    arguments = [x, K, b, depth, W]
    before = [argument.copy() for argument in arguments]
    steps = [
        (conv2d_forward(x, K, b, 2, 1), conv2d_backward),
        (depthwise_forward(x, depth, b[:3], 2, "same"), depthwise_backward),
        (max_pool_forward(x, 3, 2), max_pool_backward),
        (average_pool_forward(x, 3, 2), average_pool_backward),
        (global_average_pool_forward(x), global_average_pool_backward),
        (local_response_forward(x), local_response_backward),
        (dense_forward(x[0, 0], W, b[:2]), dense_backward),
        ((f2(x),) * 2, lambda dy, y: times_slope(dy, y, RELU)),
        ((relu6(x),) * 2, lambda dy, y: times_slope(dy, y, RELU6)),
    ]
    for (y, cache), back in steps:
        first = back(np.ones_like(y), cache)
        again = back(np.ones_like(y), cache)
        dx, dx_again = (result[0] if isinstance(result, tuple) else result for result in (first, again))
        assert y.dtype == dx.dtype == dtype
        assert np.array_equal(dx, dx_again)
    assert sigmoid_loss_forward(x[0, 0], np.ones((6, 3), bool))[0].dtype == dtype
    for argument, copy in zip(arguments, before, strict=True):
        assert np.array_equal(argument, copy)


def test_memory_is_bounded_by_the_block(monkeypatch):
    sizes = []

    class Spy:
        def __getattr__(self, name):
            return getattr(np, name)

        def matmul(self, a, b, out):
            sizes.append(a.nbytes)
            return np.matmul(a, b, out=out)

    monkeypatch.setattr(conv2d, "get_xp", lambda x: Spy())
    monkeypatch.setattr(conv2d, "BLOCK_BYTES", 10_000)
    rng = np.random.default_rng(0)
    conv2d_forward(rng.normal(size=(3, 20, 20, 2)), rng.normal(size=(4, 3, 3, 2)), np.zeros(4))
    assert len(sizes) > 10
    assert max(sizes) <= 10_000


NETWORK = (
    Conv("conv", 4, 3, padding=1, activation="relu6"),
    Residual((Depthwise("depthwise", 3, padding=1), Conv("narrow", 4, 1, activation="none"))),
    LocalResponse(3, 1.0, 2.0, 0.5),
    MaxPool(2, 2),
    AveragePool(2, 2),
    Flatten(),
    Dropout("drop", 0.25),
    Dense("scores", 3, activation="none"),
    Sigmoid(),
)


def network_weights(rng):
    return {name: rng.normal(size=shape) for name, shape in weight_shapes(NETWORK, (8, 12, 2)).items()}


def test_a_network_is_what_its_rows_say():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 8, 12, 2)), network_weights(rng)
    a = np.clip(conv2d_forward(x, w["conv.K"], w["conv.b"], padding=1)[0], 0, 6)
    inner = np.maximum(depthwise_forward(a, w["depthwise.K"], w["depthwise.b"], padding=1)[0], 0)
    a = a + conv2d_forward(inner, w["narrow.K"], w["narrow.b"])[0]
    a = local_response_forward(a, 3, 1.0, 2.0, 0.5)[0]
    a = average_pool_forward(max_pool_forward(a, 2, 2)[0], 2, 2)[0]
    expected = 1 / (1 + np.exp(-a.reshape(2, -1) @ w["scores.W"].T - w["scores.b"]))
    assert np.allclose(run(NETWORK, w, x), expected, rtol=1e-12)


def test_what_is_dropped_neither_counts_nor_learns():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(40, 8, 12, 2)), network_weights(rng)
    drawn = masks(NETWORK, (8, 12, 2), 40, rng)
    assert drawn.keys() == {"drop.mask"}
    mask = drawn["drop.mask"]
    assert mask.shape == (40, 24)
    assert set(np.unique(mask)) == {0, np.float32(1 / 0.75)}
    assert abs((mask == 0).mean() - 0.25) < 0.05
    y, caches = forward(NETWORK, w | drawn, x)
    flat = run(NETWORK[:6], w, x)
    assert np.allclose(y, run(NETWORK[7:], w, flat * mask), rtol=1e-12)
    d_flat, grads = backward(NETWORK[6:], y, caches[6:])
    assert (d_flat[mask == 0] == 0).all()
    assert (d_flat[mask > 0] != 0).all()
    assert grads.keys() == {"scores.W", "scores.b"}


def test_shapes_follow_from_the_rows():
    shape, shapes = (8, 12, 2), []
    for layer in (*NETWORK[:5], GlobalAveragePool()):
        shape = output_shape(layer, shape)
        shapes.append(shape)
    assert shapes == [(8, 12, 4), (8, 12, 4), (8, 12, 4), (4, 6, 4), (2, 3, 4), (4,)]
    assert weight_shapes(NETWORK, (8, 12, 2))["scores.W"] == (3, 24)


def test_back_to_the_pictures_to_the_weights_or_to_both():
    rng = np.random.default_rng(0)
    w, x = network_weights(rng), rng.normal(size=(2, 8, 12, 2))
    y, caches = forward(NETWORK, w, x)
    assert np.array_equal(y, run(NETWORK, w, x))
    dy = rng.normal(size=y.shape)
    dx, grads = backward(NETWORK, dy, caches)
    assert dx.shape == x.shape
    assert {name: grad.shape for name, grad in grads.items()} == weight_shapes(NETWORK, (8, 12, 2))
    no_dx, grads_alone = backward(NETWORK, dy, caches, need_dx=False)
    dx_alone, no_grads = backward(NETWORK, dy, caches, need_grads=False)
    assert no_dx is None
    assert no_grads == {}
    assert np.array_equal(dx, dx_alone)
    assert all(np.array_equal(grads[name], grads_alone[name]) for name in grads)


@pytest.mark.parametrize("in_a_block", [False, True])
def test_running_keeps_no_map_longer_than_the_next_needs_it(in_a_block):
    rows = tuple(Conv(f"conv{i}", 16, 1, activation="relu6") for i in range(6))
    network = (Residual(rows),) if in_a_block else rows
    x = np.ones((1, 64, 64, 16), np.float32)
    w = {name: np.zeros(shape, np.float32) for name, shape in weight_shapes(network, x.shape[1:]).items()}
    tracemalloc.start()
    try:
        run(network, w, x)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # One map and the one that is made of it.
    assert peak < 2.5 * x.nbytes


def test_a_block_that_comes_first_needs_no_dx_either():
    rng = np.random.default_rng(0)
    network = (Residual((Conv("conv", 2, 3, padding=1),)), Flatten())
    w = {"conv.K": rng.normal(size=(2, 3, 3, 2)), "conv.b": np.zeros(2)}
    y, caches = forward(network, w, rng.normal(size=(1, 4, 4, 2)))
    dx, grads = backward(network, y, caches, need_dx=False)
    assert dx is None
    assert np.array_equal(grads["conv.K"], backward(network, y, caches)[1]["conv.K"])


def test_the_last_map_is_that_of_the_last_convolution():
    to_map, from_map = split_at_map(NETWORK)
    assert to_map == NETWORK[:2]
    assert from_map == NETWORK[2:]


def test_all_backends_compute_the_same(backend):
    from mrnn_np.backend import choose_backend

    numpy_cases = vision_cases(choose_backend("numpy"))
    for case, expected in zip(vision_cases(backend), numpy_cases, strict=True):
        arrays = {name: backend.asarray(value) for name, value in case.inputs.items()}
        assert float(case.cost(arrays)) == pytest.approx(float(expected.cost(expected.inputs)), rel=1e-10)
        for name, gradient in case.gradients(arrays).items():
            wanted = expected.gradients(expected.inputs)[name]
            assert np.allclose(backend.to_numpy(gradient), wanted, rtol=1e-9, atol=1e-12)


def test_networks_run_on_all_backends(backend):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 8, 12, 2)), network_weights(rng)
    on_device = {name: backend.asarray(value) for name, value in w.items()}
    assert np.allclose(backend.to_numpy(run(NETWORK, on_device, backend.asarray(x))), run(NETWORK, w, x), rtol=1e-10)
