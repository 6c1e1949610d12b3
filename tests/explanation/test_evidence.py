"""Evidence of words: what it is, word by word, and that it adds up to what retrieval ranks by."""

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.data.batches import pack
from mrnn_np.data.vocabulary import END, UNK
from mrnn_np.errors import UserError
from mrnn_np.evaluation.prefix_tree import prefix_tree
from mrnn_np.evaluation.retrieval import log2_mean, retrieval_results
from mrnn_np.evaluation.step_scores import pair_scorer
from mrnn_np.explanation.evidence import Witness
from mrnn_np.model.general import build_model
from mrnn_np.model.params import Params, layout_size
from mrnn_np.model.presets import PRESETS

IMAGES, EACH = 50, 5


def made(name="m-rnn", dtype=np.float64):
    """A small model of a preset, 250 sentences of 50 images, those images and 37 others."""
    design, rng = PRESETS[name].design, np.random.default_rng(0)
    model = build_model(11, 6, design, 4, 5, 7, d_r=4 if design.recurrence in ("lstm", "gru") else 0)
    params = Params(model.layout, rng.normal(0, 0.7, layout_size(model.layout)).astype(dtype))
    sentences = [[np.append(rng.integers(UNK, 9, rng.integers(0, 9)), END) for _ in range(EACH)] for _ in range(IMAGES)]
    features = rng.normal(0, 1, (IMAGES, model.d_I)).astype(dtype)
    return Witness(model, params, choose_backend("numpy"), rng.normal(0, 1, (37, 6)).astype(dtype)), sentences, features


@pytest.mark.parametrize("name", ["m-rnn", "nic", "visual-in-rnn"])
@pytest.mark.parametrize(("dtype", "apart"), [(np.float64, 1e-9), (np.float32, 1e-4)])
def test_it_adds_up_to_what_retrieval_ranks_by(name, dtype, apart):
    witness, sentences, features = made(name, dtype)
    scorer = pair_scorer(
        witness.model, witness.params, prefix_tree([s for of_image in sentences for s in of_image]), witness.backend
    )
    log2_ratio = scorer(features) - log2_mean(scorer(witness.others))
    found = witness.evidence(sentences, features)
    assert [len(of_image) for of_image in found] == [EACH] * IMAGES
    totals = np.array([evidence.bits.sum() for of_image in found for evidence in of_image])
    image_of = np.repeat(np.arange(IMAGES), EACH)
    np.testing.assert_allclose(totals, log2_ratio[image_of, np.arange(len(totals))], rtol=0, atol=apart)
    assert np.abs(totals).max() > 2


def test_the_numbers_that_retrieval_compares_are_those_sums():
    """Each image has its own sentences alone, so ranks from the sums are `retrieval_results` of the command."""
    witness, sentences, features = made()
    every = [s for of_image in sentences for s in of_image]
    scorer = pair_scorer(witness.model, witness.params, prefix_tree(every), witness.backend)
    sums = [[e.bits.sum() for e in of_image] for of_image in witness.evidence([every] * IMAGES, features)]
    image_of = np.repeat(np.arange(IMAGES), EACH)
    expected = retrieval_results(scorer(features), log2_mean(scorer(witness.others)), image_of)
    key = "image -> sentence, P(w|I) / P(w)"
    assert retrieval_results(np.array(sums), np.zeros(len(every)), image_of)[key] == expected[key]


@pytest.mark.parametrize("name", ["m-rnn", "nic"])
def test_each_word_by_hand(name):
    """The mixture follows the sentence: an image weighs as much as the words before are likely for it."""
    witness, sentences, features = made(name)
    found = witness.evidence(sentences, features)

    def log2_probs(sentence, I):
        bits, _ = witness.model.forward(witness.params, pack([sentence], [0], lambda rows: I[None]))
        return -bits

    for image in range(10):
        for sentence, evidence in zip(sentences[image], found[image], strict=True):
            np.testing.assert_allclose(evidence.seen, log2_probs(sentence, features[image]), rtol=0, atol=1e-10)
            given_others = np.exp2([log2_probs(sentence, other) for other in witness.others])
            weights = np.full(len(witness.others), 1 / len(witness.others))
            for t in range(len(sentence)):
                assert evidence.blind[t] == pytest.approx(np.log2(weights @ given_others[:, t]), abs=1e-9)
                weights = weights * given_others[:, t]
                weights /= weights.sum()
            np.testing.assert_array_equal(evidence.bits, evidence.seen - evidence.blind)


def test_a_model_that_ignores_the_image_finds_none():
    witness, sentences, features = made()
    witness.params["V_I"][:] = 0
    for of_image in witness.evidence(sentences, features):
        assert max(np.abs(evidence.bits).max() for evidence in of_image) < 1e-12


def test_the_image_itself_is_all_the_others_there_are():
    witness, sentences, features = made()
    alone = Witness(witness.model, witness.params, witness.backend, features[:1])
    (found,) = alone.evidence(sentences[:1], features[:1])
    assert max(np.abs(evidence.bits).max() for evidence in found) < 1e-12


def test_numbers_that_are_not_finite():
    witness, sentences, features = made()
    witness.params["b_y"][:] = np.nan
    with pytest.raises(UserError, match="not finite"):
        witness.evidence(sentences, features)
