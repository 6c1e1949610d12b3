"""Greedy decoding and sampling: one sentence per image, one word after another, no way back."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mrnn_np.backend import Array, get_xp
from mrnn_np.captioning.decoder import LOOK_EVERY, MAX_LENGTH, Decoder, Hypothesis, rows_of
from mrnn_np.data.vocabulary import END

Choose = Callable[[Array, Any], Array]
"""From log2_next (rows, M) and, for each row, a random number in (0, 1], (rows, 1), to word ids (rows,).

It is above 0, so that the first word of probability 0 cannot be hit; greedy decoding gets none.
"""


def greedy(
    decoder: Decoder, features: Array, prefix: Sequence[int] = (), max_length: int = MAX_LENGTH
) -> list[Hypothesis]:
    """Write one sentence per row of `features`, host float (B, d_I), always with the most likely next word."""
    return write(decoder, features, lambda log2_next, _: log2_next.argmax(axis=1), prefix, max_length)


def sample(
    decoder: Decoder,
    features: Array,
    rng: np.random.Generator,
    temperature: float = 1.0,
    prefix: Sequence[int] = (),
    max_length: int = MAX_LENGTH,
) -> list[Hypothesis]:
    """Write one sentence per row of `features`, host float (B, d_I), each word drawn from y(t)^(1/temperature).

    Temperature 1 draws from the model's own distribution, near 0 it approaches greedy decoding, above 1 it grows wild.
    START and UNK are never drawn.  The random numbers are the host's, so both backends write the same sentences.
    """

    def choose(log2_next: Array, u: Array) -> Array:
        xp = get_xp(log2_next)
        likelihood = xp.exp2((log2_next - log2_next.max(axis=1, keepdims=True)) / temperature)
        cumulative = xp.cumsum(likelihood, axis=1)
        return (cumulative < u * cumulative[:, -1:]).sum(axis=1)

    return write(decoder, features, choose, prefix, max_length, rng)


def write(
    decoder: Decoder,
    features: Array,
    choose: Choose,
    prefix: Sequence[int],
    max_length: int,
    rng: np.random.Generator | None = None,
) -> list[Hypothesis]:
    """Write one sentence per row of `features`, host float (B, d_I); `choose` picks each word.

    A sentence that has ended leaves the batch when the host looks next: after every word, so that the model reads no
    word that nobody asks for, or after a few on a GPU.
    """
    backend, xp, look_every = decoder.backend, decoder.backend.xp, LOOK_EVERY[decoder.backend.name]
    log2_next, state, log2_prefix = decoder.begin(features, prefix)
    log2_probs = backend.to_numpy(log2_prefix)
    written, lengths = [], np.zeros(len(features), int)
    sentences = np.arange(len(features))  # which one each row of log2_next goes on with
    for length in range(len(prefix) + 1, max_length + 1):
        word = (length - len(prefix) - 1) % look_every
        if word == 0:
            chosen = xp.empty((look_every, 2, len(sentences)), log2_next.dtype)
            rows, u = xp.arange(len(sentences)), [None] * look_every
            if rng is not None:
                before = rng.bit_generator.state
                # Drawn for those that have ended too, so that what is written about an image does not depend on how
                # long other sentences are.
                u = backend.asarray(1 - rng.random((look_every, len(features), 1), np.float32)[:, sentences])
        ids = choose(log2_next, u[word])
        chosen[word, 0], chosen[word, 1] = ids, log2_next[rows, ids]
        if word + 1 == look_every or length == max_length:
            going_on, used = np.full(len(sentences), True), 0
            # The only transfer: two numbers per sentence and word.
            for words, log2_prob in backend.to_numpy(chosen[: word + 1]):
                used += bool(going_on.any())
                some = sentences[going_on]
                written.append(np.full(len(features), END))
                written[-1][some] = words[going_on]
                log2_probs[some] += log2_prob[going_on]
                lengths[some] += 1
                going_on &= words != END
            if rng is not None and used < look_every:  # the other numbers are for whoever draws next
                rng.bit_generator.state = before
                rng.random((used, len(features)), np.float32)
            go_on = np.flatnonzero(going_on)
            if not len(go_on) or length == max_length:
                break
            if len(go_on) < len(sentences):
                on_device = backend.asarray(go_on)
                sentences, ids, state = sentences[go_on], ids[on_device], rows_of(state, on_device)
        del log2_next  # the next may take its place
        log2_next, state = decoder.next(ids, state)  # noqa: RUF059 - read in the next round
    of_sentences = zip(np.transpose(written).tolist(), lengths.tolist(), log2_probs.tolist(), strict=True)
    found = [((*prefix, *words[:length]), log2_prob) for words, length, log2_prob in of_sentences]
    return [Hypothesis(words, log2_prob, finished=END in words) for words, log2_prob in found]
