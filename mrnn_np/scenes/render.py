"""From a scene's description to its picture."""

import json
import zlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from PIL import Image

from mrnn_np.scenes.backdrop import backdrop, rain
from mrnn_np.scenes.figures import draw_figure
from mrnn_np.scenes.pen import INK, Pen
from mrnn_np.scenes.stage import stage
from mrnn_np.scenes.world import Scene, Thing

_FINER = 3  # pixels drawn for each pixel of the picture, along either side
_PALE_INK = (150, 152, 176)
_TURNS = [(np.cos(turn), np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 20, endpoint=False)]


def render(scene: Scene, size: int = 96, variation: int = 0) -> Image.Image:
    """Return the picture of `scene`, RGB, `size` pixels wide and high.

    A description always gives the same picture: what it leaves open (who looks left, where the clouds are, a person's
    hair) is drawn at random from a seed that is the description itself.  Another `variation` is another picture of it.
    """
    return _draw(scene, size, variation)


def visible(scene: Scene, thing: Thing, size: int = 96, variation: int = 0) -> npt.NDArray[np.bool_]:
    """Return where in the picture of `scene` one sees `thing`, (size, size): what looks otherwise if it is not drawn.

    Its shadow and the string in its hand are not the thing.  Things alike in kind and colour are seen together.
    """
    with_it, without = (np.asarray(_draw(scene, size, variation, left_out)) for left_out in (None, thing))
    found: npt.NDArray[np.bool_] = (with_it != without).any(axis=2)
    return found


def _draw(scene: Scene, size: int, variation: int, left_out: Thing | None = None) -> Image.Image:
    description = json.dumps([scene.to_json(), variation], sort_keys=True)
    rng = np.random.default_rng(zlib.crc32(description.encode()))
    pixels = size * _FINER / 96
    image, ground, shadow = backdrop(scene.setting, scene.time, scene.sky, pixels, rng)
    figures = stage(scene, rng)
    for figure in figures:
        if figure.shadow:
            reach, y = figure.shadow / 2, 96 - figure.y
            ground.patch([(figure.x + reach * cos, y + 2 * sin - 0.6) for cos, sin in _TURNS], shadow)
    for figure in figures:
        if figure.string_to:
            ends = [(x, 96 - y) for x, y in (figure.hand(), figure.string_to)]
            ground.line(ends, 0.7, INK if scene.time == "day" else _PALE_INK)
        if left_out and (figure.kind, figure.colour) == (left_out.kind, left_out.colour):
            continue
        ink = _PALE_INK if scene.time == "night" and figure.colour == "black" else INK
        draw_figure(Pen(ground.draw, pixels, figure.x, figure.y, figure.scale, figure.left, ink), figure, scene.setting)
    if scene.sky == "rain":
        rain(ground, rng)
    return image.reduce(_FINER)


def pictures_of(scenes: Iterable[Scene]) -> npt.NDArray[np.uint8]:
    """Return the pictures of scenes as the CNN looks at them, uint8 (n, 96, 96, 3)."""
    return np.stack([np.asarray(render(scene)) for scene in scenes])
