"""The attributes of scenes, by hand and over many."""

import numpy as np

from mrnn_np.scenes.attributes import ATTRIBUTES, attributes
from mrnn_np.scenes.storylines import draw_scene
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
