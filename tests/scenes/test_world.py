"""Scene descriptions: to JSON and back, and relations with their inverses."""

import json

import numpy as np

from mrnn_np.scenes.storylines import draw_scene
from mrnn_np.scenes.world import DEEDS, INVERSE, WHERE, Relation, Scene, Thing


def test_json_round_trip():
    rng = np.random.default_rng(0)
    for _ in range(200):
        scene = draw_scene(rng)
        again = Scene.from_json(json.loads(json.dumps(scene.to_json())))
        assert again == scene
        assert hash(again) == hash(scene)


def test_json_names_what_it_holds():
    scene = Scene("park", "night", "moon", (Thing("cat", "black", 2, "", "sit"),), (Relation(0, "on", 0),))
    assert scene.to_json() == {
        "setting": "park",
        "time": "night",
        "sky": "moon",
        "things": ({"kind": "cat", "colour": "black", "count": 2, "size": "", "action": "sit"},),
        "relations": ({"subject": 0, "name": "on", "object": 0},),
    }


def test_where_one_thing_is_says_where_the_other_is():
    assert set(INVERSE) == set(WHERE)
    assert not set(INVERSE) & set(DEEDS)
    pair = (Thing("boy"), Thing("dog"))
    for name, inverse in INVERSE.items():
        assert name != inverse
        assert INVERSE[inverse] == name
        scene = Scene("park", "day", "sun", pair, (Relation(0, name, 1),))
        for subject, object, holds in ((0, 1, name), (1, 0, inverse)):
            for asked in WHERE:
                assert scene.related(subject, frozenset({asked}), object) == (asked == holds)


def test_a_deed_has_no_inverse():
    scene = Scene("park", "day", "sun", (Thing("boy"), Thing("dog")), (Relation(0, "chase", 1),))
    assert scene.related(0, frozenset({"chase", "left"}), 1)
    assert not scene.related(1, frozenset({"chase"}), 0)
    assert not scene.related(0, frozenset(), 1)
