"""Greedy decoding and sampling: one sentence per image, one word after another, no way back."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from mrnn_np.backend import Array
from mrnn_np.captioning.decoder import MAX_LENGTH, Decoder, Hypothesis, rows_of
from mrnn_np.data.vocabulary import END

Choose = Callable[[Array, npt.NDArray[np.int64]], Array]
"""From log2_next (rows, M) and, on the host, which of the sentences each row is, to word ids (rows,)."""


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
    backend = decoder.backend

    def choose(log2_next: Array, sentences: npt.NDArray[np.int64]) -> Array:
        xp = backend.xp
        likelihood = xp.exp2((log2_next - log2_next.max(axis=1, keepdims=True)) / temperature)
        cumulative = xp.cumsum(likelihood, axis=1)
        # In (0, 1], so that the first word of probability 0 cannot be hit; drawn for those that have ended too, so that
        # what is written about an image does not depend on how long other sentences are.
        u = backend.asarray(1 - rng.random((len(features), 1), np.float32)[sentences])
        return (cumulative < u * cumulative[:, -1:]).sum(axis=1)

    return write(decoder, features, choose, prefix, max_length)


def write(
    decoder: Decoder, features: Array, choose: Choose, prefix: Sequence[int], max_length: int
) -> list[Hypothesis]:
    """Write one sentence per row of `features`, host float (B, d_I); `choose` picks each word.

    A sentence that has ended leaves the batch: the model reads no word that nobody asks for.
    """
    backend, xp = decoder.backend, decoder.backend.xp
    log2_next, state, log2_prefix = decoder.begin(features, prefix)
    written, log2_probs = [list(prefix) for _ in features], backend.to_numpy(log2_prefix)
    sentences = np.arange(len(features))  # which one each row of log2_next goes on with
    for length in range(len(prefix) + 1, max_length + 1):
        ids = choose(log2_next, sentences)
        log2_prob = log2_next[xp.arange(len(ids)), ids]
        # The only transfer: two numbers per sentence and word.
        words, log2_prob = backend.to_numpy(xp.stack([ids.astype(log2_prob.dtype), log2_prob]))
        log2_probs[sentences] += log2_prob
        for sentence, word in zip(sentences.tolist(), words.tolist(), strict=True):
            written[sentence].append(int(word))
        go_on = np.flatnonzero(words != END)
        if not len(go_on) or length == max_length:
            break
        if len(go_on) < len(words):
            rows = backend.asarray(go_on)
            sentences, ids, state = sentences[go_on], ids[rows], rows_of(state, rows)
        del log2_next  # the next may take its place
        log2_next, state = decoder.next(ids, state)  # noqa: RUF059 - read in the next round
    return [
        Hypothesis(tuple(words), log2_prob, finished=END in words)
        for words, log2_prob in zip(written, log2_probs.tolist(), strict=True)
    ]
