"""What scenes are drawn: within the vocabulary of the world, all of it, and the same for the same seed."""

import numpy as np
import pytest

from mrnn_np.scenes.storylines import draw_scene
from mrnn_np.scenes.world import COLOURS, DEEDS, PEOPLE, SETTINGS, SKIES, WHERE


def scenes(count, seed=0):
    rng = np.random.default_rng(seed)
    return [draw_scene(rng) for _ in range(count)]


@pytest.fixture(scope="module")
def many():
    return scenes(4000)


def test_scenes_stay_within_the_world(many):
    for scene in many[:300]:
        assert scene.setting in SETTINGS
        assert scene.sky in SKIES[scene.time]
        assert (scene.setting, scene.sky) != ("snow", "rain")
        assert 1 <= len(scene.things) <= 4
        for thing in scene.things:
            undressed = thing.kind in PEOPLE and thing.action == "swim"
            assert thing.colour in (("",) if undressed else COLOURS[thing.kind])
            assert 1 <= thing.count <= 4
            assert thing.size in ("", "small", "big")
            assert thing.count == 1 or thing.size == ""
        for relation in scene.relations:
            assert relation.name in WHERE + DEEDS
            assert relation.subject != relation.object
            assert {relation.subject, relation.object} <= set(range(len(scene.things)))


def test_all_of_the_world_occurs(many):
    things = [thing for scene in many for thing in scene.things]
    assert {scene.setting for scene in many} == set(SETTINGS)
    assert {(scene.time, scene.sky) for scene in many} == {(time, sky) for time in SKIES for sky in SKIES[time]}
    assert {relation.name for scene in many for relation in scene.relations} == set(WHERE + DEEDS)
    assert {(thing.kind, thing.colour) for thing in things} >= {
        (kind, colour) for kind, colours in COLOURS.items() for colour in colours
    }
    assert {thing.count for thing in things} == {1, 2, 3, 4}
    assert {thing.size for thing in things} == {"", "small", "big"}
    assert {thing.action for thing in things} == set(
        "run walk stand sit sleep jump graze fly sail drive park swim surf hold throw kick ride row".split()
    ) | {""}


def test_few_scenes_come_twice(many):
    assert len(set(many)) > 0.93 * len(many)


def test_a_seed_decides():
    assert scenes(50, seed=1) == scenes(50, seed=1)
    assert scenes(50, seed=1) != scenes(50, seed=2)


def test_things_that_fly_above_are_birds_and_come_last(many):
    above = [(scene, r) for scene in many for r in scene.relations if r.name == "above"]
    assert len(above) > 200
    for scene, relation in above:
        assert relation.subject == len(scene.things) - 1
        assert scene.things[-1].kind == "bird"
        assert scene.things[-1].action == "fly"
