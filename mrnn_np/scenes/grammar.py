"""A probabilistic grammar in three words: `say` something, say things in `sequence`, `choose` one of several.

A phrase is a finite tree of these.  Walking it from the root and drawing at every choice makes a sentence, and gives it
the probability of the choices made.  Two walks may end in the same words, so a sentence's probability is the sum over
all walks that do; `probability` computes that sum exactly without listing them.

    greeting = sequence(choose({"good": 3, "fine": 1}), "day")
    probability(greeting, ("good", "day"))      # 0.75
"""

from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Exactly these words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """Each part after the other."""

    parts: tuple["Phrase", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of the options, each with its probability; the probabilities sum to 1."""

    options: tuple["Phrase", ...]
    probabilities: tuple[float, ...]


Phrase: TypeAlias = Words | Sequence | Choice
NOTHING = Words(())


def weights(text: str) -> dict[str, float]:
    """Read "a dog 3, some dogs 1.5" as {"a dog": 3.0, "some dogs": 1.5}."""
    entries = (entry.strip().rpartition(" ") for entry in text.split(","))
    return {name: float(weight) for name, _, weight in entries}


def say(text: str) -> Words:
    """Return the phrase that says the words of `text`."""
    return Words(tuple(text.split()))


def sequence(*parts: Phrase | str) -> Phrase:
    """Return the phrase that says its parts one after the other; a string stands for `say` of it."""
    return Sequence(tuple(say(part) if isinstance(part, str) else part for part in parts))


def choose(weights: Mapping[str, float] | list[tuple[Phrase | str, float]]) -> Phrase:
    """Return the phrase that says one of several, each as often as its share of the weights; 0 leaves one out.

    Raises ValueError when no option has a positive weight.
    """
    pairs = weights.items() if isinstance(weights, Mapping) else weights
    kept = [(say(option) if isinstance(option, str) else option, weight) for option, weight in pairs if weight > 0]
    total = sum(weight for _, weight in kept)
    if not kept:
        raise ValueError("a choice needs an option of positive weight")
    if len(kept) == 1:
        return kept[0][0]
    return Choice(tuple(option for option, _ in kept), tuple(weight / total for _, weight in kept))


def maybe(chance: float, phrase: Phrase | str) -> Phrase:
    """Return the phrase that says `phrase` with probability `chance` and nothing otherwise."""
    return choose([(phrase, chance), (NOTHING, 1 - chance)])


def sample(phrase: Phrase, rng: np.random.Generator) -> tuple[str, ...]:
    """Draw one sentence from `phrase`."""
    if isinstance(phrase, Words):
        return phrase.words
    if isinstance(phrase, Sequence):
        return tuple(word for part in phrase.parts for word in sample(part, rng))
    drawn = bisect(list(accumulate(phrase.probabilities[:-1])), rng.random())
    return sample(phrase.options[drawn], rng)


def probability(phrase: Phrase, sentence: tuple[str, ...]) -> float:
    """Return the probability that `phrase` says exactly `sentence`, summed over all walks that do."""
    return _advance(phrase, sentence, {0: 1.0}).get(len(sentence), 0.0)


def _advance(phrase: Phrase, sentence: tuple[str, ...], reached: dict[int, float]) -> dict[int, float]:
    """Say `phrase` from every position of `sentence` that was `reached`, and return the positions reached then.

    Walks that stand at the same position have said the same words: their probabilities are added, and from there on
    they are one.  That is what makes the sum over all walks cheap.
    """
    if isinstance(phrase, Words):
        length = len(phrase.words)
        return {at + length: p for at, p in reached.items() if sentence[at : at + length] == phrase.words}
    if isinstance(phrase, Sequence):
        for part in phrase.parts:
            reached = _advance(part, sentence, reached)
            if not reached:
                break
        return reached
    after: dict[int, float] = {}
    for option, chance in zip(phrase.options, phrase.probabilities, strict=True):
        for at, p in _advance(option, sentence, reached).items():
            after[at] = after.get(at, 0.0) + chance * p
    return after


def lengths(phrase: Phrase) -> dict[int, float]:
    """Return the probability of every length, in words, that a sentence of `phrase` can have."""
    if isinstance(phrase, Words):
        return {len(phrase.words): 1.0}
    table: dict[int, float] = {}
    if isinstance(phrase, Choice):
        for option, chance in zip(phrase.options, phrase.probabilities, strict=True):
            for length, p in lengths(option).items():
                table[length] = table.get(length, 0.0) + chance * p
        return table
    table[0] = 1.0
    for part in phrase.parts:
        longer: dict[int, float] = {}
        for more, q in lengths(part).items():
            for length, p in table.items():
                longer[length + more] = longer.get(length + more, 0.0) + p * q
        table = longer
    return table
