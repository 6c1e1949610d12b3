"""The drawings by other hands, and that what is said of them is judged as a person would."""

import pytest
from measure_strangers import STRANGERS, drawings, judge_kindly, measure, scenes_of
from PIL import Image

from mrnn_np.scenes.world import COLOURS, DEEDS, SETTINGS, SKIES, WHERE

NAMES = tuple(drawings())


def test_there_are_many_by_many_hands():
    files = {path.stem for path in STRANGERS.glob("*.png")}
    assert files == set(NAMES)
    assert len(NAMES) >= 60
    assert len({name.partition("-")[0] for name in NAMES}) >= 6
    assert sum(path.stat().st_size for path in STRANGERS.iterdir()) < 1_500_000


@pytest.mark.parametrize("name", NAMES)
def test_each_is_described_in_the_words_of_the_world(name):
    Image.open(STRANGERS / f"{name}.png").load()
    for scene in drawings()[name]:
        assert scene.setting in ("", *SETTINGS)
        assert scene.time in ("", *SKIES)
        assert scene.sky in ("", *SKIES.get(scene.time, ()))
        for thing in scene.things:
            assert thing.kind in COLOURS
            assert thing.size in ("", "small", "big")
        for relation in scene.relations:
            assert relation.name in WHERE + DEEDS
            assert {relation.subject, relation.object} <= set(range(len(scene.things)))


@pytest.mark.parametrize(
    ("name", "caption"),
    [
        ("flat-car", "a red car is parked on the street"),
        ("flat-car", "a red car drives down the road under a clear sky"),
        ("flat-balloons", "two red balloons are flying in the sky"),
        ("flat-house", "a red house stands next to a tree in the sun"),
        ("flat-girl", "a girl in a pink dress holds a blue balloon"),
        ("emoji-dog", "a brown dog is standing in the park near a tree"),
        ("emoji-sheep", "two white sheep stand in a field"),
        ("matplotlib-boat-sunset", "a white sailboat floats on the water at sunset"),
        ("sticks-two", "two people are standing"),
        ("sticks-two", "a man stands next to a woman"),
        ("sticks-dog-walk", "a boy walks his dog"),
        ("sticks-umbrella", "a man in black stands under a blue umbrella in the rain"),
        ("sticks-kite", "a child flies a green kite"),
        ("sticks-bike", "a person rides a red bicycle"),
        ("crayon-tree", "two black birds fly above a tree"),
        ("collage-forest", "four trees stand in the forest"),
        ("collage-fence-house", "a blue house stands behind a white fence"),
        ("chalk-night", "a tree stands under the moon"),
    ],
)
def test_what_a_drawing_shows_is_true_of_it(name, caption):
    claims = judge_kindly(caption.split(), drawings()[name])
    assert [claim.text for claim in claims if claim.verdict != "true"] == []


@pytest.mark.parametrize(
    ("name", "caption", "false"),
    [
        ("flat-car", "a blue car is parked on the street", ["blue"]),
        ("flat-house", "a red house stands to the right of a tree", ["to the right of a tree"]),
        ("emoji-balloon", "a red balloon is flying in the snow", ["in the snow"]),
        ("emoji-cat", "an orange cat is sitting on a sunny day", ["sitting", "on a sunny day"]),
        ("sticks-two", "three people are standing", ["three people"]),
        ("chalk-man", "a man is standing at night", ["at night"]),
        ("pixels-dog", "a brown horse is standing", ["a brown horse", "brown", "horse", "standing"]),
    ],
)
def test_what_it_does_not_show_is_false(name, caption, false):
    claims = judge_kindly(caption.split(), drawings()[name])
    assert [claim.text for claim in claims if claim.verdict != "true"] == false


def test_a_description_stands_for_every_scene_it_allows():
    described = {"setting": "sea|", "time": "day", "sky": "sun", "things": [{"kind": "boat", "colour": "red|white"}]}
    found = {(scene.setting, scene.things[0].colour) for scene in scenes_of(described)}
    assert found == {("sea", "red"), ("sea", "white"), ("", "red"), ("", "white")}


def test_claims_and_captions_are_counted():
    claims = measure({"flat-car": "a red car", "emoji-cat": "a red cat"})
    assert (claims.true, claims.false, claims.captions, claims.without_false) == (5, 1, 2, 1)
