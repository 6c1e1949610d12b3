"""The exercises of notebook 0, the tour."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mrnn_np.scenes.render import render
from mrnn_np.scenes.truth import judge
from mrnn_np.scenes.world import COLOURS, SETTINGS, SKIES, Scene
from mrnn_np.teaching.exercise import Refused, exercise, expect_number, near, run

SENTENCE = "two white horses are running in the snow at night"


@exercise
def scene(answer: Any) -> str:
    """A scene of which SENTENCE is true."""
    if not isinstance(answer, Scene):
        raise Refused(f"expected a Scene, got a {type(answer).__name__}")
    if strange := _not_in_the_world(answer):
        raise Refused(strange)
    # A thing that is missing makes all that is said of it false, so it is what to tell first.
    for claim in sorted(judge(SENTENCE.split(), answer), key=lambda claim: claim.kind != "thing"):
        if claim.verdict != "true":
            if claim.kind == "thing":
                raise Refused(f"there are no {claim.text} in this scene")
            raise Refused(f'"{claim.text}" is not true of this scene ({claim.kind})')
    return f'"{SENTENCE}" is true of it'


def draw(answer: Any) -> Any:
    """Return the picture of a scene as a notebook shows it, or nothing for one that cannot be drawn."""
    from mrnn_np.teaching import plots

    if isinstance(answer, Scene) and not _not_in_the_world(answer):
        return plots.pictures([(render(answer, 192), "")], columns=1, width=2.4)
    return None


def _not_in_the_world(scene: Scene) -> str:
    """Say what of a scene world.py does not know, and what there is instead; "" if it knows all of it."""
    if scene.setting not in SETTINGS:
        return f"no setting is called {scene.setting!r}; there are {', '.join(SETTINGS)}"
    if scene.time not in SKIES:
        return f"no time is called {scene.time!r}; there are {', '.join(SKIES)}"
    if scene.sky not in SKIES[scene.time]:
        return f"at {scene.time} no sky is called {scene.sky!r}; there are {', '.join(SKIES[scene.time])}"
    if not isinstance(scene.things, tuple | list):
        return f"the things are a {type(scene.things).__name__}; a tuple of one ends in a comma: (thing,)"
    for thing in scene.things:
        kind, colour = getattr(thing, "kind", None), getattr(thing, "colour", None)
        if kind not in COLOURS:
            return f"no thing is of the kind {kind!r}; there are {', '.join(COLOURS)}"
        if colour not in COLOURS[kind]:
            return (
                f"no {kind} is {colour!r}; there are {', '.join(filter(None, COLOURS[kind])) or 'none with a colour'}"
            )
        if not isinstance(thing.count, int) or thing.count < 1:
            return f"the count of a thing is {thing.count!r}; expected a whole number, 1 or more"
        if thing.size not in ("", "small", "big"):
            return f"the size of a thing is {thing.size!r}; there are '', 'small' and 'big'"
    return ""


@exercise
def sentence_probability(together: Callable[..., Any]) -> str:
    """From the probabilities of a sentence's words, one after the other, to log2 of the sentence's."""
    for words in ([0.5, 0.25], [0.5], [0.9, 0.1, 0.6, 0.7], [0.01] * 400):
        expected = float(np.log2(words).sum())
        with np.errstate(divide="ignore"):
            got = run(together, words)
        name = f"{len(words)} word{'s' if len(words) > 1 else ''}: log2 P"
        if len(words) > 1 and near(got, expected / len(words)):
            raise Refused(f"{name} is that of one word, on average")
        if near(got, expected * np.log(2)):
            raise Refused(f"{name} is taken to the base e")
        if near(got, 2**expected):
            raise Refused(f"{name}: this is P itself; return its logarithm to base 2")
        if near(got, -np.inf):
            raise Refused(f"{name}: a product of 400 small numbers is 0 to a computer; add logarithms instead")
        expect_number(got, expected, name)
    return "the words' probabilities are multiplied, so their logarithms add up"
