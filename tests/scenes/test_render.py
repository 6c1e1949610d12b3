"""Pictures: their form, and that what a description says is to be seen in them."""

import numpy as np
import pytest

from mrnn_np.scenes.pen import PAINT, shade
from mrnn_np.scenes.render import render
from mrnn_np.scenes.storylines import draw_scene
from mrnn_np.scenes.world import COLOURS, SETTINGS, SKIES, Relation, Scene, Thing

DOG = Thing("dog", "brown", 1, "", "run")


def picture(*things, relations=(), setting="street", time="day", sky="clear", variation=0):
    """The picture of a scene as floats, [96, 96, 3]."""
    scene = Scene(setting, time, sky, things, tuple(Relation(*relation) for relation in relations))
    return np.asarray(render(scene, variation=variation), float)


def where(pixels, colour):
    """Where pixels have almost a colour: rows and columns."""
    return np.nonzero(np.abs(pixels - PAINT[colour]).max(axis=2) < 24)


def area(pixels, colour):
    return len(where(pixels, colour)[0])


def test_a_picture_is_rgb_of_96_by_96_pixels():
    image = render(Scene("park", "day", "sun", (DOG,)))
    assert image.size == (96, 96)
    assert image.mode == "RGB"
    assert render(Scene("park", "day", "sun", (DOG,)), size=40).size == (40, 40)


def test_a_description_gives_one_picture_and_a_variation_another():
    scene = Scene("park", "day", "sun", (DOG,))
    first, again, other = (np.asarray(render(scene, variation=variation)) for variation in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any(axis=2).mean() > 0.05


def test_a_larger_picture_shows_the_same():
    scene = Scene("beach", "day", "sun", (Thing("boat", "red", 1, "", "sail"),))
    large = np.asarray(render(scene, size=192), float).reshape(96, 2, 96, 2, 3).mean(axis=(1, 3))
    assert np.abs(large - np.asarray(render(scene), float)).mean() < 4


@pytest.mark.parametrize("kind", [kind for kind, colours in COLOURS.items() if colours != ("",)])
def test_a_thing_has_its_colour(kind):
    """In the open air of a bright day, and no other thing of its kind has."""
    action = {"bird": "fly", "plane": "fly", "boat": "sail", "dolphin": "jump", "duck": "swim"}.get(kind, "stand")
    setting = "sea" if kind in ("boat", "dolphin", "duck") else "snow"
    shown = {c: picture(Thing(kind, c, 1, "", action), setting=setting, sky="sun") for c in COLOURS[kind]}
    for colour in set(COLOURS[kind]) - {"white", "grey"}:
        others = max(area(shown[other], colour) for other in shown if other != colour)
        assert area(shown[colour], colour) > others + 12, colour


def test_who_is_left_is_left():
    car, bus = Thing("car", "red", 1, "", "park"), Thing("truck", "yellow", 1, "", "park")
    for variation in range(6):
        for side, sign in (("left", -1), ("right", 1)):
            pixels = picture(car, bus, relations=[(0, side, 1)], variation=variation)
            (_, red), (_, yellow) = where(pixels, "red"), where(pixels, "yellow")
            assert min(len(red), len(yellow)) > 100
            assert sign * (red.mean() - yellow.mean()) > 20


def test_what_flies_above_is_above_and_what_is_under_below():
    boy, bird = Thing("boy", "blue", 1, "", "stand"), Thing("bird", "red", 2, "", "fly")
    pixels = picture(boy, bird, relations=[(1, "above", 0)])
    assert where(pixels, "red")[0].max() < where(pixels, "blue")[0].min()
    girl, umbrella = Thing("girl", "green", 1, "", "sit"), Thing("umbrella", "purple")
    pixels = picture(girl, umbrella, relations=[(0, "under", 1)], setting="beach")
    assert where(pixels, "purple")[0].max() < where(pixels, "green")[0].min()


def test_what_is_in_front_hides_what_is_behind():
    man, fence = Thing("man", "blue", 1, "", "stand"), Thing("fence", "red")
    front, behind = (picture(man, fence, relations=[(0, name, 1)], setting="field") for name in ("front", "behind"))
    assert where(front, "blue")[0].max() > where(behind, "blue")[0].max() + 10
    assert area(behind, "red") > area(front, "red") + 50


def test_riders_are_on_top_and_hurdlers_in_the_air():
    woman, horse = Thing("woman", "yellow", 1, "", "ride"), Thing("horse", "brown", 1, "", "run")
    pixels = picture(woman, horse, relations=[(0, "ride", 1)])
    assert where(pixels, "yellow")[0].mean() < where(pixels, "brown")[0].mean() - 5
    jumper, fence = Thing("boy", "blue", 1, "", "jump"), Thing("fence", "red")
    pixels = picture(jumper, fence, relations=[(0, "over", 1)])
    assert where(pixels, "blue")[0].mean() < where(pixels, "red")[0].min()


def test_big_things_are_larger_than_small_ones():
    small, plain, big = (area(picture(Thing("house", "yellow", 1, size)), "yellow") for size in ("small", "", "big"))
    assert 1.5 * small < plain < 0.8 * big


def test_more_things_cover_more():
    areas = [area(picture(Thing("cat", "orange", count, "", "sit")), "orange") for count in (1, 2, 3, 4)]
    assert areas == sorted(areas)
    assert areas[3] > 1.5 * areas[0]


@pytest.mark.parametrize("kind", ["car", "bus", "truck"])
def test_only_moving_vehicles_leave_a_trail(kind):
    def smoke(action):
        pixels = picture(Thing(kind, "blue", 1, "", action), setting="forest", time="night", sky="stars")
        return (np.abs(pixels[54:] - (232, 232, 232)).max(axis=2) < 8).sum()

    assert smoke("park") == 0
    assert smoke("drive") > 20


def test_settings_and_skies_differ():
    looks = {
        (setting, time, sky): picture(DOG, setting=setting, time=time, sky=sky)
        for setting in SETTINGS
        for time, skies in SKIES.items()
        for sky in skies
    }
    for setting in SETTINGS:
        brightness = {sky: looks[setting, time, sky].mean() for time, skies in SKIES.items() for sky in skies}
        assert max(brightness["moon"], brightness["stars"]) < 0.75 * brightness["sun"]
        assert brightness["rain"] < brightness["clouds"]
    for (a, time, sky), pixels in looks.items():
        for (b, *other), others in looks.items():
            if a != b and [time, sky] == other:
                assert np.abs(pixels[48:].mean(axis=(0, 1)) - others[48:].mean(axis=(0, 1))).max() > 3, (a, b, sky)


def test_black_animals_stand_out_at_night():
    def pale(kind, colour):
        dark = picture(Thing(kind, colour, 1, "", "stand"), setting="forest", time="night", sky="stars")
        return (np.abs(dark[54:] - (150, 152, 176)).max(axis=2) < 60).sum()

    assert pale("bird", "red") == 0
    for kind in ("dog", "cat", "horse", "cow", "sheep", "bird"):
        assert pale(kind, "black") > 5, kind


def test_whatever_may_be_drawn_can_be_drawn():
    rng = np.random.default_rng(0)
    for _ in range(400):
        pixels = np.asarray(render(draw_scene(rng), size=32))
        assert pixels.shape == (32, 32, 3)
        assert pixels.std() > 5


def test_shade_goes_to_black_and_to_white():
    assert shade((200, 100, 0), 0) == (0, 0, 0)
    assert shade((200, 100, 0), 0.5) == (100, 50, 0)
    assert shade((200, 100, 0), 1) == (200, 100, 0)
    assert shade((200, 100, 0), 2) == (255, 255, 255)
