"""Greedy, sampling and beam search, on a vocabulary small enough to write every sentence there is."""

import itertools

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.captioning.beam import BeamSearch, beam_search
from mrnn_np.captioning.decoder import Decoder
from mrnn_np.captioning.one_at_a_time import greedy, sample
from mrnn_np.data.batches import pack, unpack
from mrnn_np.data.vocabulary import END, START, UNK
from mrnn_np.model.general import build_model
from mrnn_np.model.params import Params, layout_size
from mrnn_np.model.presets import PRESETS

M, WORDS, LENGTH = 6, (3, 4, 5), 4


def decoder_of(seed, size=0.7, vocabulary=M, end_bias=0.0, name="m-rnn"):
    design = PRESETS[name].design
    model = build_model(vocabulary, 3, design, 4, 5, 6, d_r=4 if design.recurrence in ("lstm", "gru") else 0)
    params = Params(model.layout, np.random.default_rng(seed).normal(0, size, layout_size(model.layout)))
    params["b_y"][END] += end_bias
    return Decoder(model, params, choose_backend("numpy"))


def images(seed, count=5, name="m-rnn"):
    return np.random.default_rng(seed + 100).normal(size=(count, 3 if PRESETS[name].design.image else 0))


def log2_prob(decoder, image, words):
    """log2 P(words | image) by the training forward pass."""
    batch = pack([np.array(words)], [0], lambda rows: image[None])
    return -decoder.model.forward(decoder.params, batch)[0].sum()


def every_sentence(prefix=()):
    """Every sentence of up to LENGTH words that begins with `prefix` and ends with END."""
    for length in range(LENGTH):
        for words in itertools.product(WORDS, repeat=length):
            if words[: len(prefix)] == tuple(prefix):
                yield (*words, END)


CASES = [*(("m-rnn", seed) for seed in range(3)), *((name, 3) for name in PRESETS)]
"""Models and seeds: the m-RNN more often than its family."""


@pytest.mark.parametrize("length_norm", [0.0, 0.7])
@pytest.mark.parametrize("prefix", [(), (4,)])
@pytest.mark.parametrize(("name", "seed"), CASES)
def test_a_beam_as_wide_as_the_space_finds_the_best_sentences(name, seed, prefix, length_norm):
    decoder, features = decoder_of(seed, name=name), images(seed, 2, name)
    options = BeamSearch(width=200, n_best=5, length_norm=length_norm, max_length=LENGTH)
    for image, found in zip(features, beam_search(decoder, features, options, prefix), strict=True):
        ranked = sorted(
            every_sentence(prefix), key=lambda words: -log2_prob(decoder, image, words) / len(words) ** length_norm
        )
        assert [h.words for h in found] == ranked[:5]
        assert [h.log2_prob for h in found] == pytest.approx([log2_prob(decoder, image, w) for w in ranked[:5]])


@pytest.mark.parametrize("prefix", [(), (3, 5)])
@pytest.mark.parametrize(("name", "seed"), [*CASES, *(("m-rnn", seed) for seed in range(4, 20))])
def test_beam_1_is_greedy(name, seed, prefix):
    decoder, features = decoder_of(seed, name=name), images(seed, name=name)
    one = beam_search(decoder, features, BeamSearch(width=1, length_norm=0, max_length=9), prefix)
    expected = greedy(decoder, features, prefix, max_length=9)
    assert [found[0].words for found in one] == [h.words for h in expected]
    assert [found[0].log2_prob for found in one] == pytest.approx([h.log2_prob for h in expected])
    assert [found[0].finished for found in one] == [h.finished for h in expected]


def test_more_beams_find_likelier_sentences_on_average():
    means = []
    for width in (1, 2, 4, 8):
        found = [
            beam_search(decoder_of(seed, vocabulary=20), images(seed), BeamSearch(width, length_norm=0, max_length=8))
            for seed in range(20)
        ]
        means.append(np.mean([best[0].log2_prob for image in found for best in image]))
    assert means == sorted(means)
    assert means[-1] > means[0]


def test_greedy_takes_the_most_likely_word_each_time():
    decoder, features = decoder_of(3), images(3)
    for image, hypothesis in zip(features, greedy(decoder, features, max_length=6), strict=True):
        words = []
        while len(words) < 6 and END not in words:
            options = [log2_prob(decoder, image, [*words, word]) for word in (END, *WORDS)]
            words.append((END, *WORDS)[int(np.argmax(options))])
        assert hypothesis.words == tuple(words)
        assert hypothesis.log2_prob == pytest.approx(log2_prob(decoder, image, words))


def test_start_and_unk_are_never_written():
    decoder = decoder_of(0)
    decoder.params["b_y"][[START, UNK]] = 50
    features = images(0, 200)
    written = [*greedy(decoder, features), *sample(decoder, features, np.random.default_rng(0))]
    written += [h for found in beam_search(decoder, features, BeamSearch(4, 4, max_length=6)) for h in found]
    assert not {START, UNK} & {word for hypothesis in written for word in hypothesis.words}


def test_a_sentence_that_reaches_the_limit_is_given_unfinished():
    decoder = decoder_of(1, end_bias=-100)
    features = images(1)
    for found in (
        greedy(decoder, features, max_length=7),
        sample(decoder, features, np.random.default_rng(0), max_length=7),
        [best[0] for best in beam_search(decoder, features, BeamSearch(3, max_length=7))],
    ):
        assert [(len(h.words), h.finished) for h in found] == [(7, False)] * len(features)
        assert found[0].log2_prob == pytest.approx(log2_prob(decoder, features[0], found[0].words))


def test_sampled_sentences_occur_as_often_as_the_model_says():
    decoder, image = decoder_of(2), images(2, 1)
    drawn = sample(decoder, np.repeat(image, 20_000, axis=0), np.random.default_rng(0), max_length=LENGTH)
    # Without START and UNK the model's probabilities do not add up to 1: condition on the rest, word by word.
    first = np.array([2 ** log2_prob(decoder, image[0], [word]) for word in (END, *WORDS)])
    expected = first / first.sum()
    counts = np.array([sum(h.words[0] == word for h in drawn) for word in (END, *WORDS)]) / len(drawn)
    assert counts == pytest.approx(expected, abs=0.015)


def test_a_low_temperature_is_greedy_and_a_seed_repeats():
    decoder, features = decoder_of(4), images(4, 8)
    cold = sample(decoder, features, np.random.default_rng(0), temperature=1e-3, max_length=9)
    assert [h.words for h in cold] == [h.words for h in greedy(decoder, features, max_length=9)]
    twice = [sample(decoder, features, np.random.default_rng(7), max_length=9) for _ in range(2)]
    assert twice[0] == twice[1]


class Counting(Decoder):
    """A decoder that remembers how many words it was given each time."""

    def next(self, ids, state):
        self.__dict__.setdefault("read", []).append(len(ids))
        return super().next(ids, state)


@pytest.mark.parametrize("way", [greedy, lambda d, f, p, n: sample(d, f, np.random.default_rng(0), 1.0, p, n)])
@pytest.mark.parametrize("prefix", [(), (3, 5)])
def test_no_word_is_read_that_nobody_asks_for(way, prefix):
    plain, features = decoder_of(35, vocabulary=20, end_bias=0.5), images(35, 40)
    decoder = Counting(plain.model, plain.params, plain.backend)
    written = way(decoder, features, prefix, 30)
    lengths = [len(h.words) for h in written]
    assert len(set(lengths)) > 3
    # START and every word but the last one of a sentence.
    assert decoder.read == [sum(length > t for length in lengths) for t in range(max(lengths))]


def test_a_drawn_sentence_does_not_depend_on_its_neighbours():
    decoder, features = decoder_of(9), images(9, 12)
    alone = sample(decoder, np.repeat(features[:1], 12, axis=0), np.random.default_rng(3), max_length=12)
    among_others = sample(decoder, features, np.random.default_rng(3), max_length=12)
    assert alone[0].words == among_others[0].words
    assert len({h.words for h in alone}) > 6


@pytest.mark.parametrize("name", PRESETS)
def test_images_captioned_together_are_captioned_as_alone(name):
    decoder, features = decoder_of(5, name=name), images(5, 7, name)
    options = BeamSearch(3, 3, max_length=8)
    together = beam_search(decoder, features, options)
    alone = [beam_search(decoder, features[i : i + 1], options)[0] for i in range(7)]
    assert [[h.words for h in found] for found in together] == [[h.words for h in found] for found in alone]


@pytest.mark.parametrize("name", PRESETS)
def test_forward_log2_probabilities_are_those_of_decoding(name):
    decoder, features = decoder_of(6, name=name), images(6, 3, name)
    sentences = [np.array(s) for s in ([3, 4, 5, END], [5, END], [4, 4, END])]
    batch = pack(sentences, [0, 1, 2], features.__getitem__)
    for sentence, image, bits in zip(
        sentences, features, unpack(decoder.model.forward(decoder.params, batch)[0], batch), strict=True
    ):
        *_, log2_prefix = decoder.begin(image[None], sentence)
        assert log2_prefix[0] == pytest.approx(-bits.sum())
