"""The page and the package are one model: the same costs step by step, and the same captions."""

import contextlib
import io

import numpy as np
import pytest

from mrnn_np import minimal
from mrnn_np.backend import choose_backend
from mrnn_np.captioning.decoder import Decoder
from mrnn_np.captioning.one_at_a_time import greedy
from mrnn_np.data.batches import pack
from mrnn_np.data.captions import attach, load_captions
from mrnn_np.data.vocabulary import END, START, UNK, Vocabulary
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params
from mrnn_np.scenes.built_in import scene_features
from mrnn_np.training.sgd import SGD

SIZES = 16, 24, 32


@pytest.fixture(scope="module")
def scenes():
    data, features = load_captions("scenes"), scene_features()
    I = features.values.astype(np.float64)
    I -= I.mean(axis=0)
    return attach(data, features, "train"), 0.4 * I / I.std()


@pytest.fixture
def page(scenes):
    split, I = scenes
    known = minimal.vocabulary([caption for said in split.captions for caption in said])
    p = minimal.initial_parameters(len(known), I.shape[1], *SIZES, np.random.default_rng(0), np.float64)
    return known, {word: number for number, word in enumerate(known)}, p


def ours(p):
    """The package's model, and a copy of the page's parameters in its one vector."""
    model = MRNN(len(p["E"]), p["V_I"].shape[1], *SIZES)
    return model, Params(model.layout, np.concatenate([p[symbol].ravel() for symbol in model.layout]))


def test_the_special_words_are_the_packages():
    assert (minimal.START, minimal.END, minimal.UNK) == (START, END, UNK)
    assert minimal.vocabulary([["b", "a", "b"]], min_count=2) == ["<start>", "<end>", "<unk>", "b"]
    assert minimal.vocabulary([["a"] * 5, ["b"] * 4]) == ["<start>", "<end>", "<unk>", "a"]


def test_a_hundred_costs_are_the_packages(scenes, page):
    split, I = scenes
    known, id_of, p = page
    model, params = ours(p)
    velocity, theirs = {symbol: np.zeros_like(matrix) for symbol, matrix in p.items()}, np.zeros_like(params.theta)
    sentences = [Vocabulary(tuple(known)).encode(caption) for said in split.captions for caption in said]
    rows = np.repeat(split.feature_rows, [len(said) for said in split.captions])
    # At a rate of 0.05 such a small network blows rounding up, and any two orders of a sum part ways in thirty steps.
    order, size, costs = np.random.default_rng(1).permutation(len(sentences))[:5000], 50, []
    for step, batch in enumerate(minimal.batches(split, id_of, I, size, order)):
        cost, g = minimal.cost_and_gradient(p, *batch)
        minimal.sgd(p, g, velocity, 0.02, momentum=0.9, l2=1e-4)

        some = order[step * size : (step + 1) * size]
        packed = pack([sentences[i] for i in some], rows[some], I.__getitem__)
        bits, cache = model.forward(params, packed)
        gradient = model.backward(np.full_like(bits, 1 / len(packed)), cache)
        SGD(l2=1e-4, momentum=0.9).update(params, gradient, theirs, 0.02)
        costs.append((cost, bits.mean()))
    page_costs, package_costs = np.array(costs).T
    assert len(costs) == 100
    assert page_costs == pytest.approx(package_costs, rel=1e-9)
    assert page_costs[-10:].mean() < 0.8 * page_costs[0]


def test_its_captions_are_the_packages(scenes, page):
    split, I = scenes
    *_, p = page
    p["b_y"][minimal.END] = -2
    model, params = ours(p)
    images = I[split.feature_rows[:10]]
    found = greedy(Decoder(model, params, choose_backend("numpy")), images, max_length=20)
    assert minimal.greedy(p, images) == [[k for k in one.words if k != minimal.END] for one in found]


def test_padding_keeps_every_word():
    words, targets, is_word = minimal.pad([[5, 6], [7]])
    assert words.tolist() == [[0, 5, 6], [0, 7, 1]]
    assert targets.tolist() == [[5, 6, 1], [7, 1, 1]]
    assert is_word.tolist() == [[1, 1, 1], [1, 1, 0]]


def test_rare_words_are_unknown():
    assert minimal.vocabulary([["a", "b"], ["b", "a"], ["c"]], 2) == ["<start>", "<end>", "<unk>", "a", "b"]


def test_it_learns_and_speaks(monkeypatch):
    monkeypatch.setattr(minimal, "attach", lambda *split: attach(*split).first(300))
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        minimal.main(epochs=2, batch_size=50)
    first, second, floor, _, *captions = printed.getvalue().splitlines()
    assert 6.5 > float(first.split()[2]) > 5.5 > float(second.split()[2]) + 0.5
    assert "0.963" in floor
    said, by_people = captions[::2], captions[1::2]
    assert len(said) == len(by_people) == 6
    assert all(line.split()[0].startswith("val-") and len(line.split()) > 4 for line in said)


def test_it_is_a_page():
    with open(minimal.__file__) as file:
        assert len(file.readlines()) <= 200
