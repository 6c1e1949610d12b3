"""Scenes as other people would draw them: pictures in hands drawn at random, and the scenes that they show.

The classic hand of `render` is one painter's; the network that looks at a stranger's drawing learns from these.
"""

import io
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from mrnn_np.scenes.backdrop import rain
from mrnn_np.scenes.figures import Figure
from mrnn_np.scenes.other_backdrops import other_backdrop
from mrnn_np.scenes.other_figures import draw_other
from mrnn_np.scenes.pen import INK, shade
from mrnn_np.scenes.stage import WIDTHS, stage
from mrnn_np.scenes.styles import Style, StyledPen, draw_style, near
from mrnn_np.scenes.world import COLOURS, SETTINGS, WHERE, Scene

_FINER = 2
_HEIGHTS = {"man": 46, "woman": 44, "boy": 34, "girl": 33, "tree": 51, "snowman": 40, "balloon": 36, "kite": 36}
"""Of what is higher than wide, in units."""
_FROM_THE_MIDDLE = ("plane", "kite", "ball")
"""Kinds whose place is that of their middle, not of their feet."""


def drawing(
    scene: Scene, seed: int | np.random.SeedSequence, size: int = 96, rough: bool = False
) -> tuple[Image.Image, Scene]:
    """Return a picture of `scene` in a hand of its own, RGB `size` pixels wide and high, and the scene that one sees.

    What a hand leaves open is "" in the scene: the colours in pencil, setting, time and sky without a background, and
    the size of what is alone.  Silhouettes are black.

    Parameters
    ----------
    scene : what is drawn, at times only one thing of it, or elsewhere
    seed : of all that is left to chance
    size : as above
    rough : whether more is shown together, and more often askew, blurred or noisy
    """
    style, scene = _conceived(scene, seed, rough)
    return _photographed(_draw(scene, style, size), style, size, 1.0 if rough else 0.45), _visible(scene, style)


def seen(scene: Scene, seed: int | np.random.SeedSequence, rough: bool = False) -> Scene:
    """Return the scene that one sees in the `drawing` of the same arguments, which is not drawn for that."""
    style, scene = _conceived(scene, seed, rough)
    return _visible(scene, style)


def _conceived(scene: Scene, seed: int | np.random.SeedSequence, rough: bool) -> tuple[Style, Scene]:
    """Return the hand that draws, and what it draws."""
    rng = np.random.default_rng(seed)
    style = draw_style(rng)
    scene = _simpler(scene, style, *((0.12, 0.35) if rough else (0.15, 0.55)))
    if style.fill == "paper" and style.ink:
        scene = _all_in(scene, "white")
    elif style.fill == "silhouette":
        style.ink = (20, 20, 24)
        scene = _all_in(scene, "black")
    if (
        not style.rim
        and style.fill != "silhouette"
        and min(style.paper) > 235
        and any(thing.colour == "white" for thing in scene.things)
    ):  # on which white things would be unseen
        style.paper = shade(near(rng, (190, 220, 240), 3.0), 0.95)
    if style.background == "line" and scene.setting == "park":  # a stroke of green is a field's
        scene = replace(scene, setting="field")
    return style, scene


def _visible(scene: Scene, style: Style) -> Scene:
    """Return what one sees of what was drawn; see `drawing`."""
    things = scene.things
    if style.fill == "paper" and style.ink:
        things = tuple(replace(thing, colour="") for thing in things)
    if len(things) == 1:  # with nothing beside it to be larger or smaller than
        things = (replace(things[0], size=""),)
    scene = replace(scene, things=things)
    if style.background == "plain":
        return replace(scene, setting="", time="", sky="")
    if style.background == "line" and scene.sky == "clear":
        return replace(scene, time="", sky="")
    return scene


def _simpler(scene: Scene, style: Style, second: float, first: float) -> Scene:
    """Return the scene as people draw it who care less for where things belong, or leave out all but one.

    `second` and `first` are how likely the second thing is left alone, and else the first.
    """
    if style.chance(0.2) and scene.setting != "sea":
        scene = replace(scene, setting=SETTINGS[int(style.rng.integers(len(SETTINGS) - 1))])
    if style.chance(second) and len(scene.things) > 1:
        other = scene.things[1]
        if other.kind in ("kite", "balloon"):
            other = replace(other, action="fly")
        return replace(scene, things=(other,), relations=())
    if style.chance(first) and all(relation.name in WHERE for relation in scene.relations):
        return replace(scene, things=scene.things[:1], relations=())
    return scene


def _all_in(scene: Scene, colour: str) -> Scene:
    things = tuple(
        replace(thing, colour=colour) if thing.colour and colour in COLOURS[thing.kind] else thing
        for thing in scene.things
    )
    return replace(scene, things=things)


def _draw(scene: Scene, style: Style, size: int) -> Image.Image:
    pixels = size * _FINER / 96
    image, ground = other_backdrop(scene, style, pixels)
    figures = stage(scene, style.rng)
    middle, floor = 48 + style.shift[0], 86 + style.shift[1]
    if style.chance(0.5):
        floor -= style.between(0, 26 if style.background == "plain" else 14)
    for figure in figures:
        figure.x, figure.y = middle + (figure.x - 48) * style.zoom, floor + (figure.y - 86) * style.zoom
        figure.scale *= style.zoom * style.between(0.93, 1.07)
        if figure.string_to:
            x, y = figure.string_to
            figure.string_to = middle + (x - 48) * style.zoom, floor + (y - 86) * style.zoom
    if len(scene.things) == 1:
        _fill_the_picture(figures, style, floor)
    shadows = style.chance(0.25) and style.background in ("scene", "bands")
    for figure in figures:
        if figure.shadow and shadows:
            left, right = (pixels * (figure.x + side * figure.shadow / 2) for side in (-1, 1))
            ground.draw.ellipse((left, (figure.y - 2) * pixels, right, (figure.y + 2) * pixels), fill=(90, 100, 90))
    for figure in figures:
        if figure.string_to:
            ends = [(x, 96 - y) for x, y in (figure.hand(), figure.string_to)]
            ground.stroke(ends, style.between(0.5, 1.0), INK if scene.time == "day" else (150, 152, 176))
        pen = StyledPen(ground.draw, pixels, figure.x, figure.y, figure.scale, figure.left, style=style)
        draw_other(pen, figure, scene.setting)
    if scene.sky == "rain" and style.background != "plain":
        rain(ground, style.rng)
    return image


def _fill_the_picture(figures: list[Figure], style: Style, floor: float) -> None:
    """Make what is alone as large as people draw what a picture is of, and put it where they put it."""
    kind, scale = figures[0].kind, figures[0].scale
    left, right = min(figure.x for figure in figures), max(figure.x for figure in figures)
    back, front = min(figure.y for figure in figures), max(figure.y for figure in figures)
    high = scale * _HEIGHTS.get(kind, 0.55 * WIDTHS[kind])
    size = style.between(24, 84) if len(figures) == 1 else style.between(55, 92)
    grown = size / max(right - left + scale * WIDTHS[kind], front - back + high)
    x, y = (48 + style.between(-0.3, 0.3) * (96 - size) for _ in "xy")
    if kind not in _FROM_THE_MIDDLE:
        if style.background == "plain" or figures[0].pose == "fly" or kind == "balloon":
            y += grown * high / 2
        else:
            y = floor - grown * (front - back) / 2
    for figure in figures:
        figure.x = x + grown * (figure.x - (left + right) / 2)
        figure.y = y + grown * (figure.y - (back + front) / 2)
        figure.scale *= grown
        figure.shadow *= grown


def _photographed(image: Image.Image, style: Style, size: int, often: float) -> Image.Image:
    """Return the picture as it may reach us: turned a little, coarser, paler, noisy, with the traces of JPEG."""
    rng = style.rng
    if rng.random() < 0.8 * often:
        image = _warped(image, rng)
    if rng.random() < 0.3 * often:
        image = image.rotate(float(rng.normal(0, 3)), Image.Resampling.BILINEAR, fillcolor=style.paper)
    if rng.random() < 0.25 * often:
        coarse = int(size * rng.uniform(0.45, 0.9))
        image = image.resize((coarse, coarse), Image.Resampling.BILINEAR).resize(
            (size, size), Image.Resampling.BILINEAR
        )
    else:
        image = image.reduce(image.width // size)
    if rng.random() < 0.6 * often:
        image = image.filter(_random_kernel(rng))
    colours: npt.NDArray[np.floating] = np.asarray(image, np.float32)
    if rng.random() < 0.4 * often:
        cast = rng.normal(1, 0.06, 3) if rng.random() < 0.5 else np.ones(3)
        contrast, light = np.exp(rng.normal(0, 0.16)), rng.normal(0, 12)
        colours = ((colours - 128) * contrast + 128 + light) * cast
    if rng.random() < 0.3 * often:  # washes, or shading that is uneven
        cells = int(rng.integers(3, 17))
        blots = Image.fromarray(rng.normal(0, 1, (cells, cells)).astype(np.float32)).resize(
            (size, size), Image.Resampling.BICUBIC
        )
        colours = colours + rng.uniform(6, 34) * np.asarray(blots)[..., None] * (colours < 245)
    if rng.random() < 0.3 * often:
        colours = colours + rng.normal(0, rng.uniform(2, 14), colours.shape)
    if rng.random() < 0.12 * often:  # the grain of paper or crayon
        grain = np.kron(rng.normal(0, 1, (size // 2, size // 2)), np.ones((2, 2)))
        colours = colours + rng.uniform(4, 16) * grain[..., None]
    image = Image.fromarray(np.clip(colours, 0, 255).astype(np.uint8))
    if rng.random() < 0.2:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=int(rng.integers(25, 90)))
        image = Image.open(file, formats=("JPEG",)).convert("RGB")
    return image


def _random_kernel(rng: np.random.Generator) -> ImageFilter.Kernel:
    """Return a filter that leaves shapes as they are, and changes what edges, lines and shades look like.

    After Xu et al. 2021, "Robust and Generalizable Visual Representation Learning via Random Convolutions".
    """
    kernel = rng.normal(0, 0.25, 9)
    kernel -= kernel.mean()
    kernel[4] += 1
    return ImageFilter.Kernel((3, 3), kernel.tolist(), scale=1)


def _warped(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the picture pulled this way and that, as rubber is: each corner of a coarse grid strays by itself.

    After Simard et al. 2003, "Best Practices for Convolutional Neural Networks Applied to Visual Document Analysis".
    """
    cells, side = 4, image.width
    at = np.linspace(0, side, cells + 1)
    corners = np.stack(np.meshgrid(at, at), axis=-1)  # (row, column) -> (x, y)
    corners = np.clip(corners + rng.normal(0, rng.uniform(0.005, 0.035) * side, corners.shape), 0, side)
    mesh = [
        (
            (int(at[j]), int(at[i]), int(at[j + 1]), int(at[i + 1])),
            tuple(np.concatenate([corners[i, j], corners[i + 1, j], corners[i + 1, j + 1], corners[i, j + 1]])),
        )
        for i in range(cells)
        for j in range(cells)
    ]
    return image.transform(image.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
