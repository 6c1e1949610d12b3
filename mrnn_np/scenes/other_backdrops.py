"""What other hands put behind the things: two bands of colour, a few hills, a line on paper, or nothing."""

import math

import numpy as np
from PIL import Image, ImageDraw

from mrnn_np.scenes.backdrop import Light, backdrop
from mrnn_np.scenes.pen import Colour, Pen, Point, shade
from mrnn_np.scenes.styles import Style, StyledPen, near
from mrnn_np.scenes.world import Scene

_SKY: dict[tuple[str, str], tuple[Colour, ...]] = {
    ("day", "sun"): ((110, 190, 250), (160, 215, 250), (90, 170, 240), (200, 232, 252)),
    ("day", "clear"): ((70, 150, 240), (120, 190, 250), (50, 130, 230), (150, 210, 250)),
    ("day", "clouds"): ((140, 172, 200), (150, 200, 240), (170, 185, 200), (190, 205, 220)),
    ("day", "rain"): ((110, 120, 135), (130, 142, 158), (90, 100, 118), (160, 170, 184)),
    ("sunset", "sun"): ((255, 160, 90), (250, 130, 90), (240, 120, 130), (255, 190, 110), (150, 90, 150)),
    ("night", "moon"): ((24, 30, 80), (40, 50, 110), (16, 22, 60), (50, 50, 90)),
    ("night", "stars"): ((12, 14, 44), (24, 28, 72), (8, 8, 28), (36, 40, 96)),
}
_GROUND: dict[str, tuple[Colour, ...]] = {
    "field": ((130, 190, 80), (110, 176, 66), (150, 205, 90), (90, 170, 70), (200, 190, 90)),
    "park": ((110, 180, 84), (92, 162, 74), (120, 200, 100), (80, 160, 80)),
    "beach": ((244, 220, 158), (250, 232, 176), (238, 208, 140), (236, 214, 170)),
    "street": ((110, 110, 116), (90, 90, 96), (130, 130, 136), (70, 72, 80)),
    "forest": ((110, 130, 66), (90, 130, 60), (106, 94, 56), (70, 120, 60)),
    "snow": ((240, 244, 252), (250, 252, 255), (228, 236, 246)),
    "sea": ((60, 140, 200), (40, 110, 180), (80, 170, 210), (30, 90, 160), (60, 170, 200)),
}
_DISCS: tuple[Colour, ...] = (
    (240, 170, 40),
    (70, 130, 240),
    (20, 140, 110),
    (250, 200, 70),
    (90, 90, 200),
    (230, 110, 140),
    (120, 190, 80),
    (40, 170, 200),
    (220, 235, 225),
)
_DIM = {"day": 1.0, "sunset": 0.85, "night": 0.45}


def other_backdrop(scene: Scene, style: Style, pixels: float) -> tuple[Image.Image, StyledPen]:
    """Return what is behind the things in this hand, and a pen with (0, 0) at the bottom left of it."""
    side = round(96 * pixels)
    if style.background == "scene":
        image, pen, _ = backdrop(scene.setting, scene.time, scene.sky, pixels, style.rng)
        return image, StyledPen(pen.draw, pixels, 0, 96, style=style, flat=True)
    if style.background in ("plain", "line"):
        image = Image.new("RGB", (side, side), style.paper)
        pen = StyledPen(ImageDraw.Draw(image), pixels, 0, 96, style=style, flat=True)
        if style.background == "line":
            _line(pen, scene, style)
        elif style.disc:
            radius = style.between(38, 52)
            pen.patch(
                [(48 + radius * math.cos(t), 48 + radius * math.sin(t)) for t in np.linspace(0, math.tau, 40)],
                near(style.rng, _DISCS[int(style.rng.integers(len(_DISCS)))], 2.0),
            )
        return image, pen
    return _bands(scene, style, pixels, side)


def _bands(scene: Scene, style: Style, pixels: float, side: int) -> tuple[Image.Image, StyledPen]:
    """Draw sky and ground, each of one colour or fading into another, and a few signs of where and when it is."""
    sky = _one_of(style, _SKY[scene.time, scene.sky])
    dim = _DIM[scene.time] if style.chance(0.6) else 1.0
    ground = shade(_one_of(style, _GROUND[scene.setting]), dim)
    horizon = style.between(0.36, 0.7)
    if style.chance(0.5):
        image = Image.new("RGB", (side, side), sky)
    else:
        at = np.linspace(0, 1, side)[:, None]
        low = shade(sky, style.between(1.1, 1.6)) if scene.time == "day" else near(style.rng, shade(sky, 1.2))
        column = ((1 - at) * sky + at * low).astype(np.uint8)
        image = Image.fromarray(column[:, None]).resize((side, side), Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(image)
    pen = StyledPen(draw, pixels, 0, 96, style=style, flat=True)
    light = Light((dim, dim, dim))
    up = 96 * (1 - horizon)
    _sky(pen, scene, style, up)
    _behind(pen, scene, style, up, light)
    edge = [(float(x), up) for x in (0, 96)]
    if style.chance(0.35) and scene.setting not in ("sea", "street"):
        swing, long = style.between(1, 6), style.between(12, 30)
        start = style.between(0, 6)
        edge = [(x, up + swing * math.sin(start + x / long)) for x in range(0, 100, 4)]
    draw.polygon([(x * pixels, (96 - y) * pixels) for x, y in [*edge, (96, -1), (0, -1)]], fill=ground)
    if style.chance(0.3):
        shadow = near(style.rng, shade(ground, style.between(0.75, 0.95)), 0.4)
        pen.patch([(0, up * 0.5), (96, up * style.between(0.3, 0.6)), (96, -1), (0, -1)], shadow)
    if style.rim and style.chance(0.4):
        draw.line(
            [(x * pixels, (96 - y) * pixels) for x, y in edge],
            fill=style.ink or shade(ground, 0.6),
            width=round(style.rim * 2 * pixels),
        )
    _ground(pen, scene, style, up, light)
    return image, pen


def _one_of(style: Style, colours: tuple[Colour, ...]) -> Colour:
    return near(style.rng, colours[int(style.rng.integers(len(colours)))], 0.7)


def _line(pen: StyledPen, scene: Scene, style: Style) -> None:
    """Draw the ground as a stroke of its colour on bare paper, and the sky's lights."""
    ground = _one_of(style, _GROUND[scene.setting])
    if min(ground) > 200:
        ground = (190, 205, 230)
    y, high = style.between(3, 14), style.between(0.5, 3.0)
    if scene.setting == "sea":
        for row in range(int(style.rng.integers(1, 4))):
            wave = [(x, 20 - 7 * row + 1.6 * math.sin(x / style.between(1.8, 3.0))) for x in range(0, 98, 2)]
            pen.stroke(wave, high, ground)
    elif style.fill == "paper":
        pen.stroke([(0, y), (96, y)], high * 0.5, style.ink or ground)
    elif style.chance(0.5):
        pen.patch([(0, -1), (0, y), (96, y + style.between(-3, 3)), (96, -1)], ground)
    else:
        pen.stroke([(0, y), (96, y)], high, ground)
    if scene.setting in ("field", "park") and style.chance(0.6):
        for x in range(2, 96, int(style.rng.integers(3, 12))):
            pen.stroke([(x, y), (x + style.between(-1, 1), y + style.between(2, 4.5))], 0.9, ground)
    _sky(pen, scene, style, 50)


def _sky(pen: StyledPen, scene: Scene, style: Style, up: float) -> None:
    """Draw sun, moon, stars or clouds."""
    x = style.between(8, 24) if style.chance(0.5) else style.between(72, 88)
    y, size = style.between(78, 88), style.between(5, 10)
    if style.chance(0.2):
        x, y, size = (0.0 if x < 48 else 96.0), 96.0, size * 1.9
    gold = near(style.rng, (255, 214, 60), 0.7)
    if scene.time == "sunset":
        centre = (style.between(14, 82), up + style.between(-3, 10))
        glow = near(style.rng, (255, 226, 140), 0.7) if style.chance(0.6) else near(style.rng, (240, 90, 60))
        _disc(pen, *centre, size * 1.4, glow)
    elif scene.sky == "sun":
        rays = int(style.rng.integers(0, 15))
        if rays > 4:
            start, far = style.between(0, 1), size * style.between(1.3, 1.9)
            for n in range(rays):
                turn = start + n / rays * math.tau
                cos, sin = math.cos(turn), math.sin(turn)
                pen.stroke(
                    [(x + size * 1.15 * cos, y + size * 1.15 * sin), (x + far * cos, y + far * sin)],
                    style.between(0.7, 1.6), gold,
                )  # fmt: skip
        _disc(pen, x, y, size, gold)
    elif scene.sky == "moon":
        moon = near(style.rng, (250, 244, 206), 0.6)
        if style.chance(0.55):
            rim = [(x + size * math.cos(t), y + size * math.sin(t)) for t in np.linspace(0.9, 5.4, 14)]
            inner = [
                (x + 0.45 * size + 0.8 * size * math.cos(t), y + 0.8 * size * math.sin(t))
                for t in np.linspace(5.0, 1.3, 12)
            ]
            pen.patch([*rim, *inner], moon)
        else:
            _disc(pen, x, y, size, moon)
        if style.chance(0.4):
            _stars(pen, style, up, int(style.rng.integers(3, 9)))
    elif scene.sky == "stars":
        _stars(pen, style, up, int(style.rng.integers(10, 50)))
    elif scene.sky in ("clouds", "rain"):
        _clouds(pen, scene, style)
    if scene.sky == "sun" and scene.time == "day" and style.chance(0.12):
        _cloud(pen, style, 48.0, style.between(76, 88), 6.0, near(style.rng, (250, 251, 253), 0.2))


def _clouds(pen: StyledPen, scene: Scene, style: Style) -> None:
    pale: Colour = (250, 251, 253) if style.background in ("scene", "bands") else (214, 222, 234)
    puff = near(style.rng, pale if scene.sky == "clouds" else (112, 120, 134), 0.4)
    number = int(style.rng.integers(2, 5))
    for n in range(number):
        x = 96 * (n + 0.5) / number + style.between(-8, 8)
        _cloud(pen, style, x, style.between(74, 90), style.between(5, 9), puff)


def _cloud(pen: StyledPen, style: Style, x: float, y: float, size: float, puff: Colour) -> None:
    if style.chance(0.25):
        pen.oval(x, y, size * 1.8, size * 0.8, puff)
    else:
        for across, up, part in ((-1.1, 0, 0.7), (-0.3, 0.3, 0.95), (0.5, 0.2, 0.85), (1.2, -0.1, 0.6)):
            pen.oval(x + across * size, y + up * size, part * size, part * size * 0.85, puff)
    _outlines(pen, style)


def _outlines(pen: StyledPen, style: Style) -> None:
    """Draw what was collected for a backdrop, which a silhouette or a pencil leaves its colours."""
    fill, style.fill = style.fill, "flat" if style.fill in ("silhouette", "wire") else style.fill
    pen.finish()
    style.fill = fill


def _disc(pen: StyledPen, x: float, y: float, radius: float, fill: Colour) -> None:
    pen.oval(x, y, radius, radius, fill)
    _outlines(pen, style=pen.style)


def _stars(pen: StyledPen, style: Style, up: float, number: int) -> None:
    pointed, fill = style.chance(0.3), near(style.rng, (255, 245, 190), 0.6)
    for _ in range(number):
        x, y, size = style.between(2, 94), style.between(up + 4, 94), style.between(0.8, 2.0)
        if pointed:
            reaches = [size * (1.6 if n % 2 else 0.67) for n in range(10)]
            turns = [n * math.pi / 5 for n in range(10)]
            rim = [
                (x + far * math.sin(turn), y + far * math.cos(turn)) for far, turn in zip(reaches, turns, strict=True)
            ]
            pen.patch(rim, fill)
        else:
            pen.stroke([(x, y)], size, fill)


def _behind(pen: StyledPen, scene: Scene, style: Style, up: float, light: Light) -> None:
    """Draw what stands on the horizon."""
    match scene.setting:
        case "field" if style.chance(0.6):
            for _ in range(int(style.rng.integers(1, 4))):
                _hill(
                    pen,
                    style.between(0, 96),
                    up,
                    style.between(20, 50),
                    style.between(5, 16),
                    light(near(style.rng, (126, 178, 90))),
                )
        case "park":  # without which it would be a field
            bush = light(near(style.rng, (58, 132, 66)))
            step = style.between(8, 24)
            x = style.between(-4, 8)
            while x < 100:
                if style.chance(0.7):
                    _hill(pen, x, up - 1, step * 0.6, style.between(5, 13), bush)
                else:
                    pen.stroke([(x, up - 1), (x, up + 10)], 2.0, light((98, 74, 52)))
                    pen.stroke([(x, up + 13)], style.between(8, 13), bush)
                x += step
        case "street" if style.chance(0.85):
            x = style.between(-8, 0)
            while x < 96:
                wide, high = style.between(9, 24), style.between(10, 36)
                tone = _one_of(
                    style, ((150, 146, 158), (190, 150, 130), (120, 120, 140), (200, 190, 170), (170, 110, 90))
                )
                pen.patch([(x, up - 1), (x, up + high), (x + wide, up + high), (x + wide, up - 1)], light(tone))
                if style.chance(0.75):
                    window = light((96, 116, 140)) if scene.time == "day" else (236, 206, 110)
                    for row in np.arange(4, high - 3, style.between(5, 8)):
                        for along in np.arange(3, wide - 2, style.between(4, 7)):
                            pen.stroke([(x + along, up + row), (x + along, up + row + 2)], 1.8, window)
                x += wide + style.between(0, 8)
        case "forest":
            step, x = style.between(7, 16), style.between(-6, 4)
            pointed = style.chance(0.6)
            tones = [light(near(style.rng, (48, 100, 66), 1.5)) for _ in range(3)]
            while x < 100:
                high, tone = style.between(18, 42), tones[int(style.rng.integers(3))]
                pen.stroke(
                    [(x, up - 2), (x, up + high * 0.5)], style.between(1.8, 4), light(near(style.rng, (98, 74, 52)))
                )
                if pointed:
                    for low in (0.1, 0.38) if style.chance(0.6) else (0.15,):
                        foot = up + high * low
                        pen.patch([(x - step * 0.5, foot), (x, up + high), (x + step * 0.5, foot)], tone)
                else:
                    pen.stroke([(x, up + high * 0.7)], step * style.between(0.9, 1.3), tone)
                x += step * style.between(0.7, 1.2)
        case "snow" if style.chance(0.55):
            for _ in range(int(style.rng.integers(1, 4))):
                x, wide, high = style.between(0, 96), style.between(16, 46), style.between(8, 26)
                if style.chance(0.5):
                    _hill(pen, x, up - 1, wide, high * 0.7, light((222, 231, 246)))
                else:
                    pen.patch([(x - wide, up - 1), (x, up + high), (x + wide, up - 1)], light((176, 188, 210)))
                    pen.patch(
                        [(x - wide * 0.35, up + high * 0.65), (x, up + high), (x + wide * 0.35, up + high * 0.65)],
                        light((250, 252, 255)),
                    )
        case "sea" if style.chance(0.15):
            _hill(pen, style.between(0, 96), up - 1, style.between(8, 20), style.between(3, 9), light((120, 150, 110)))


def _ground(pen: StyledPen, scene: Scene, style: Style, up: float, light: Light) -> None:
    """Draw what is on the ground."""
    match scene.setting:
        case "field" | "park" | "forest":
            if scene.setting == "park" and style.chance(0.6):
                x, wide = style.between(30, 66), style.between(8, 16)
                bend = style.between(-20, 20)
                path: list[Point] = [(x + bend - wide, 0), (x - 2, up), (x + 2, up), (x + bend + wide, 0)]
                pen.patch(path, light(near(style.rng, (226, 206, 160))))
            if scene.setting == "park" and style.chance(0.4):
                lamp = style.between(4, 92)
                pen.stroke([(lamp, up - 4), (lamp, up + 22)], 1.6, light((70, 76, 84)))
                pen.stroke([(lamp, up + 23)], 5, (255, 240, 180))
            tone = light(near(style.rng, (84, 146, 54) if scene.setting != "forest" else (92, 80, 44), 1.4))
            for _ in range(int(style.rng.integers(0, 30))):
                x, y = style.between(0, 96), style.between(0, up - 2)
                pen.stroke([(x, y), (x + style.between(-1, 1), y + style.between(1, 3.5))], 1.0, tone)
            if scene.setting == "field" and style.chance(0.7):
                petals = [light(one) for one in ((252, 240, 120), (255, 255, 255), (242, 150, 190), (230, 70, 70))]
                for n in range(int(style.rng.integers(3, 20))):
                    pen.stroke([(style.between(0, 96), style.between(0, up - 2))], style.between(1, 2.6), petals[n % 4])
        case "beach":
            sea = light(_one_of(style, _GROUND["sea"]))
            wave = style.between(0, 2)
            deep = min(up - 4, style.between(8, 24))
            if style.chance(0.92):
                shore = up - deep
                edge = [(x, shore + wave * math.sin(x / 6)) for x in range(96, -2, -6)]
                pen.patch([(0, up), (96, up), *edge], sea)
                if style.chance(0.6):
                    pen.stroke(edge, style.between(0.8, 2.4), light((250, 252, 255)))
        case "street":
            if style.chance(0.6):
                pen.patch(
                    [(0, up + 0.5), (96, up + 0.5), (96, up - style.between(4, 10)), (0, up - 8)],
                    light(near(style.rng, (196, 192, 188))),
                )
            if style.chance(0.85):
                y, dash = style.between(5, min(30, up - 9)), style.between(6, 14)
                mark = light((250, 240, 200) if style.chance(0.6) else (250, 250, 250))
                for n in range(8):
                    pen.stroke([(n * 1.9 * dash - 4, y), (n * 1.9 * dash + dash - 4, y)], style.between(1.2, 2.4), mark)
        case "snow":
            if style.chance(0.45):
                for _ in range(int(style.rng.integers(8, 40))):
                    pen.stroke(
                        [(style.between(0, 96), style.between(0, 96))], style.between(1, 2.4), light((255, 255, 255))
                    )
        case "sea":
            crest = light(near(style.rng, (172, 218, 240))) if style.chance(0.8) else shade(light((60, 140, 200)), 0.7)
            long = style.between(2, 5)
            for _ in range(int(style.rng.integers(0, 34))):
                x, y = style.between(0, 96), style.between(0, up - 3)
                pen.stroke(
                    [(x - long, y), (x - long / 2, y + 0.9), (x, y), (x + long / 2, y + 0.9), (x + long, y)], 0.9, crest
                )


def _hill(pen: Pen, x: float, y: float, across: float, high: float, fill: Colour) -> None:
    pen.patch([(x + across * math.cos(turn), y + high * math.sin(turn)) for turn in np.arange(17) / 16 * math.pi], fill)
