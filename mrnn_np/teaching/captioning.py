"""The exercises of notebook 8, captioning."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mrnn_np.captioning.beam import BeamSearch
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, near, numbers, run


@exercise
def temperature(heated: Callable[..., Any]) -> str:
    """From probabilities y (M,) and a temperature to the probabilities that are drawn from."""
    y = np.array([0.5, 0.25, 0.2, 0.05])
    for heat in (1.0, 0.5, 2.0):
        expected = y ** (1 / heat) / (y ** (1 / heat)).sum()
        got = numbers(run(heated, y, heat), "what comes back")
        if heat != 1 and near(got, y**heat / (y**heat).sum()):
            raise Refused(f"temperature {heat:g}: a high one makes the likely word likelier; it is upside down")
        if heat != 1 and near(got, y):
            raise Refused(
                f"temperature {heat:g}: these are the model's own probabilities; the temperature changes nothing"
            )
        if near(got, np.exp(y / heat) / np.exp(y / heat).sum()):
            raise Refused(f"temperature {heat:g}: y was taken for scores; it holds probabilities already")
        if got.shape == y.shape and not np.isclose(got.sum(), 1):
            raise Refused(f"temperature {heat:g}: the probabilities add up to {got.sum():.3f}")
        expect_array(got, expected, f"temperature {heat:g}: the probabilities", tolerance=1e-6)
    return "1 changes nothing, 0.5 squares the odds, 2 takes their root"


@exercise
def advance(step: Callable[..., Any]) -> str:
    """From the beginnings alive, their log2 P and log2_next (K, M) to the best `width` ways to go on.

    An answer is a list of (log2 P, number of the beginning, word), best first.
    """
    rng = np.random.default_rng(0)
    for K, M, width in ((1, 5, 3), (3, 6, 3), (2, 4, 5)):
        log2_alive, log2_next = -rng.uniform(0, 9, K), -rng.uniform(0, 6, (K, M))
        total = log2_alive[:, None] + log2_next
        order = np.argsort(-total, axis=None)[:width]
        got = run(step, log2_alive, log2_next, width)
        given = f"{K} beginnings, {M} words, width {width}"
        try:
            table = [(float(p), int(parent), int(word)) for p, parent, word in got]
        except (TypeError, ValueError):
            raise Refused(f"{given}: expected a list of (log2 P, beginning, word)") from None
        if len(table) != width:
            raise Refused(f"{given}: {len(table)} ways to go on; expected {width}")
        for p, parent, word in table:
            if not (0 <= parent < K and 0 <= word < M):
                swapped = 0 <= word < K and 0 <= parent < M
                why = "are its beginning and its word swapped?" if swapped else "there is no such one"
                raise Refused(f"{given}: (log2 P, beginning, word) = ({p:.3g}, {parent}, {word}); {why}")
            if not near(p, total[parent, word]):
                forgot = near(p, log2_next[parent, word])
                why = "what the beginning itself costs is forgotten" if forgot else "that is not its log2 P"
                raise Refused(f"{given}: beginning {parent}, word {word} are said to have {p:.4g}; {why}")
        pairs = [(parent, word) for _, parent, word in table]
        best = [divmod(int(i), M) for i in order]
        if len(set(pairs)) < width:
            raise Refused(f"{given}: one way to go on stands there twice")
        if K > 1 and pairs == [divmod(int(i), M) for i in np.argsort(-log2_next, axis=None)[:width]]:
            raise Refused(f"{given}: what the beginnings themselves cost is forgotten when the best are picked")
        if sorted(pairs) != sorted(best):
            parent, word = next(pair for pair in best if pair not in pairs)
            raise Refused(f"{given}: there are likelier ways to go on, such as beginning {parent} with word {word}")
        if pairs != best:
            raise Refused(f"{given}: the right ones, but not best first")
    return "K times M sentences compared, and K kept"


@exercise
def length_norm(score: Callable[..., Any]) -> str:
    """From log2 P of a whole sentence, its words (END counted) and the exponent A to what a beam ranks it by."""
    for log2_prob, words, A in ((-12.0, 8, 0.0), (-12.0, 8, 1.0), (-12.0, 9, 0.5)):
        name = f"log2 P = {log2_prob:g}, {words} words, A = {A:g}: the score"
        got = run(score, log2_prob, words, A)
        if A == 1 and near(got, log2_prob * words):
            raise Refused(f"{name} should be better, not worse, than that of a shorter sentence with the same log2 P")
        if A == 1 and near(got, log2_prob / (words - 1)):
            raise Refused(f"{name} leaves END out; it is one of the words, and has to be paid for too")
        if 0 < A < 1 and near(got, log2_prob / words):
            raise Refused(f"{name} does not depend on A")
        expect_number(got, BeamSearch(length_norm=A).score(log2_prob, words), name)
    return "0 ranks by probability, 1 by the mean per word"
