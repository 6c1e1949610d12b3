"""The exercises of notebook 8, captioning."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mrnn_np.captioning.beam import BeamSearch
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, run


@exercise
def temperature(heated: Callable[..., Any]) -> str:
    """From probabilities y (M,) and a temperature to the probabilities that are drawn from."""
    y = np.array([0.5, 0.25, 0.2, 0.05])
    for heat in (1.0, 0.5, 2.0):
        expected = y ** (1 / heat) / (y ** (1 / heat)).sum()
        got = np.asarray(run(heated, y, heat))
        if heat != 1 and got.shape == y.shape:
            if np.allclose(got, y**heat / (y**heat).sum()):
                raise Refused(f"temperature {heat:g}: a high one makes the likely word likelier; it is upside down")
            if np.allclose(got, y ** (1 / heat)):
                raise Refused(f"temperature {heat:g}: the probabilities add up to {got.sum():.3f}")
        expect_array(got, expected, f"temperature {heat:g}: the probabilities")
    return "1 changes nothing, 0.5 squares the odds, 2 takes their root"


@exercise
def advance(step: Callable[..., Any]) -> str:
    """From the beginnings alive, their log2 P and log2_next (K, M) to the best `width` ways to go on.

    An answer is a list of (log2 P, number of the beginning, word), best first.
    """
    rng = np.random.default_rng(0)
    for K, M, width in ((1, 5, 3), (3, 6, 3), (2, 4, 5)):
        log2_alive, log2_next = -rng.uniform(0, 3, K), -rng.uniform(0, 6, (K, M))
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
        pairs = [(parent, word) for _, parent, word in table]
        if K > 1 and pairs == [divmod(int(i), M) for i in np.argsort(-log2_next, axis=None)[:width]]:
            raise Refused(f"{given}: what the beginnings themselves cost is forgotten")
        if pairs != [divmod(int(i), M) for i in order]:
            best = sorted(pairs) == sorted(divmod(int(i), M) for i in order)
            why = "the right ones, but not best first" if best else "there are likelier ways to go on"
            raise Refused(f"{given}: {why}")
        expect_array([p for p, _, _ in table], np.sort(total, axis=None)[::-1][:width], f"{given}: log2 P")
    return "K times M sentences compared, and K kept"


@exercise
def length_norm(score: Callable[..., Any]) -> str:
    """From log2 P of a whole sentence, its words (END counted) and the exponent A to what a beam ranks it by."""
    for log2_prob, words, A in ((-12.0, 8, 0.0), (-12.0, 8, 1.0), (-12.0, 9, 0.5)):
        name = f"log2 P = {log2_prob:g}, {words} words, A = {A:g}: the score"
        got = run(score, log2_prob, words, A)
        if A == 1 and np.ndim(got) == 0 and np.isclose(float(got), log2_prob * words):
            raise Refused(f"{name} should be better, not worse, than that of a shorter sentence with the same log2 P")
        expect_number(got, BeamSearch(length_norm=A).score(log2_prob, words), name)
    return "0 ranks by probability, 1 by the mean per word"
