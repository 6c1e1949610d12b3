"""A hundred scenes as they were drawn when the shipped CNN learnt to see them: golden.png, 24 pixels each.

After a change in what is drawn, which takes another CNN: python tests/scenes/test_golden_pictures.py
"""

from pathlib import Path

import numpy as np
from PIL import Image

from mrnn_np.scenes.render import render
from mrnn_np.scenes.storylines import draw_scene
from mrnn_np.scenes.world import COLOURS, SETTINGS, SKIES

GOLDEN = Path(__file__).with_name("golden.png")


def scenes():
    rng = np.random.default_rng(123)  # which draws one of each
    return [draw_scene(rng) for _ in range(100)]


def sheet():
    """The scenes in ten rows of ten."""
    sheet = Image.new("RGB", (240, 240))
    for i, scene in enumerate(scenes()):
        sheet.paste(render(scene).reduce(4), (i % 10 * 24, i // 10 * 24))
    return sheet


def test_they_are_drawn_as_they_were():
    with Image.open(GOLDEN) as golden:
        difference = np.abs(np.asarray(sheet(), float) - np.asarray(golden, float))
    # Another version of Pillow may round a pixel otherwise.
    assert difference.mean() < 0.05
    assert difference.max() < 9


def test_they_show_what_can_be_drawn():
    shown = scenes()
    assert {scene.setting for scene in shown} == set(SETTINGS)
    assert {scene.sky for scene in shown} == {sky for skies in SKIES.values() for sky in skies}
    assert {thing.kind for scene in shown for thing in scene.things} == set(COLOURS)
    assert len({(thing.kind, thing.action) for scene in shown for thing in scene.things}) > 70


if __name__ == "__main__":
    sheet().save(GOLDEN, optimize=True)
