"""Sentence probabilities, against enumeration by hand and against what is drawn."""

import math
from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from enumeration import every_sentence

from mrnn_np.scenes.english import caption_phrase
from mrnn_np.scenes.grammar import (
    NOTHING,
    Choice,
    Sequence,
    Words,
    choose,
    lengths,
    maybe,
    probability,
    sample,
    say,
    sequence,
    weights,
)
from mrnn_np.scenes.storylines import draw_scene

DOG = sequence(choose({"a": 3, "the": 1}), maybe(0.25, "big"), choose([("dog", 2), (say("small dog"), 2)]))
# "a b c" is said as a + b c and as a b + c; "a b" in one way alone.
TWO_WAYS = sequence(choose({"a": 1, "a b": 3}), choose([("b c", 1), ("c", 2), (NOTHING, 5)]))
GRAMMARS = {
    "words": say("a dog runs"),
    "nothing": NOTHING,
    "empty sequence": sequence(),
    "choice": choose({"one": 1, "two words": 2, "": 1}),
    "optional": maybe(0.3, "perhaps"),
    "noun phrase": DOG,
    "two ways": TWO_WAYS,
    "repeats": sequence(*[choose({"la": 1, "la la": 1, "": 2})] * 4),
    "nested": choose([(sequence(DOG, "and", TWO_WAYS), 1), (sequence("a", maybe(0.5, TWO_WAYS)), 3), (DOG, 2)]),
}


@pytest.mark.parametrize("phrase", GRAMMARS.values(), ids=GRAMMARS)
def test_enumerated_probabilities_sum_to_one_and_are_those_computed(phrase):
    table = every_sentence(phrase)
    assert math.fsum(table.values()) == pytest.approx(1, abs=1e-12)
    for sentence, p in table.items():
        assert p > 0
        assert probability(phrase, sentence) == pytest.approx(p, rel=1e-12)


@pytest.mark.parametrize("phrase", GRAMMARS.values(), ids=GRAMMARS)
def test_lengths_are_those_enumerated(phrase):
    by_hand = Counter()
    for sentence, p in every_sentence(phrase).items():
        by_hand[len(sentence)] += p
    assert lengths(phrase) == pytest.approx(dict(by_hand), rel=1e-12)


@pytest.mark.parametrize("phrase", GRAMMARS.values(), ids=GRAMMARS)
def test_sentences_are_drawn_as_often_as_their_probability_says(phrase):
    rng, draws = np.random.default_rng(0), 4000
    drawn = Counter(sample(phrase, rng) for _ in range(draws))
    table = every_sentence(phrase)
    assert drawn.keys() <= table.keys()
    for sentence, p in table.items():
        assert abs(drawn[sentence] - draws * p) <= 4.5 * math.sqrt(draws * p * (1 - p)) + 1e-9


def test_walks_that_end_in_the_same_words_are_summed():
    assert probability(TWO_WAYS, ("a", "b", "c")) == pytest.approx(1 / 4 * 1 / 8 + 3 / 4 * 2 / 8)
    assert probability(TWO_WAYS, ("a", "b")) == pytest.approx(3 / 4 * 5 / 8)
    twice = choose([("good day", 1), (sequence("good", "day"), 2), ("good night", 1)])
    assert every_sentence(twice) == pytest.approx({("good", "day"): 0.75, ("good", "night"): 0.25})
    assert probability(twice, ("good", "day")) == 0.75


def test_probabilities_and_lengths_by_hand():
    said = {
        ("a", "dog"): 9 / 32,
        ("the", "dog"): 3 / 32,
        ("the", "big", "dog"): 1 / 32,
        ("the", "small", "dog"): 3 / 32,
    }
    assert {words: probability(DOG, words) for words in said} == pytest.approx(said)
    assert probability(DOG, ("the", "big", "small", "dog")) == pytest.approx(1 / 32)
    assert lengths(DOG) == pytest.approx({2: 3 / 8, 3: 1 / 2, 4: 1 / 8})
    assert lengths(TWO_WAYS) == pytest.approx({1: 5 / 32, 2: 1 / 16 + 15 / 32, 3: 1 / 32 + 6 / 32, 4: 3 / 32})
    assert lengths(sequence(*[choose({"la": 1, "": 1})] * 3)) == pytest.approx({0: 1 / 8, 1: 3 / 8, 2: 3 / 8, 3: 1 / 8})
    assert lengths(say("a dog runs")) == {3: 1}
    assert lengths(NOTHING) == {0: 1}


def test_what_is_not_said_has_probability_zero():
    for sentence in ((), ("a",), ("a", "dog", "runs"), ("dog", "a"), ("a", "small"), ("a", "cat")):
        assert probability(DOG, sentence) == 0


def test_every_string_of_the_vocabulary_is_accounted_for():
    """Summed over all strings, said or not, probability is 1: nothing beyond what is enumerated has any."""
    strings = (string for length in range(5) for string in product("abc", repeat=length))
    assert math.fsum(probability(TWO_WAYS, string) for string in strings) == pytest.approx(1, abs=1e-12)


def test_weights_are_shares():
    assert weights("a dog 3, some dogs 1.5") == {"a dog": 3.0, "some dogs": 1.5}
    phrase = choose(weights("yes 3, no 1, never 0"))
    assert every_sentence(phrase) == {("yes",): 0.75, ("no",): 0.25}
    assert choose({"yes": 2, "no": 0}).words == ("yes",)


@pytest.mark.parametrize("options", [{}, {"a": 0}, []], ids=["none", "weightless", "no pairs"])
def test_a_choice_of_nothing_is_refused(options):
    with pytest.raises(ValueError, match="positive weight"):
        choose(options)


def pruned(phrase):
    """`phrase` with only the two likeliest options of every choice, their probabilities made to sum to 1 again."""
    if isinstance(phrase, Words):
        return phrase
    if isinstance(phrase, Sequence):
        return Sequence(tuple(pruned(part) for part in phrase.parts))
    pairs = sorted(zip(phrase.probabilities, map(pruned, phrase.options), strict=True), key=lambda pair: -pair[0])[:2]
    total = sum(p for p, _ in pairs)
    return Choice(tuple(option for _, option in pairs), tuple(p / total for p, _ in pairs))


def test_probabilities_of_the_captions_of_real_scenes_sum_to_one():
    rng = np.random.default_rng(3)
    for _ in range(12):
        scene = draw_scene(rng)
        phrase = pruned(caption_phrase(replace(scene, relations=scene.relations[:1])))
        table = every_sentence(phrase)
        assert len(table) > 20
        assert math.fsum(table.values()) == pytest.approx(1, abs=1e-9)
        for sentence in [*table][:: len(table) // 20]:
            assert probability(phrase, sentence) == pytest.approx(table[sentence], rel=1e-9)


def test_every_caption_drawn_has_a_probability_and_its_length_one_too():
    rng = np.random.default_rng(4)
    for _ in range(200):
        phrase = caption_phrase(draw_scene(rng))
        table = lengths(phrase)
        assert math.fsum(table.values()) == pytest.approx(1, abs=1e-12)
        caption = sample(phrase, rng)
        assert 0 < probability(phrase, caption) <= table[len(caption)] + 1e-12
        assert probability(phrase, (*caption, "a")) < probability(phrase, caption)
