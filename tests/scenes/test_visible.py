"""Where one sees the things of a scene, and which of them a claim is about."""

import numpy as np

from mrnn_np.data.data_set import built_in
from mrnn_np.scenes.render import render, visible
from mrnn_np.scenes.truth import judge
from mrnn_np.scenes.world import Relation, Scene, Thing

DOG, HOUSE = Thing("dog", "brown", action="sit"), Thing("house", "red")
SCENE = Scene("field", "day", "sun", (DOG, HOUSE), (Relation(0, "left", 1),))


def test_a_thing_is_seen_where_it_stands():
    dog, house = visible(SCENE, DOG), visible(SCENE, HOUSE)
    assert dog.shape == house.shape == (96, 96)
    assert not (dog & house).any()
    assert np.argwhere(dog)[:, 1].mean() < np.argwhere(house)[:, 1].mean()
    colours = np.asarray(render(SCENE)).astype(int)[house]
    assert (colours[:, 0] > colours[:, 2] + 60).mean() > 0.3  # a good part of it is red
    assert visible(SCENE, DOG, size=48).sum() < dog.sum() / 3


def test_what_stands_in_front_hides_what_is_behind():
    scene = Scene("field", "day", "sun", (DOG, HOUSE), (Relation(0, "front", 1),))
    dog, house = visible(scene, DOG), visible(scene, HOUSE)
    assert house.any()
    assert 0 < (dog & house).sum() < dog.sum() / 4  # the pixels along its outline show a little of both


def test_a_thing_that_is_not_there_is_nowhere():
    assert not visible(SCENE, Thing("cat", "white")).any()


def test_looking_for_a_thing_changes_no_picture():
    before = np.asarray(render(SCENE))
    visible(SCENE, DOG)
    assert (np.asarray(render(SCENE)) == before).all()


def test_claims_know_which_things_they_are_about():
    about = {claim.text: claim.things for claim in judge("a brown dog sits next to a red house".split(), SCENE)}
    assert (about["brown"], about["dog"], about["sits"]) == ((0,), (0,), (0,))
    assert (about["red"], about["house"]) == ((1,), (1,))
    assert sorted(about["next to a red house"]) == [0, 1]
    about = {claim.text: claim.things for claim in judge("a white cat and a house in a field".split(), SCENE)}
    assert (about["cat"], about["white"], about["house"]) == ((), (), (1,))
    assert about["in a field"] == ()


def test_the_data_set_knows_where_its_things_are():
    scenes = built_in("scenes")
    name = scenes.captions().splits["val"][0]
    scene_things = scenes.see(name, 0, size=96)
    assert 0 < scene_things.mean() < 0.8
