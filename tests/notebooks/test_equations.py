"""Equations of the paper that no layer's own test holds whole, each against its words in NumPy."""

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.data.examples import Examples
from mrnn_np.data.vocabulary import END, START
from mrnn_np.evaluation.perplexity import bits_per_word
from mrnn_np.layers.softmax import softmax_log2
from mrnn_np.model.general import General
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.presets import PRESETS

M = 7


def test_the_simple_rnn_guesses_by_softmax_of_V_r():
    """r(t) = sigmoid(U [w(t); r(t-1)]), y(t) = softmax(V r(t)), with its output bias at 0."""
    model = General(M, 0, PRESETS["simple-rnn"].design, d_w=3)
    params = initial_params(model, np.random.default_rng(0), np.ones(M), np.float64)
    params["U_r"][...] = np.random.default_rng(1).normal(size=(3, 3))
    params["b_y"][...] = 0
    U, V, r = np.hstack([params["E"].T, params["U_r"]]), params["V_y"], np.zeros(3)
    state = model.begin(params, np.zeros((1, 0)))
    for word in (START, 4, 6):
        scores, state = model.step(params, np.array([word]), state)
        r = 1 / (1 + np.exp(-U @ np.concatenate([np.eye(M)[word], r])))
        y = np.exp(V @ r) / np.exp(V @ r).sum()
        assert 2 ** softmax_log2(scores)[0] == pytest.approx(y, rel=1e-12)


def test_perplexity_is_that_of_the_words_one_after_the_other():
    """log2 PPL = -(1/L) sum of log2 P(w_n | w_1 .. w_n-1, I) over all words, END among them."""
    model = MRNN(M, d_I=2, d_e=3, d_w=4, d_m=5)
    params = initial_params(model, np.random.default_rng(0), np.arange(M) + 1.0, np.float64)
    features = np.random.default_rng(1).normal(size=(2, 2))
    sentences = [np.array([4, 3, 6, END]), np.array([5, END])]
    log2_p = []
    for sentence, feature in zip(sentences, features, strict=True):
        state, before = model.begin(params, feature[None]), START
        for word in sentence:
            scores, state = model.step(params, np.array([before]), state)
            likelihood = np.exp(scores[0])
            log2_p.append(np.log2(likelihood[word] / likelihood.sum()))
            before = word
    examples = Examples(sentences, np.arange(2), features.__getitem__)
    assert len(log2_p) == 6
    assert bits_per_word(model, params, examples, choose_backend("numpy")) == pytest.approx(-np.mean(log2_p), rel=1e-12)
