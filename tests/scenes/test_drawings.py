"""Scenes in other hands: the same seed draws the same, everything can be drawn, and it is said what can be seen."""

import numpy as np
import pytest
from PIL import Image

from mrnn_np.scenes.attributes import ATTRIBUTES, attributes
from mrnn_np.scenes.drawings import _draw, _warped, drawing, seen
from mrnn_np.scenes.figures import Figure
from mrnn_np.scenes.other_backdrops import other_backdrop
from mrnn_np.scenes.other_figures import draw_other
from mrnn_np.scenes.pen import PAINT
from mrnn_np.scenes.render import render
from mrnn_np.scenes.storylines import draw_scene
from mrnn_np.scenes.styles import Style, StyledPen, a, draw_style
from mrnn_np.scenes.world import COLOURS, Relation, Scene, Thing

BALL = Scene(
    "park", "day", "sun", (Thing("girl", "pink", action="hold"), Thing("ball", "red")), (Relation(0, "hold", 1),)
)
FILLS = ("flat", "shaded", "scribble", "paper", "wire", "silhouette")
BACKGROUNDS = ("scene", "bands", "line", "plain")


def shown(scene):
    return {ATTRIBUTES[n] for n in np.flatnonzero(attributes(scene))}


def styles(count=400):
    return [draw_style(np.random.default_rng(seed)) for seed in range(count)]


def test_a_seed_is_a_drawing():
    first, again, other = (drawing(BALL, seed) for seed in (7, 7, 8))
    assert first[0].size == (96, 96)
    assert first[0].mode == "RGB"
    assert first[0].tobytes() == again[0].tobytes()
    assert first[1] == again[1]
    assert first[0].tobytes() != other[0].tobytes()


def test_the_classic_hand_is_not_touched_by_others():
    before = render(BALL).tobytes()
    for seed in range(20):
        drawing(BALL, seed)
    assert render(BALL).tobytes() == before


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_every_figure_can_be_drawn_in_every_hand(fill, background):
    rng = np.random.default_rng(3)
    for kind, colours in COLOURS.items():
        for classic in (0.0, 1.0):
            style = Style(rng, fill, rim=0.8, wobble=0.5, background=background, classic=classic, sticks=classic > 0)
            scene = Scene("beach", "day", "rain", (Thing(kind, colours[0]),))
            image, ground = other_backdrop(scene, style, 2.0)
            before = np.asarray(image).copy()
            pose = {"boat": "sail", "plane": "fly"}.get(kind, "stand")
            pen = StyledPen(ground.draw, 2.0, 48, 80, style=style)
            draw_other(pen, Figure(kind, colours[0], pose, 48, 80), scene.setting)
            changed = (np.asarray(image) != before).any(axis=2).mean()
            assert changed > 0.001, (kind, classic)


def test_every_sort_of_scene_can_be_drawn():
    rng = np.random.default_rng(5)
    for seed in range(300):
        scene = draw_scene(rng)
        picture, shows = drawing(scene, seed)
        assert np.asarray(picture).std() > 0
        assert attributes(shows).any()
        assert seen(scene, seed) == shows


def test_every_fill_and_background_is_drawn_at_times():
    drawn = styles()
    assert {style.fill for style in drawn} == set(FILLS)
    assert {style.background for style in drawn} == set(BACKGROUNDS)
    assert {style.rim > 0 for style in drawn} == {style.wobble > 0 for style in drawn} == {False, True}


@pytest.mark.parametrize("word", list(PAINT))
def test_a_colour_goes_by_its_name(word):
    """Most of what a word is taken for is nearer to the classic colour of that word than to those of the others."""
    rng = np.random.default_rng(1)
    distances = [
        {other: np.abs(np.subtract(colour, classic)).sum() for other, classic in PAINT.items()}
        for colour in (a(rng, word) for _ in range(200))
    ]
    assert np.mean([min(far, key=far.get) == word for far in distances]) > 0.4


def drawn_in(monkeypatch, scene, **changes):
    """Return the attributes of a scene in one hand, which leaves nothing out."""
    style = Style(np.random.default_rng(0), **changes)
    monkeypatch.setattr("mrnn_np.scenes.drawings.draw_style", lambda rng: style)
    monkeypatch.setattr(Style, "chance", lambda self, likely: False)
    return shown(drawing(scene, 0)[1])


def test_labels_are_the_scenes(monkeypatch):
    assert drawn_in(monkeypatch, BALL) == shown(BALL)


def test_without_a_background_there_is_no_setting_and_no_time(monkeypatch):
    labels = drawn_in(monkeypatch, BALL, background="plain")
    assert shown(BALL) - labels == {"in park", "at day", "sky sun"}


def test_a_single_line_under_a_clear_sky_is_at_no_time(monkeypatch):
    clear, sunny = (Scene("beach", "day", sky, BALL.things, BALL.relations) for sky in ("clear", "sun"))
    assert shown(clear) - drawn_in(monkeypatch, clear, background="line") == {"at day", "sky clear"}
    assert drawn_in(monkeypatch, sunny, background="line") == shown(sunny)


def test_a_park_of_a_single_line_is_a_field(monkeypatch):
    assert drawn_in(monkeypatch, BALL, background="line") == shown(BALL) - {"in park"} | {"in field"}


def test_what_is_alone_is_neither_large_nor_small(monkeypatch):
    kite = Scene("park", "day", "sun", (Thing("kite", "red", size="big", action="fly"),))
    assert shown(kite) - drawn_in(monkeypatch, kite) == {"big kite"}


@pytest.mark.parametrize("kind", list(COLOURS))
def test_what_is_alone_fills_much_of_the_picture_whatever_it_is(kind):
    """A bird no less than a bus, and at times all of one that is as large as the picture is in it."""
    scene = Scene("field", "day", "clear", (Thing(kind, COLOURS[kind][-1], action="stand"),))
    parts = []
    for seed in range(40):
        style = Style(np.random.default_rng(seed), rim=0.5, background="plain", paper=(1, 2, 3))
        painted = (np.asarray(_draw(scene, style, 96)) != style.paper).any(axis=2)
        rows, columns = np.flatnonzero(painted.any(axis=1)), np.flatnonzero(painted.any(axis=0))
        parts.append(max(np.ptp(rows), np.ptp(columns)) / len(painted))
    assert 0.4 < np.mean(parts) < 0.75
    assert min(parts) > 0.1


def test_a_warped_picture_is_pulled_a_little_and_has_no_holes():
    rng = np.random.default_rng(0)
    grey = Image.new("RGB", (192, 192), (90, 120, 150))
    assert _warped(grey, rng).tobytes() == grey.tobytes()
    picture = render(BALL, 192)
    apart = [np.abs(np.subtract(_warped(picture, rng), picture, dtype=float)).mean() for _ in range(20)]
    assert 0 < min(apart)
    assert max(apart) < 0.5 * np.abs(np.subtract(picture, np.asarray(picture).mean(axis=(0, 1)))).mean()


def test_what_was_held_and_is_left_alone_flies(monkeypatch):
    style = Style(np.random.default_rng(0))
    monkeypatch.setattr("mrnn_np.scenes.drawings.draw_style", lambda rng: style)
    monkeypatch.setattr(Style, "chance", lambda self, likely: likely == 0.15)
    kite = Scene(
        "park", "day", "sun", (Thing("girl", "pink", action="fly"), Thing("kite", "red")), (Relation(0, "fly", 1),)
    )
    assert [drawing(scene, 0)[1].things for scene in (kite, BALL)] == [
        (Thing("kite", "red", action="fly"),),
        (Thing("ball", "red"),),
    ]


def test_a_pencil_leaves_the_colours_open(monkeypatch):
    labels = drawn_in(monkeypatch, BALL, fill="paper", rim=0.5, ink=(0, 0, 0))
    assert shown(BALL) - labels == {"pink girl", "red ball"}
    assert labels <= shown(BALL)


def test_a_coloured_pencil_shows_colours(monkeypatch):
    assert {"pink girl", "red ball"} <= drawn_in(monkeypatch, BALL, fill="paper", rim=0.5, ink=None)


def test_silhouettes_are_black_where_they_can_be(monkeypatch):
    dog = Scene("park", "day", "sun", (Thing("dog", "white", action="run"),))
    assert "black dog" in drawn_in(monkeypatch, dog, fill="silhouette")
