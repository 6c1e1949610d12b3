"""Captions as people would write them: length, articles, agreement, number of words, variety."""

import math
from itertools import pairwise

import numpy as np
import pytest
from enumeration import every_sentence

from mrnn_np.scenes.english import LONGEST, SHORTEST, caption_phrase
from mrnn_np.scenes.grammar import lengths, sample
from mrnn_np.scenes.nouns import noun_phrase, pair_phrase, pet_phrase
from mrnn_np.scenes.storylines import draw_scene
from mrnn_np.scenes.truth import judge
from mrnn_np.scenes.world import Relation, Scene, Thing


def captions_of(scene, rng, count):
    """So many captions of a scene, of those with 4 to 16 words."""
    phrase = caption_phrase(scene)
    captions = []
    while len(captions) < count:
        caption = sample(phrase, rng)
        if SHORTEST <= len(caption) <= LONGEST:
            captions.append(caption)
    return captions


@pytest.fixture(scope="module")
def captions():
    """Five captions of each of 1,000 scenes."""
    rng = np.random.default_rng(0)
    return [captions_of(draw_scene(rng), rng, 5) for _ in range(1000)]


def test_most_that_is_said_has_4_to_16_words():
    rng = np.random.default_rng(1)
    assert (SHORTEST, LONGEST) == (4, 16)
    for _ in range(300):
        kept = math.fsum(p for length, p in lengths(caption_phrase(draw_scene(rng))).items() if 4 <= length <= 16)
        assert kept > 0.8


def test_the_vocabulary_is_no_toy(captions):
    assert len({word for five in captions for caption in five for word in caption}) >= 200


def test_captions_differ_as_those_of_people_do(captions):
    assert sum(len(set(five)) == 5 for five in captions) > 0.95 * len(captions)
    opening_words = {caption[0] for five in captions for caption in five}
    assert {"a", "the", "two", "there", "some", "in", "at", "on"} <= opening_words


def test_words_are_plain(captions):
    for five in captions:
        for caption in five:
            assert all(word.isascii() and word.isalpha() and word.islower() for word in caption)


def test_an_stands_before_vowels_and_nowhere_else(captions):
    pairs = [pair for five in captions for caption in five for pair in pairwise(caption)]
    after_an = {word for article, word in pairs if article == "an"}
    assert {"orange", "airplane"} <= after_an
    assert all(word[0] in "aeiou" for word in after_an)
    assert not any(word[0] in "aeiou" for article, word in pairs if article == "a")


def test_verbs_agree_in_number():
    rng = np.random.default_rng(2)
    for count, wrong in ((1, {"run", "race", "are", "dogs"}), (2, {"runs", "races", "is", "dog"})):
        scene = Scene("field", "day", "sun", (Thing("dog", "brown", count, "", "run"),))
        said = {word for caption in captions_of(scene, rng, 300) for word in caption}
        assert not said & wrong
        assert {"running", "racing"} <= said


def phrases(phrase):
    return {" ".join(words) for words in every_sentence(phrase)}


def test_noun_phrases():
    assert phrases(noun_phrase(Thing("ball", "orange"), False)) == {
        "a ball", "the ball", "an orange ball", "the orange ball",
    }  # fmt: skip
    assert phrases(noun_phrase(Thing("plane", "red"), True, new=True)) == {
        "a plane", "an airplane", "a red plane", "a red airplane",
    }  # fmt: skip
    small = phrases(noun_phrase(Thing("dog", "black", 1, "small"), True, new=True))
    assert {"a puppy", "a small black dog", "a dog"} <= small
    assert phrases(noun_phrase(Thing("tree", "", 3), True)) == {"three trees", "a group of trees", "some trees"}


def test_people_are_told_by_age_or_by_clothes():
    girls = phrases(noun_phrase(Thing("girl", "orange", 1, "", "walk"), False))
    assert {"a little girl", "a girl in an orange dress", "the girl wearing an orange dress"} <= girls
    assert not any("shirt" in girl for girl in girls)
    assert "two men in red shirts" in phrases(noun_phrase(Thing("man", "red", 2, "", "walk"), False))
    assert not any("shirts" in man for man in phrases(noun_phrase(Thing("man", "red", 2, "", "walk"), True)))


def test_nobody_sees_the_clothes_of_a_swimmer():
    assert phrases(noun_phrase(Thing("boy", "", 1, "", "swim"), False)) == {
        f"{article} {boy}" for article in ("a", "the") for boy in ("boy", "child", "kid")
    }


def test_pairs_and_pets():
    boy, girl, dog = (
        Thing(kind, colour, 1, "", "run") for kind, colour in (("boy", "red"), ("girl", "pink"), ("dog", ""))
    )
    assert {"two children", "two kids"} <= phrases(pair_phrase(boy, girl))
    assert "two people" in phrases(pair_phrase(Thing("man", "red"), girl))
    assert not any(pair.startswith("two") for pair in phrases(pair_phrase(boy, dog)))
    assert phrases(pet_phrase(boy, dog)) == {"a dog", "his dog"}
    assert phrases(pet_phrase(girl, dog)) == {"a dog", "her dog"}


def test_what_the_scene_holds_is_said_by_some():
    things = (
        Thing("woman", "red", 1, "", "walk"),
        Thing("dog", "black", 1, "", "walk"),
        Thing("bird", "white", 2, "", "fly"),
    )
    scene = Scene("park", "night", "stars", things, (Relation(0, "lead", 1), Relation(2, "above", 0)))
    said = {" ".join(caption) for caption in captions_of(scene, np.random.default_rng(3), 400)}
    for phrase in ("her black dog", "while two", "birds", "in the park", "under the stars", "there is a"):
        assert any(phrase in caption for caption in said), phrase


def test_where_and_when_are_left_out_where_nobody_knows():
    dog = Thing("dog", "brown", action="run")
    known = Scene("beach", "night", "stars", (dog,))
    nowhere, at_no_time = Scene("", "", "", (dog,)), Scene("beach", "", "", (dog,))
    said, without, placed = (
        {kind_of(c, known) for c in every_sentence(caption_phrase(s))} for s in (known, nowhere, at_no_time)
    )
    assert {(), ("setting",), ("setting", "setting")} >= said
    assert without == {()}
    assert placed == {(), ("setting",)}


@pytest.mark.parametrize("thing", [Thing("man", action="stand"), Thing("girl", count=3), Thing("dog", action="run")])
def test_no_colour_is_said_where_nobody_knows_it(thing):
    scene = Scene("", "", "", (thing,))
    said = [judge(words, scene) for words in every_sentence(caption_phrase(scene))]
    assert "colour" not in {claim.kind for claims in said for claim in claims}
    assert {claim.verdict for claims in said for claim in claims} == {"true"}


def kind_of(caption, scene):
    """The claims of a caption about where and when."""
    return tuple(claim.kind for claim in judge(caption, scene) if claim.kind == "setting")


def test_of_what_does_nothing_there_is_one():
    said = {" ".join(words) for words in every_sentence(caption_phrase(Scene("", "", "", (Thing("ball", "red"),))))}
    assert "there is a red ball" in said
    assert all(caption.startswith(("there is", "here is", "we see")) for caption in said)
