"""From a CNN's features back to its last map and to the colours of the picture."""

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.gradients.methods import complex_slope
from mrnn_np.vision.cnn import Cnn, design_of, load_cnn
from mrnn_np.vision.network import run, split_at_map, weight_shapes

NUMPY = choose_backend("numpy")


def random_cnn(name, size, rng):
    design, weights = design_of(name), {}
    for key, shape in weight_shapes(design.network, (size, size, 3)).items():
        fan_in = np.prod(shape[1:]) if len(shape) != 3 else np.prod(shape[:2])
        weights[key] = 0.1 * rng.normal(size=shape) if key.endswith(".b") else rng.normal(0, (2 / fan_in) ** 0.5, shape)
    return Cnn(design, weights, {}, NUMPY)


@pytest.mark.parametrize(
    ("name", "size", "map_shape"), [("scene", 96, (6, 6, 128)), ("efficientnet-lite0", 64, (2, 2, 1280))]
)
def test_the_slopes_along_any_direction_are_those_of_the_features(name, size, map_shape):
    rng = np.random.default_rng(0)
    cnn = random_cnn(name, size, rng)
    colours = rng.uniform(0, 255, (2, size, size, 3))
    scaled = cnn.design.preprocessing.scaled
    I, last_map, caches = cnn.forward(scaled(colours))
    assert np.array_equal(I, run(cnn.design.network, cnn.weights, scaled(colours)))
    assert last_map.shape == (2, *map_shape)
    dI = rng.normal(size=I.shape)
    d_map, d_colours = cnn.backward(dI, caches)
    _, from_map = split_at_map(cnn.design.network)

    def of_colours(x):
        return (dI * run(cnn.design.network, cnn.weights, scaled(x))).sum()

    def of_map(x):
        return (dI * run(from_map, cnn.weights, x)).sum()

    for f, x, gradient in ((of_colours, colours, d_colours), (of_map, last_map, d_map)):
        direction = rng.normal(size=x.shape)
        assert (gradient * direction).sum() == pytest.approx(complex_slope(f, x, direction), rel=1e-10)


def test_where_features_are_means_the_places_of_the_map_share_a_feature_out_among_them():
    rng = np.random.default_rng(0)
    cnn = random_cnn("efficientnet-lite0", 96, rng)
    I, last_map, caches = cnn.forward(rng.normal(size=(2, 96, 96, 3)))
    dI = rng.normal(size=I.shape)
    d_map, _ = cnn.backward(dI, caches)
    shares = (d_map * last_map).sum(axis=3)
    assert shares.shape == (2, 3, 3)
    assert shares.sum(axis=(1, 2)) == pytest.approx((dI * I).sum(axis=1), rel=1e-12)


def test_the_scene_cnn_goes_back_on_all_backends(backend):
    here, there = load_cnn("scene", None, NUMPY), load_cnn("scene", None, backend)
    rng = np.random.default_rng(0)
    x, dI = rng.normal(size=(1, 96, 96, 3)).astype(np.float32), rng.normal(size=(1, here.width)).astype(np.float32)
    I, last_map, caches = there.forward(backend.asarray(x))
    found = (I, last_map, *there.backward(backend.asarray(dI), caches))
    I, last_map, caches = here.forward(x)
    for ours, expected in zip(found, (I, last_map, *here.backward(dI, caches)), strict=True):
        ours = backend.to_numpy(ours)
        assert ours.dtype == expected.dtype == np.float32
        assert np.linalg.norm(ours - expected) <= 1e-4 * np.linalg.norm(expected)
