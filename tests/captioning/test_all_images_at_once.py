"""Decoding all images at once in arrays is decoding one after another, sentence by sentence, ties and all.

The models are tables of log2 P in quarters: sums of them are exact, however they are computed, and often equal.
"""

from types import SimpleNamespace

import cuda_on_cpu
import numpy as np
import pytest

from mrnn_np.backend import choose_backend, get_xp
from mrnn_np.captioning import beam
from mrnn_np.captioning.beam import BeamSearch, beam_search
from mrnn_np.captioning.decoder import LOOK_EVERY, Decoder, Hypothesis
from mrnn_np.captioning.one_at_a_time import greedy, sample
from mrnn_np.data.vocabulary import END, START, UNK
from mrnn_np.teaching.beams import ImageSearch

STATES = 97


def first_largest(scores, count):
    """As `largest`, and of equals the first: what the kernel promises."""
    columns = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    return np.take_along_axis(scores, columns, axis=1), columns


class Table(Decoder):
    """A decoder whose next word depends on one number, made of the image and the words so far."""

    @classmethod
    def of(cls, backend, log2):
        decoder = cls(SimpleNamespace(M=log2.shape[1]), SimpleNamespace(theta=log2), backend)
        decoder.__dict__["log2"] = backend.asarray(log2)
        return decoder

    def begin(self, features, prefix=()):
        xp, asarray = self.backend.xp, self.backend.asarray
        log2_prefix = xp.zeros(len(features), self.params.theta.dtype)
        log2_next, state = self.next(asarray(np.full(len(features), START, np.int32)), (asarray(features),))
        for word in prefix:
            log2_prefix = log2_prefix + log2_next[:, word]
            log2_next, state = self.next(asarray(np.full(len(features), word, np.int32)), state)
        return log2_next, state, log2_prefix

    def next(self, ids, state):
        number = (state[0] * 31 + ids * 7 + 5) % STATES
        return self.log2[number], (number,)


def draw_case(seed, dtype=np.float32):
    """A table, images and a search: some end early, some never, some have beams wider than the vocabulary."""
    rng = np.random.default_rng(seed)
    M = int(rng.choice([4, 5, 7, 40]))
    log2 = -rng.integers(1, rng.choice([2, 4, 30]), (STATES, M)) / 4
    log2[rng.random((STATES, M)) < rng.choice([0, 0.3])] = -np.inf
    log2[:, END] += rng.choice([-100, -1, 0, 0.25])
    log2[:, [START, UNK]] = -np.inf
    prefix = tuple(rng.integers(3, M, rng.choice([0, 0, 2])).tolist())
    width = int(rng.choice([1, 2, 3, 8, 40]))
    options = BeamSearch(
        width,
        int(rng.integers(1, width + 1)),
        float(rng.choice([0, 0.5, 1, 2])),
        len(prefix) + int(rng.integers(1, 12)),
    )
    return np.minimum(log2, 0).astype(dtype), rng.integers(0, STATES, rng.integers(1, 8)), options, prefix


def one_after_another(decode, images):
    return [decode(images[i : i + 1]) for i in range(len(images))]


def search_one(decoder, image, options, prefix):
    """Beam search as `mrnn_np.teaching.beams` writes it, on the host."""
    log2_next, state, log2_prefix = decoder.begin(image, prefix)
    search = ImageSearch([tuple(prefix)], log2_prefix.tolist())
    while True:
        scores = [
            (log2_prob + more, parent, word)
            for parent, log2_prob in enumerate(search.log2_probs)
            for word, more in enumerate(log2_next[parent].tolist())
            if log2_prob + more > -np.inf
        ]
        best = sorted(scores, key=lambda way: -way[0])[: 2 * options.width]  # of equals, the first
        parents = search.advance(options, best)
        if search.is_over(options):
            return search.best(options)
        ids = np.array([words[-1] for words in search.alive])
        log2_next, state = decoder.next(ids, (state[0][parents],))


def write_all(decoder, images, prefix, max_length, choose):
    """One sentence per image, word by word; `choose` is asked for the words of all images, of those that ended too."""
    log2_next, state, log2_prefix = decoder.begin(images, prefix)
    written, log2_probs, ended = [list(prefix) for _ in images], log2_prefix.tolist(), set()
    while len(ended) < len(images) and max(map(len, written)) < max_length:
        ids = choose(log2_next)
        for i in set(range(len(images))) - ended:
            written[i].append(int(ids[i]))
            log2_probs[i] += float(log2_next[i, ids[i]])
            if ids[i] == END:
                ended.add(i)
        log2_next, state = decoder.next(ids, state)
    return [
        Hypothesis(tuple(words), log2_prob, END in words) for words, log2_prob in zip(written, log2_probs, strict=True)
    ]


@pytest.fixture(params=[1, 4], ids=["look at every word", "look every four"])
def look(request, monkeypatch):
    for name in LOOK_EVERY:
        monkeypatch.setitem(LOOK_EVERY, name, request.param)
    readable = beam.largest
    # On NumPy any of equals may be found.
    monkeypatch.setattr(
        beam, "largest", lambda scores, count: (first_largest if get_xp(scores) is np else readable)(scores, count)
    )


HOST = choose_backend("numpy")


def seeds(backend):
    """Many on NumPy; where a kernel's threads run one after another, a few that have little to compare."""
    if backend.name == "numpy":
        return range(60)
    small = (seed for seed in range(60) if draw_case(seed)[0].shape[1] * draw_case(seed)[2].width < 60)
    return [next(small) for _ in range(4)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.usefixtures("look")
def test_beam_search(backend, dtype):
    several, early, never = 0, 0, 0
    for seed in seeds(backend):
        log2, images, options, prefix = draw_case(seed, dtype)
        found = beam_search(Table.of(backend, log2), images, options, prefix)
        expected = [search_one(Table.of(HOST, log2), image[None], options, prefix) for image in images]
        assert found == expected, seed
        several += any(len({h.log2_prob for h in each}) < len(each) for each in found)
        early += len({len(h.words) for each in found for h in each}) > 1
        never += any(not h.finished for each in found for h in each)
    # Ties, sentences of different lengths, and unfinished ones do occur.
    assert min(several, early, never) > (8 if backend.name == "numpy" else -1)


@pytest.mark.usefixtures("look")
def test_greedy(backend):
    for seed in seeds(backend):
        log2, images, options, prefix = draw_case(seed)
        log2[:, 3] = np.maximum(log2[:, 3], -50)  # there is always a word
        expected = write_all(Table.of(HOST, log2), images, prefix, options.max_length, lambda x: x.argmax(axis=1))
        assert greedy(Table.of(backend, log2), images, prefix, options.max_length) == expected, seed


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
@pytest.mark.usefixtures("look")
def test_sampling_also_leaves_the_random_numbers_that_it_does_not_need(backend, temperature):
    for seed in seeds(backend):
        log2, images, options, prefix = draw_case(seed)
        log2[:, 3] = np.maximum(log2[:, 3], -50)
        rng, expected_rng = np.random.default_rng(seed), np.random.default_rng(seed)

        def choose(log2_next, rng=expected_rng):
            likelihood = 2.0 ** ((log2_next - log2_next.max(axis=1, keepdims=True)) / np.float32(temperature))
            cumulative = np.cumsum(likelihood, axis=1)
            u = 1 - rng.random((len(log2_next), 1), np.float32)
            return (cumulative < u * cumulative[:, -1:]).sum(axis=1)

        for _ in range(2):  # the second time goes on where the first one stopped
            found = sample(Table.of(backend, log2), images, rng, temperature, prefix, options.max_length)
            assert found == write_all(Table.of(HOST, log2), images, prefix, options.max_length, choose), seed


WAYS = {
    "greedy": lambda d, images, words: greedy(d, images, max_length=words),
    "sample": lambda d, images, words: sample(d, images, np.random.default_rng(0), max_length=words),
    "beam of 1": lambda d, images, words: beam_search(d, images, BeamSearch(1, max_length=words)),
    "beam of 4": lambda d, images, words: beam_search(d, images, BeamSearch(4, max_length=words)),
}
LAUNCHES_IN_4_WORDS = {"greedy": 17, "sample": 45, "beam of 1": 20, "beam of 4": 20}
"""Beside those of the model's step, of which the table's has 6: four times what a word takes, and what a look does."""


def counts_of(strict_cupy, way, images, words):
    """What it takes to write so many words about so many images, when no sentence ends."""
    log2 = -np.random.default_rng(0).uniform(1, 5, (STATES, 9)).astype(np.float32)
    log2[:, END] = -np.inf
    decoder = Table.of(choose_backend("cupy"), log2)
    with strict_cupy.testing_counts() as counts, strict_cupy.set_options(allow_float64=False):
        WAYS[way](decoder, np.arange(images), words)
    return counts


@pytest.mark.parametrize("way", WAYS)
def test_what_a_word_takes_does_not_depend_on_images_or_beams(strict_cupy, way):
    if cuda_on_cpu.COMPILER is None:
        pytest.skip("the kernels need g++")
    taken = []
    for images in (1, 5):
        more = counts_of(strict_cupy, way, images, 8) - counts_of(strict_cupy, way, images, 4)
        taken.append((more["launch"], more["h2d"], more["d2h"], more["sync"]))
    # The host looks once, and brings new random numbers where they are needed.
    assert taken == [(4 * 6 + LAUNCHES_IN_4_WORDS[way], int(way == "sample"), 1, 1)] * 2


def test_images_whose_search_is_over_leave_at_the_next_look(strict_cupy):
    log2 = np.full((STATES, 6), -2.0, np.float32)
    log2[:, [START, UNK]] = -np.inf
    decoder = Table.of(choose_backend("cupy"), log2)
    read = []
    step = decoder.next
    decoder.__dict__["next"] = lambda ids, state: read.append(len(ids)) or step(ids, state)
    greedy(decoder, np.arange(3), max_length=20)
    # END comes first among equals; START is read, and three words that nobody asks for.
    assert read == [3, 3, 3, 3]
