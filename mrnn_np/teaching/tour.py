"""The exercises of notebook 0, the tour."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mrnn_np.scenes.truth import judge
from mrnn_np.scenes.world import Scene
from mrnn_np.teaching.exercise import Refused, exercise, expect_number, run

SENTENCE = "two white horses are running in the snow at night"


@exercise
def scene(answer: Any) -> str:
    """A scene of which SENTENCE is true."""
    if not isinstance(answer, Scene):
        raise Refused(f"expected a Scene, got a {type(answer).__name__}")
    for claim in judge(SENTENCE.split(), answer):
        if claim.verdict != "true":
            raise Refused(f'"{claim.text}" is not true of this scene ({claim.kind})')
    return f'"{SENTENCE}" is true of it'


@exercise
def sentence_probability(together: Callable[..., Any]) -> str:
    """From the probabilities of a sentence's words, one after the other, to log2 of the sentence's."""
    for words in ([0.5], [0.5, 0.25], [0.9, 0.1, 0.6, 0.7], [0.01] * 400):
        expected = float(np.log2(words).sum())
        with np.errstate(divide="ignore"):
            got = run(together, words)
        name = f"{len(words)} words: log2 P"
        if np.ndim(got) == 0 and not isinstance(got, str):
            if len(words) > 1 and np.isclose(float(got), expected / len(words)):
                raise Refused(f"{name} is that of one word, on average")
            if np.isclose(float(got), expected * np.log(2)):
                raise Refused(f"{name} is taken to the base e")
            if float(got) == -np.inf:
                raise Refused(f"{name}: a product of 400 small numbers is 0 to a computer; add logarithms instead")
        expect_number(got, expected, name)
    return "the words' probabilities are multiplied, so their logarithms add up"
