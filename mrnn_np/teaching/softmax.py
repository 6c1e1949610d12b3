"""The exercises of notebook 6, softmax, cost and perplexity."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.gradients.methods import complex_step
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, near, numbers, run


@exercise
def stable_softmax(softmax: Callable[[Array], Array]) -> str:
    """From scores (M,) of any size to probabilities (M,)."""
    small = np.array([1.0, -2.0, 0.5, 3.0])
    expected = np.exp(small) / np.exp(small).sum()
    expect_array(run(softmax, small), expected, "the softmax of small scores")
    for shift in (1000.0, -1000.0):
        with np.errstate(all="ignore"):
            got = numbers(run(softmax, small + shift), "the softmax")
        if not np.isfinite(got).all():
            raise Refused(f"with {shift:+g} added to every score it gives {got[0]}; no probability should have changed")
        expect_array(got, expected, f"the softmax with {shift:+g} added to every score")
    # Far apart, so that only the largest score can be taken away: from the mean, the least or the first it is too far.
    for wide in ([0.0, 2000.0, 2000.0, -2000.0], [-3000.0, 0.0, 0.0, -1000.0]):
        with np.errstate(all="ignore"):
            got = numbers(run(softmax, np.array(wide)), "the softmax")
        if not np.isfinite(got).all():
            raise Refused(f"the scores {wide} give {got.round(3).tolist()}; which score must be taken away from all?")
        expect_array(got, np.array([0, 0.5, 0.5, 0]), f"the softmax of {wide}")
    return "only differences of scores count"


@exercise
def perplexity(ppl: Callable[[Sequence[Sequence[float]]], Any]) -> str:
    """From the probabilities of the words, sentence by sentence, to the perplexity of them all."""
    got = run(ppl, [[0.25, 0.25, 0.25]])
    if near(got, 2.0):
        raise Refused("these are the bits per word; perplexity is 2 to the power of them")
    if near(got, np.exp(2.0)):
        raise Refused("bits are powers of 2, not of e")
    if near(got, 4.0**3):
        raise Refused("this is 2 to the power of all bits together; perplexity is of the bits per word")
    if near(got, 2 ** np.log(4.0)):
        raise Refused("2 is raised to a natural logarithm; take logarithms to base 2, or raise e")
    expect_number(got, 4.0, "the perplexity of three words of probability 1/4")
    sentences = [[0.5, 0.5], [0.125] * 6]
    got = run(ppl, sentences)
    bits = [np.log2(np.asarray(p)) for p in sentences]
    if near(got, 2 ** -np.mean([b.mean() for b in bits])):
        raise Refused("this is the mean over sentences; N counts words, so that a long sentence weighs more")
    if near(got, np.mean([2 ** -b.mean() for b in bits])):
        raise Refused("this averages perplexities; average the bits, and raise 2 to that")
    if near(got, -np.concatenate(bits).mean()):
        raise Refused("these are the bits per word; perplexity is 2 to the power of them")
    if near(got, np.mean([1 / p for sentence in sentences for p in sentence])):
        raise Refused("this averages 1/P; average the bits, and raise 2 to that")
    expect_number(got, float(2 ** -np.concatenate(bits).mean()), "the perplexity of two sentences of 2 and 6 words")
    return "bits are averaged over words, and only then is 2 raised to them"


@exercise
def gradient_of_scores(d_scores: Callable[[Array, int], Array]) -> str:
    """From scores (M,) and the target to the gradient of its bits."""
    scores, target = np.array([0.3, -1.2, 2.0, 0.1, 0.7]), 3
    y = np.exp(scores) / np.exp(scores).sum()

    def bits(s: Array) -> Array:
        return (np.log(np.exp(s).sum()) - s[target]) / np.log(2)

    got = run(d_scores, scores, target)
    if near(got, y - np.eye(5)[target]):
        raise Refused("this is the gradient of the natural logarithm; bits are logarithms to base 2")
    if near(got, (y - np.eye(5)[target]) * np.log(2)):
        raise Refused("multiplied by ln 2 where it should be divided: log2 x = ln x / ln 2")
    if near(got, y / np.log(2)):
        raise Refused(f"index {target}, the target, has the wrong sign: its score should be pushed up")
    expect_array(got, complex_step(bits, scores), "the gradient")
    return "what was guessed less what was said; it sums to 0"
