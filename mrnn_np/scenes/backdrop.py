"""What a scene happens in front of: sky, horizon and ground, lit by the time of day and the weather."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from mrnn_np.scenes.pen import Colour, Pen, shade

# Top and bottom of the sky, and how much of red, green and blue its light leaves on the ground.
_SKIES: dict[tuple[str, str], tuple[Colour, Colour, tuple[float, float, float]]] = {
    ("day", "sun"): ((88, 172, 244), (196, 230, 252), (1.0, 1.0, 1.0)),
    ("day", "clear"): ((50, 132, 232), (150, 206, 250), (0.97, 0.98, 1.0)),
    ("day", "clouds"): ((132, 166, 196), (190, 208, 222), (0.88, 0.9, 0.93)),
    ("day", "rain"): ((92, 102, 118), (142, 152, 166), (0.72, 0.76, 0.8)),
    ("sunset", "sun"): ((112, 72, 150), (255, 150, 74), (0.95, 0.82, 0.86)),
    ("night", "moon"): ((16, 22, 62), (52, 64, 118), (0.42, 0.46, 0.64)),
    ("night", "stars"): ((8, 10, 36), (32, 38, 82), (0.34, 0.37, 0.54)),
}
_SEA: Colour = (60, 144, 194)
_LEAVES: Colour = (58, 132, 66)
_STONE: Colour = (196, 192, 188)


@dataclass(frozen=True)
class Light:
    """What the light leaves of a colour."""

    channels: tuple[float, float, float]

    def __call__(self, colour: Colour) -> Colour:
        """Return `colour` in this light."""
        red, green, blue = (round(channel * left) for channel, left in zip(colour, self.channels, strict=True))
        return red, green, blue


def backdrop(
    setting: str, time: str, sky: str, pixels: float, rng: np.random.Generator
) -> tuple[Image.Image, Pen, Colour]:
    """Return the empty picture of a setting, a pen with (0, 0) at its bottom left, and the colour of its shadows.

    The picture is 96 units wide and high, and `pixels` pixels to a unit.
    """
    horizon, (far, near), details = _SETTINGS[setting]
    top, bottom, channels = _SKIES[time, sky]
    light = Light(channels)
    side = round(96 * pixels)
    image = _gradient(side, round(horizon * pixels), top, bottom)
    pen = Pen(ImageDraw.Draw(image), pixels, 0, 96)
    _draw_sky(pen, time, sky, 96 - horizon, rng)
    land = side - round(horizon * pixels)
    image.paste(_gradient(side, land, light(far), light(near)).crop((0, 0, side, land)), (0, side - land))
    details(pen, 96 - horizon, light, rng)
    return image, pen, shade(light(near), 0.72)


def rain(pen: Pen, rng: np.random.Generator) -> None:
    """Draw falling rain in front of everything."""
    for x, y in rng.random((70, 2)) * (104, 100):
        pen.line([(x, y), (x - 2.2, y - 6.5)], 0.7, (196, 212, 232))


def _gradient(side: int, rows: int, top: Colour, bottom: Colour) -> Image.Image:
    """Return a square picture that runs from one colour to the other over its first `rows` rows, and stays there."""
    at = np.minimum(np.arange(side) / rows, 1)[:, None]
    column = ((1 - at) * top + at * bottom).round().astype(np.uint8)
    return Image.fromarray(column[:, None]).resize((side, side), Image.Resampling.NEAREST)


def _draw_sky(pen: Pen, time: str, sky: str, ground: float, rng: np.random.Generator) -> None:
    side = 15.0 + 66 * (rng.random() < 0.5) + 4 * rng.random()
    if time == "sunset":
        pen.line([(side, ground + 3)], 26, (255, 196, 104))
        pen.line([(side, ground + 3)], 20, (255, 232, 150))
    elif sky == "sun":
        for turn in np.arange(12) / 12 * np.pi * 2:
            pen.line([(side, 83), (side + 11.5 * np.cos(turn), 83 + 11.5 * np.sin(turn))], 1.3, (255, 224, 96))
        pen.line([(side, 83)], 15.5, (255, 214, 60))
    elif sky == "moon":
        pen.line([(side, 83)], 16, (250, 244, 206))
        for x, y, size in ((-2.5, 2, 3.4), (2.6, -1, 4.2), (-2, -4, 2.4)):
            pen.line([(side + x, 83 + y)], size, (224, 216, 176))
    elif sky == "stars":
        for x, y, size in rng.random((46, 3)) * (96, 96 - ground, 1):
            pen.line([(x, 96 - y)], 0.8 + 1.3 * size * size, (255, 250, 214))
    elif sky in ("clouds", "rain"):
        puff = (250, 251, 253) if sky == "clouds" else (112, 120, 134)
        for middle in (12, 48, 84):
            east, north = middle + 12 * rng.random() - 6, 78 + 10 * rng.random()
            for across, up, size in ((-8, 0, 8), (-2, 3, 11), (5, 1.5, 10), (10, -0.5, 7), (1, -1, 10)):
                pen.line([(east + across - 2, north + up), (east + across + 2, north + up)], size, puff)


def _sprinkle(pen: Pen, count: int, below: float, marks: tuple[Colour, ...], rng: np.random.Generator) -> None:
    """Draw little marks all over the ground."""
    for number, (x, y) in enumerate(rng.random((count, 2)) * (96, below - 2)):
        pen.line([(x, y), (x + 0.4, y + 1.3)], 1.1, marks[number % len(marks)])


def _hill(pen: Pen, x: float, y: float, across: float, high: float, fill: Colour) -> None:
    pen.patch([(x + across * np.cos(turn), y + high * np.sin(turn)) for turn in np.arange(17) / 16 * np.pi], fill)


def _draw_field(pen: Pen, ground: float, light: Light, rng: np.random.Generator) -> None:
    for x, across, high in ((14, 44, 11), (82, 46, 15), (46, 40, 7)):
        _hill(pen, x, ground, across, high, light((126, 178, 90)))
    _sprinkle(pen, 26, ground, (light((84, 146, 54)),), rng)
    _sprinkle(pen, 18, ground, (light((252, 240, 120)), light((255, 255, 255)), light((242, 150, 190))), rng)


def _draw_park(pen: Pen, ground: float, light: Light, rng: np.random.Generator) -> None:
    for x in range(-2, 104, 11):
        _hill(pen, x + 3 * rng.random(), ground, 7.5, 9 + 3 * rng.random(), light(_LEAVES))
    path = [(30, 0), (38, 14), (52, 26), (60, 36), (58, ground), (62, ground), (70, 36), (68, 26), (66, 14), (72, 0)]
    pen.patch(path, light((226, 206, 160)))
    lamp = 6 + 84 * (rng.random() < 0.5)
    pen.line([(lamp, ground - 4), (lamp, ground + 22)], 1.6, light((70, 76, 84)))
    pen.line([(lamp, ground + 23)], 5, (255, 240, 180))
    _sprinkle(pen, 16, ground, (light((64, 122, 52)),), rng)


def _draw_beach(pen: Pen, ground: float, light: Light, rng: np.random.Generator) -> None:
    pen.patch([(0, ground), (96, ground), (96, ground - 15), (0, ground - 15)], light(_SEA))
    for y in (3, 7, 11):
        for x in rng.random(5) * 96:
            pen.line([(x - 4, ground - y), (x + 4, ground - y)], 0.9, light((170, 214, 236)))
    surf = [(x, ground - 14.6 + 1.1 * np.sin(x / 5)) for x in range(-2, 101, 3)]
    pen.line(surf, 2.2, light((250, 252, 255)))
    _sprinkle(pen, 26, ground - 18, (light((206, 172, 110)), light((255, 250, 236))), rng)


def _draw_street(pen: Pen, ground: float, light: Light, rng: np.random.Generator) -> None:
    x = -3.0
    for shade_of_grey in rng.permutation(7):
        wide, high = 13 + 5 * rng.random(), 14 + 20 * rng.random()
        wall = light(shade((150, 146, 158), 0.82 + 0.06 * float(shade_of_grey)))
        pen.patch([(x, ground), (x, ground + high), (x + wide, ground + high), (x + wide, ground)], wall)
        window = light((86, 104, 128)) if light.channels[0] > 0.6 else (236, 206, 110)
        for up in np.arange(4, high - 3, 6):
            for along in np.arange(3, wide - 2, 5):
                pen.line([(x + along, ground + up), (x + along, ground + up + 2)], 1.8, window)
        x += wide + 0.6
    pen.patch([(0, ground + 1), (96, ground + 1), (96, ground - 8), (0, ground - 8)], light(_STONE))
    pen.line([(0, ground - 8), (96, ground - 8)], 1.2, light((150, 148, 146)))
    for left in range(-4, 96, 20):
        pen.line([(left, 17), (left + 10, 17)], 1.8, light((244, 236, 200)))


def _draw_forest(pen: Pen, ground: float, light: Light, rng: np.random.Generator) -> None:
    pen.patch([(0, ground), (96, ground), (96, ground + 14), (0, ground + 14)], light((44, 62, 46)))
    for row, (green, base) in enumerate((((74, 118, 92), 6), ((48, 96, 66), 0))):
        for x in np.arange(-4 + 5 * row, 104, 10.5):
            top, middle = 34 + 12 * rng.random(), x + 3 * rng.random()
            pen.line([(middle, ground + base - 3), (middle, ground + base + 12)], 3.0, light((98, 74, 52)))
            for low, wide in ((6, 7.5), (15, 6), (23, 4.5)):
                foot = ground + base + low
                pen.patch([(middle - wide, foot), (middle, foot + top - 20), (middle + wide, foot)], light(green))
    _sprinkle(pen, 34, ground, (light((82, 104, 46)), light((168, 112, 52)), light((90, 74, 44))), rng)


def _draw_snow(pen: Pen, ground: float, light: Light, rng: np.random.Generator) -> None:
    slopes = (20, 46, 20, (214, 224, 240)), (78, 44, 15, (224, 232, 246)), (48, 50, 8, (238, 243, 252))
    for middle, across, high, tone in slopes:
        _hill(pen, middle, ground - 1, across, high, light(tone))
    for x in rng.random(5) * 96:
        pen.patch([(x - 3.2, ground), (x, ground + 11), (x + 3.2, ground)], light((74, 116, 106)))
    for x, y in rng.random((9, 2)) * (90, ground - 6):
        pen.line([(x, y + 2), (x + 6, y + 2.4)], 0.9, light((196, 208, 228)))


def _draw_sea(pen: Pen, ground: float, light: Light, rng: np.random.Generator) -> None:
    for x, y in rng.random((34, 2)) * (96, ground - 3):
        reach = 2 + 3.5 * (1 - y / ground)
        crest = [(x - reach, y), (x - reach / 2, y + 0.9), (x, y), (x + reach / 2, y + 0.9), (x + reach, y)]
        pen.line(crest, 0.8, light((172, 218, 240)))


_Details: TypeAlias = Callable[[Pen, float, Light, np.random.Generator], None]

# How far down the horizon is, the ground's colours far and near, and how the rest is drawn.
_SETTINGS: dict[str, tuple[int, tuple[Colour, Colour], _Details]] = {
    "field": (48, ((170, 214, 98), (110, 176, 66)), _draw_field),
    "park": (46, ((132, 198, 98), (92, 162, 74)), _draw_park),
    "beach": (40, ((250, 232, 176), (238, 208, 140)), _draw_beach),
    "street": (50, ((126, 126, 132), (96, 96, 102)), _draw_street),
    "forest": (54, ((128, 134, 76), (106, 94, 56)), _draw_forest),
    "snow": (50, ((250, 252, 255), (222, 232, 244)), _draw_snow),
    "sea": (38, ((88, 172, 210), (24, 94, 160)), _draw_sea),
}
