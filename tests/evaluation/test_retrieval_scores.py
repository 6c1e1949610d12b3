"""log2 P(sentence | image) of all pairs against the model's own forward, one pair at a time."""

import threading

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.data.batches import pack
from mrnn_np.data.vocabulary import END, UNK
from mrnn_np.evaluation import pair_scores
from mrnn_np.evaluation.pair_scores import PairScorer, scores_are_safe
from mrnn_np.evaluation.prefix_tree import prefix_tree
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params, layout_size

MODEL = MRNN(M=11, d_I=6, d_e=4, d_w=5, d_m=7)


def made():
    """Random parameters, sentences that share beginnings, one of them twice, and the features of five images."""
    rng = np.random.default_rng(0)
    params = Params(MODEL.layout, rng.normal(0, 0.5, layout_size(MODEL.layout)))
    params["b_y"][:] = -rng.random(MODEL.M) * 4
    sentences = [np.append(rng.integers(UNK, 6, rng.integers(1, 6)), END) for _ in range(30)]
    sentences += [sentences[3], np.array([END]), np.array([UNK, END])]
    return params, sentences, rng.normal(0, 1, (5, MODEL.d_I))


def one_by_one(params, sentences, features):
    """The same numbers by `MRNN.forward` on a batch of one sentence."""

    def log2_prob(sentence, image):
        bits, _ = MODEL.forward(params, pack([sentence], [image], lambda rows: features[rows]))
        return -bits.sum()

    return np.array([[log2_prob(sentence, image) for sentence in sentences] for image in range(len(features))])


@pytest.mark.parametrize("rows", [1, 17, 1000])
def test_all_pairs_are_those_of_the_model(rows, backend, monkeypatch):
    monkeypatch.setitem(pair_scores.ROWS, backend.name, rows)
    params, sentences, features = made()
    on_device = params.with_theta(backend.asarray(params.theta))
    tree, counted = prefix_tree(sentences), []
    found = PairScorer.of(on_device, tree, backend)(features, counted.append)
    assert scores_are_safe(on_device)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, one_by_one(params, sentences, features), rtol=0, atol=1e-10)
    assert sum(counted) == len(features) * len(tree.contexts)


def test_pairs_scored_by_two_threads(two_threads, monkeypatch):
    monkeypatch.setitem(pair_scores.ROWS, "numpy", 17)
    params, sentences, features = made()
    tree, counted, here = prefix_tree(sentences), [], threading.current_thread()
    found = PairScorer.of(params, tree, choose_backend("numpy"))(
        features, lambda rows: counted.append((rows, threading.current_thread()))
    )
    np.testing.assert_allclose(found, one_by_one(params, sentences, features), rtol=0, atol=1e-10)
    assert sum(rows for rows, _ in counted) == len(features) * len(tree.contexts)
    assert {thread for _, thread in counted} == {here}  # a progress bar is not safe to tell from several


def test_scores_too_large_for_exp():
    params, sentences, features = made()
    params["V_y"][:] *= 1000
    scorer = PairScorer.of(params, prefix_tree(sentences), choose_backend("numpy"))
    assert not scores_are_safe(params)
    expected = one_by_one(params, sentences, features)
    assert expected.min() < -5000
    np.testing.assert_allclose(scorer(features), expected, rtol=1e-12, atol=1e-10)


def test_float32_at_the_limit_of_what_is_safe():
    params, sentences, features = made()
    largest = abs(params["V_y"]).sum(axis=1).max() * 1.7159
    params["V_y"][:] *= (pair_scores.SAFE_SCORE - 0.01 - abs(params["b_y"]).max()) / largest
    params["V_w"][:] *= 20  # drives m to its limits
    assert scores_are_safe(params)
    single = params.with_theta(params.theta.astype(np.float32))
    found = PairScorer.of(single, prefix_tree(sentences), choose_backend("numpy"))(features.astype(np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, one_by_one(params, sentences, features), rtol=1e-5, atol=1e-3)
    params["V_y"][:] *= 1.01
    assert not scores_are_safe(params)
