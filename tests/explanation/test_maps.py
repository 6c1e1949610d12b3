"""From a word back to the pixels: gradients of both networks together, and what each map promises."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from mrnn_np.backend import choose_backend
from mrnn_np.data.features import Standardiser
from mrnn_np.data.vocabulary import END
from mrnn_np.explanation import maps
from mrnn_np.explanation.maps import MAPS, TwoNetworks, last_map, smooth, strongest
from mrnn_np.gradients.methods import central_difference, relative_error
from mrnn_np.model.general import build_model
from mrnn_np.model.params import Params, layout_size
from mrnn_np.model.presets import PRESETS
from mrnn_np.scenes.cnn import initial_weights
from mrnn_np.training.checkpoint import load_checkpoint
from mrnn_np.vision.cnn import Cnn, Design, load_cnn
from mrnn_np.vision.network import (
    AveragePool,
    Conv,
    Dense,
    Depthwise,
    Flatten,
    GlobalAveragePool,
    Residual,
    Sigmoid,
    weight_shapes,
)
from mrnn_np.vision.preprocessing import Preprocessing

NUMPY = choose_backend("numpy")
SENTENCE = np.array([3, 5, 4, 3, END])
SIZE = 12
CNNS = {
    "ends in a mean": (
        Conv("stem", 4, kernel=3, stride=2, padding="same", activation="relu6"),
        Residual((Depthwise("depthwise", 3, padding="same"), Conv("project", 4, kernel=1, activation="none"))),
        Conv("head", 6, kernel=1, activation="relu6"),
        GlobalAveragePool(),
    ),
    "ends in probabilities": (
        Conv("conv1", 4, kernel=3, stride=2, padding=1),
        Conv("conv2", 5, kernel=3, padding=1),
        AveragePool(2, 2),
        Flatten(),
        Dense("hidden", 6),
        Dense("attributes", 6, activation="none"),
        Sigmoid(),
    ),
}


def made(cnn, name="m-rnn", dtype=np.float64):
    """Two small networks of random weights, one of them a preset's model, and a picture."""
    rng = np.random.default_rng(1)
    design = Design(CNNS[cnn], "layer", Preprocessing("whole", SIZE, (120.0, 110.0, 130.0), (60.0, 50.0, 70.0)))
    weights = {
        key: (rng.uniform(0.1, 0.5, shape) if key.endswith(".b") else rng.normal(0, 0.3, shape)).astype(dtype)
        for key, shape in weight_shapes(design.network, (SIZE, SIZE, 3)).items()
    }
    choice = PRESETS[name].design
    model = build_model(9, 6, choice, 4, 5, 7, d_r=4 if choice.recurrence in ("lstm", "gru") else 0)
    params = Params(model.layout, rng.normal(0, 0.7, layout_size(model.layout)).astype(dtype))
    scaling = Standardiser(rng.normal(0, 1, 6).astype(np.float32), rng.uniform(0.2, 0.5, 6).astype(np.float32))
    picture = Image.fromarray(rng.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8))
    return TwoNetworks(model, params, scaling, Cnn(design, weights, {}, NUMPY), NUMPY), picture


def bits_of_pixels(two, x):
    """The bits of all words, (T,), as a function of the colours, in float64 all the way."""
    I, _, caches = two.cnn.forward(two.cnn.design.preprocessing.scaled(x[None]))
    standardised = (I - two.standardiser.mean) / two.standardiser.scale
    return two.word_bits(SENTENCE, standardised)[:, 0], standardised, caches


@pytest.mark.parametrize("name", ["m-rnn", "nic"])
@pytest.mark.parametrize("cnn", CNNS)
def test_the_whole_way_from_a_captions_bits_to_the_pixels(cnn, name):
    two, picture = made(cnn, name)
    x, c = np.asarray(picture, np.float64), np.random.default_rng(3).normal(0, 1, len(SENTENCE))
    _, I, caches = bits_of_pixels(two, x)
    _, dx = two.cnn.backward(np.tensordot(c, two.word_gradients(SENTENCE, I), 1), caches)
    # The step of the difference is 3e-3 of the 256 colours: a smaller one drowns in the last digits of the bits.
    numeric = central_difference(lambda x: c @ bits_of_pixels(two, x)[0], x, h=3e-3)
    assert relative_error(numeric, dx[0]) < 1e-7
    assert np.abs(dx).max() > 0


@pytest.mark.parametrize("name", sorted(PRESETS.keys() - {"rnn-base", "simple-rnn"}))
def test_a_words_gradient_is_its_own_and_its_images_own(name):
    two, _ = made("ends in a mean", name)
    I = np.random.default_rng(2).normal(0, 1, (3, 6))
    found = two.word_gradients(SENTENCE, I)
    assert found.shape == (len(SENTENCE), 3, 6)
    for t in range(len(SENTENCE)):
        numeric = central_difference(lambda I, t=t: two.word_bits(SENTENCE, I)[t].sum(), I, h=1e-4)
        assert relative_error(numeric / two.standardiser.scale, found[t]) < 1e-7


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_where_features_are_a_mean_the_places_of_the_last_map_share_the_gradient_times_them(dtype):
    two, picture = made("ends in a mean", dtype=dtype)
    found = last_map(two, SENTENCE, picture)
    I, A, _ = two.cnn.forward(two.cnn.design.preprocessing.scaled(np.asarray(picture, dtype)[None]))
    np.testing.assert_allclose(I, A.mean(axis=(1, 2)), rtol=1e-5)
    for shares, dI in zip(found, two.word_gradients(SENTENCE, two.standardiser.apply(I)), strict=True):
        assert shares.shape == A.shape[1:3]
        assert shares.sum() == pytest.approx(float((dI * I).sum()), rel=1e-4, abs=1e-5)
    assert len({round(float(shares.sum()), 3) for shares in found}) == len(SENTENCE)


@pytest.mark.parametrize("cnn", CNNS)
def test_the_shares_of_the_integrated_map_add_up_to_what_was_gained_on_the_way(cnn, monkeypatch):
    monkeypatch.setattr(maps, "STEPS", 64)
    two, picture = made(cnn)
    x = np.asarray(picture, np.float32)
    starts = [picture.filter(maps.ImageFilter.GaussianBlur(blur * SIZE)) for blur in maps.BLURS]
    starts = np.stack([*(np.asarray(start, np.float32) for start in starts), np.full_like(x, x.mean(axis=(0, 1)))])
    gained = two.word_bits(SENTENCE, two.look(x[None])) - two.word_bits(SENTENCE, two.look(starts))
    shares = np.sum(MAPS["integrated"](two, SENTENCE, picture, None), axis=(1, 2))
    np.testing.assert_allclose(shares, gained.mean(axis=1), rtol=0.02, atol=0.01)
    assert np.abs(shares).max() > 0.1


def test_the_map_of_a_word_alone_adds_up_to_what_it_gains_as_the_first_word(monkeypatch):
    monkeypatch.setattr(maps, "STEPS", 64)
    two, picture = made("ends in probabilities")
    x = np.asarray(picture, np.float32)
    starts = [picture.filter(maps.ImageFilter.GaussianBlur(blur * SIZE)) for blur in maps.BLURS]
    starts = np.stack([*(np.asarray(start, np.float32) for start in starts), np.full_like(x, x.mean(axis=(0, 1)))])
    found = MAPS["alone"](two, SENTENCE, picture, [2, 0, 3])
    for shares, word in zip(found, SENTENCE[[2, 0, 3]], strict=True):
        first = np.array([word])
        gained = two.word_bits(first, two.look(x[None])) - two.word_bits(first, two.look(starts))
        assert shares.sum() == pytest.approx(float(gained.mean()), rel=0.02, abs=0.01)
    np.testing.assert_array_equal(found[1], found[2])  # the same word at two places of the sentence
    assert np.abs(found[0] - found[1]).max() > 1e-3


def test_the_pixel_map_is_the_slope_along_the_way_from_the_mean_colour():
    two, picture = made("ends in probabilities")
    x = np.asarray(picture, np.float64)
    x0 = x.mean(axis=(0, 1))
    for t, shares in enumerate(MAPS["pixels"](two, SENTENCE, picture, None)):
        assert shares.shape == (SIZE, SIZE)
        ahead, behind = (bits_of_pixels(two, x0 + along * (x - x0))[0][t] for along in (1.0001, 0.9999))
        assert shares.sum() == pytest.approx((ahead - behind) / 2e-4, rel=1e-3, abs=1e-4)


def test_occlusion_paints_over_one_square_after_the_other():
    two, picture = made("ends in a mean")
    x = np.asarray(picture, np.float32)
    found = MAPS["occlusion"](two, SENTENCE, picture, None)
    assert [shares.shape for shares in found] == [(12, 12)] * len(SENTENCE)
    painted = x.copy()
    painted[2:5, 6:9] = x.mean(axis=(0, 1))  # around the pixel in row 3 and column 7
    fall = two.word_bits(SENTENCE, two.look(x[None])) - two.word_bits(SENTENCE, two.look(painted[None]))
    np.testing.assert_allclose([shares[3, 7] for shares in found], fall[:, 0], atol=1e-5)


@pytest.mark.parametrize("name", MAPS)
def test_a_model_that_ignores_the_picture_has_an_empty_map(name):
    two, picture = made("ends in a mean", dtype=np.float32)
    two.params["V_I"][...] = 0
    assert not np.any(MAPS[name](two, SENTENCE, picture, None))


def test_the_strongest_place_of_a_coarse_map_is_the_middle_of_its_cell():
    shares = np.zeros((6, 6), np.float32)
    shares[1, 4] = 1
    row, column = strongest(shares, 96)
    assert abs(row - 23.5) <= 1
    assert abs(column - 71.5) <= 1


def test_one_loud_pixel_is_not_stronger_than_many_neighbours():
    shares = np.zeros((96, 96), np.float32)
    shares[10, 10] = 3
    shares[60:66, 20:26] = 1
    row, column = strongest(shares, 96)
    assert 60 <= row < 66
    assert 20 <= column < 26
    assert smooth(shares, 16).shape == (16, 16)


@pytest.fixture(scope="module")
def trained():
    """The captioner of the notebooks and the scene CNN."""
    checkpoint = load_checkpoint("scenes")
    params = checkpoint.params.with_theta(checkpoint.params.theta.astype(np.float32))
    two = TwoNetworks(checkpoint.model, params, checkpoint.standardiser, load_cnn("scene", None, NUMPY), NUMPY)
    return two, checkpoint.vocabulary


@pytest.mark.parametrize("which", ["captioner", "CNN"])
@pytest.mark.parametrize("name", MAPS)
def test_randomised_weights_make_other_maps(trained, name, which):
    """The sanity check of Adebayo et al. 2018: a map that hardly depends on the networks shows the picture alone."""
    from mrnn_np.scenes.render import render
    from mrnn_np.scenes.world import Relation, Scene, Thing

    two, vocabulary = trained
    things = (Thing("dog", "brown", action="sit"), Thing("house", "red"))
    picture = render(Scene("field", "day", "sun", things, (Relation(0, "left", 1),)))
    sentence = vocabulary.encode("a brown dog sits next to a red house".split())
    words = [2, 8]  # dog, house

    def shown(two):
        return [smooth(shares, 32).ravel() for shares in MAPS[name](two, sentence, picture, words)]

    def randomised(rng):
        if which == "CNN":
            return replace(two, cnn=replace(two.cnn, weights=initial_weights(two.cnn.design.network, rng)))
        theta = np.concatenate([rng.normal(0, np.std(two.params[s]), two.params[s].size) for s in two.params])
        return replace(two, params=two.params.with_theta(theta.astype(np.float32)))

    # Several draws: a random captioner's slopes lie where things are too, of a sign of their own in each draw.
    ours, draws = shown(two), [shown(randomised(np.random.default_rng(seed))) for seed in range(8)]
    pairs = [pair for theirs in draws for pair in zip(ours, theirs, strict=True)]
    assert np.mean([np.corrcoef(a, b)[0, 1] if np.ptp(b) else 0.0 for a, b in pairs]) < 0.3
