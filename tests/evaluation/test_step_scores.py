"""log2 P(sentence | image) of all pairs by the decoding step, of every model, against the models' own forward."""

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.data.batches import pack
from mrnn_np.data.vocabulary import END, UNK
from mrnn_np.evaluation import step_scores
from mrnn_np.evaluation.pair_scores import PairScorer
from mrnn_np.evaluation.prefix_tree import prefix_tree
from mrnn_np.evaluation.step_scores import StepScorer, pair_scorer
from mrnn_np.model.general import build_model
from mrnn_np.model.params import Params, layout_size
from mrnn_np.model.presets import PRESETS


def made(name):
    """A small model of a preset, random parameters, sentences that share beginnings, and five images' features."""
    design, rng = PRESETS[name].design, np.random.default_rng(0)
    model = build_model(11, 6, design, 4, 5, 7, d_r=4 if design.recurrence in ("lstm", "gru") else 0)
    params = Params(model.layout, rng.normal(0, 0.5, layout_size(model.layout)))
    sentences = [np.append(rng.integers(UNK, 6, rng.integers(1, 6)), END) for _ in range(30)]
    sentences += [sentences[3], np.array([END]), np.array([UNK, END])]
    return model, params, sentences, rng.normal(0, 1, (5, model.d_I))


@pytest.mark.parametrize("rows", [1, 17, 1000])
@pytest.mark.parametrize("name", PRESETS)
def test_all_pairs_are_those_of_the_model(rows, name, backend, monkeypatch):
    monkeypatch.setitem(step_scores.ROWS, backend.name, rows)
    model, params, sentences, features = made(name)
    tree, counted = prefix_tree(sentences), []
    on_device = params.with_theta(backend.asarray(params.theta))
    found = StepScorer(model, on_device, tree, backend)(features, counted.append)
    assert found.dtype == np.float64
    for image in range(len(features)):
        for s, sentence in enumerate(sentences):
            bits, _ = model.forward(params, pack([sentence], [image], lambda rows: features[rows]))
            assert found[image, s] == pytest.approx(-bits.sum(), abs=1e-10)
    assert sum(counted) == len(features) * len(tree.contexts)


def test_the_m_rnns_fast_way_finds_the_same():
    model, params, sentences, features = made("m-rnn")
    tree, backend = prefix_tree(sentences), choose_backend("numpy")
    slow, fast = StepScorer(model, params, tree, backend), PairScorer.of(params, tree, backend)
    np.testing.assert_allclose(slow(features), fast(features), rtol=0, atol=1e-10)
    assert isinstance(pair_scorer(model, params, tree, backend), PairScorer)
    other, params, _, _ = made("nic")
    assert isinstance(pair_scorer(other, params, tree, backend), StepScorer)
