"""The attributes of scenes, by hand and over many."""

from dataclasses import replace

import numpy as np

from mrnn_np.scenes.attributes import ATTRIBUTES, attributes, beyond_doubt
from mrnn_np.scenes.english import caption_phrase
from mrnn_np.scenes.grammar import sample
from mrnn_np.scenes.storylines import draw_scene
from mrnn_np.scenes.truth import judge
from mrnn_np.scenes.world import COLOURS, SETTINGS, Relation, Scene, Thing


def shown(scene):
    return {ATTRIBUTES[number] for number in np.flatnonzero(attributes(scene))}


def test_form():
    vector = attributes(Scene("park", "day", "sun", (Thing("dog", "brown", 1, "", "run"),)))
    assert vector.dtype == np.uint8
    assert vector.shape == (len(ATTRIBUTES),)
    assert set(vector.tolist()) == {0, 1}


def test_names_are_unique_and_cover_kinds_colours_and_settings():
    assert len(set(ATTRIBUTES)) == len(ATTRIBUTES)
    named = {f"{colour} {kind}" for kind, colours in COLOURS.items() for colour in colours if colour}
    assert named | set(COLOURS) | {f"in {setting}" for setting in SETTINGS} <= set(ATTRIBUTES)


def test_by_hand():
    assert shown(Scene("beach", "sunset", "sun", (Thing("dog", "brown", 1, "small", "run"),))) == {
        "in beach", "at sunset", "sky sun", "dog", "brown dog", "dog run", "small dog",
    }  # fmt: skip
    things = (
        Thing("boy", "red", 2, "", "throw"),
        Thing("ball", "blue", 1, "big"),
        Thing("bird", "white", 3, "", "fly"),
    )
    relations = (Relation(0, "throw", 1), Relation(2, "above", 0))
    assert shown(Scene("field", "night", "moon", things, relations)) == {
        "in field", "at night", "sky moon", "boy", "red boy", "2 boy", "boy throw", "throw ball",
        "ball", "blue ball", "big ball", "bird", "white bird", "3 bird", "bird fly", "above",
    }  # fmt: skip


def test_sides_are_told_apart():
    things = (Thing("cow", "white", 1, "", "stand"), Thing("tree"))
    for side, name, other in (("left", "left of tree", "right of tree"), ("right", "right of tree", "left of tree")):
        names = shown(Scene("field", "day", "rain", things, (Relation(0, side, 1),)))
        assert name in names
        assert other not in names


def test_a_swimmer_shows_no_colour():
    assert shown(Scene("sea", "day", "clear", (Thing("girl", "", 1, "", "swim"),))) == {
        "in sea", "at day", "sky clear", "girl", "girl swim",
    }  # fmt: skip


def test_every_attribute_occurs_and_none_always():
    rng = np.random.default_rng(0)
    share = np.mean([attributes(draw_scene(rng)) for _ in range(6000)], axis=0)
    assert share.min() > 0, ATTRIBUTES[share.argmin()]
    assert share.max() < 0.7


def told(scene, **likely):
    """What is beyond doubt of a scene where all that it shows is likely but what is given here by name."""
    probabilities = 0.9 * attributes(scene).astype(float)
    for name, probability in likely.items():
        probabilities[ATTRIBUTES.index(name.replace("_", " "))] = probability
    return beyond_doubt(scene, probabilities)


GIRL_AND_DOG = Scene(
    "park",
    "night",
    "moon",
    (Thing("girl", "red", 1, "", "walk"), Thing("dog", "brown", 2, "small", "walk")),
    (Relation(0, "lead", 1),),
)


def test_what_is_sure_is_left_as_it_is():
    assert told(GIRL_AND_DOG) == GIRL_AND_DOG
    ball = Scene("field", "day", "clear", (Thing("ball", "red", 3),))  # which has no attribute "3 ball"
    assert told(ball) == ball


def test_each_doubt_leaves_one_thing_open():
    girl, dog = GIRL_AND_DOG.things
    assert told(GIRL_AND_DOG, in_park=0.5) == replace(GIRL_AND_DOG, setting="")
    for name in ("at_night", "sky_moon"):
        assert told(GIRL_AND_DOG, **{name: 0.4}) == replace(GIRL_AND_DOG, time="", sky="")
    for name, part in (("brown_dog", "colour"), ("small_dog", "size"), ("dog_walk", "action")):
        assert told(GIRL_AND_DOG, **{name: 0.4}).things == (girl, replace(dog, **{part: ""}))
    for name in ("lead_dog", "dog"):
        assert told(GIRL_AND_DOG, **{name: 0.4}).relations == ()


def test_who_it_is_may_be_in_doubt():
    _, dog = GIRL_AND_DOG.things
    assert told(GIRL_AND_DOG, girl=0.4, boy=0.3).things == (Thing("child"), dog)
    assert told(GIRL_AND_DOG, girl=0.2, boy=0.1).things == (Thing("person"), dog)
    men = Scene("field", "day", "sun", (Thing("man", "red", 2, "", "run"),))
    assert told(men, man=0.5).things == (Thing("person", count=2),)


def test_what_is_beyond_doubt_can_be_told_and_is_true():
    rng = np.random.default_rng(0)
    for _ in range(400):
        scene = draw_scene(rng)
        phrase = caption_phrase(beyond_doubt(scene, rng.random(len(ATTRIBUTES))))
        assert {claim.verdict for claim in judge(sample(phrase, rng), scene)} == {"true"}
