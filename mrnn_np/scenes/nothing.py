"""Pictures that show no scene: text, tables, diagrams, plots, faces, maps, noise, patterns, and objects of no kind.

They are for telling when a picture is none that the scene CNN knows anything about; see `mrnn_np.scenes.unlike`.
"""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from mrnn_np.scenes.cnn import SIZE
from mrnn_np.scenes.pen import INK, Colour

_S = 2 * SIZE  # drawn twice as large
_SKIN: tuple[Colour, ...] = (
    (242, 201, 160),
    (141, 90, 59),
    (247, 215, 189),
    (255, 205, 60),
    (224, 172, 105),
    (90, 56, 37),
)
_LIPS: Colour = (150, 40, 40)


def nothing(seed: int) -> Image.Image:
    """Return a picture of no scene, RGB, 96 pixels wide and high; the same seed always gives the same one."""
    sheet = _Sheet(np.random.default_rng(seed))
    KINDS[sheet.rng.integers(len(KINDS))](sheet)
    return sheet.image.resize((SIZE, SIZE), Image.Resampling.BOX)


class _Sheet:
    """Paper, an ink that can be read on it, and chance."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.paper = (255, 255, 255) if self.chance(0.45) else self.pale() if self.chance(0.6) else self.colour()
        self.ink = (0, 0, 0) if self.chance(0.6) else self.dark()
        if sum(self.paper) < 330:
            self.ink = (255, 255, 255) if self.chance(0.6) else self.pale()
        self.width = int(rng.integers(1, 5))
        self.image = Image.new("RGB", (_S, _S), self.paper)
        self.draw = ImageDraw.Draw(self.image)

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def some(self, least: int, most: int) -> int:
        return int(self.rng.integers(least, most + 1))

    def colour(self) -> Colour:
        red, green, blue = self.rng.integers(0, 256, 3).tolist()
        return red, green, blue

    def pale(self) -> Colour:
        red, green, blue = (255 - channel // 6 for channel in self.colour())
        return red, green, blue

    def dark(self) -> Colour:
        red, green, blue = (channel // 3 for channel in self.colour())
        return red, green, blue

    def fill(self, pixels: npt.NDArray[np.float64]) -> None:
        """Cover the sheet with pixels, (n, n, 3), as they are or blurred together."""
        picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
        way = Image.Resampling.NEAREST if self.chance(0.5) else Image.Resampling.BICUBIC
        self.image.paste(picture.resize((_S, _S), way))

    def write(self, left: float, top: float, right: float, bottom: float, high: float) -> None:
        """Fill a box with rows of what looks like writing, `high` pixels high."""
        width = max(1, int(high / 7))
        while top + high < bottom:
            x, end = left, right - (self.between(0, 0.7) * (right - left) if self.chance(0.3) else 0)
            while x + high < end:
                for _ in range(self.some(2, 8)):
                    if x + high * 0.5 < end:
                        self._letter(x, top, high, width)
                    x += high * 0.65
                x += high * 0.5
            top += high * self.between(1.3, 1.9)

    def _letter(self, x: float, y: float, high: float, width: int) -> None:
        middle, bottom, right = y + high * 0.4, y + high, x + high * 0.4
        match self.some(0, 3):
            case 0:
                self.draw.ellipse((x, middle, right, bottom), outline=self.ink, width=width)
            case 1:
                self.draw.line((x + high * 0.2, y, x + high * 0.2, bottom), fill=self.ink, width=width)
            case 2:
                stem = [(x, middle), (x, bottom), (x, middle), (right, middle), (right, bottom)]
                self.draw.line(stem, fill=self.ink, width=width)
            case 3:
                zigzag = [(x if i % 2 else right, y + high * self.between(0, 1)) for i in range(3)]
                self.draw.line(zigzag, fill=self.ink, width=width)

    def blot(self, x: float, y: float, across: float, high: float, outline: Colour | None = None) -> None:
        """Draw a patch with a wavy edge."""
        turns, waves, rough = np.linspace(0, 2 * np.pi, 60), self.some(2, 11), self.between(0, 0.3)
        reach = 1 + rough * np.sin(waves * turns + self.between(0, 6)) + rough * np.sin(2 * turns)
        edge = zip(x + across * reach * np.cos(turns), y + high * reach * np.sin(turns), strict=True)
        self.draw.polygon(list(edge), fill=self.colour(), outline=outline, width=self.width)

    def wander(self, points: int, step: float) -> list[tuple[float, float]]:
        """Return a path of steps at random around the middle."""
        path = self.rng.normal(0, step, (points, 2)).cumsum(axis=0)
        return [(x, y) for x, y in path - path.mean(axis=0) + _S / 2]


def _text(sheet: _Sheet) -> None:
    margin, high = sheet.between(2, 30), math.exp(sheet.between(math.log(6), math.log(60)))
    title = sheet.chance(0.3)
    if title:
        sheet.write(margin, margin, _S - margin, margin + high * 2.5, high * 1.6)
    sheet.write(margin, margin + high * 3.2 * title, _S - margin, _S - margin, high)


def _table(sheet: _Sheet) -> None:
    (rows, columns), (x, y) = sheet.rng.integers(2, 12, 2), sheet.rng.uniform(0, 25, 2)
    dx, dy = (_S - 2 * x) / columns, (_S - 2 * y) / rows
    head, chequered = sheet.chance(0.4), sheet.chance(0.25)
    for i in range(rows):
        for j in range(columns):
            left, top = x + j * dx, y + i * dy
            if (head and i == 0) or (chequered and sheet.chance(0.4)):
                paint = sheet.ink if chequered and sheet.chance(0.5) else sheet.colour()
                sheet.draw.rectangle((left, top, left + dx, top + dy), fill=paint)
            elif not chequered and sheet.chance(0.8):
                sheet.write(left + 3, top + dy * 0.3, left + dx - 2, top + dy, max(4, dy * 0.4))
            sheet.draw.rectangle((left, top, left + dx, top + dy), outline=sheet.ink, width=1 + sheet.width // 2)


def _diagram(sheet: _Sheet) -> None:
    number = sheet.some(2, 10)
    turns = 2 * np.pi * np.arange(number) / number
    ring = _S / 2 + 70 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    places = ring if sheet.chance(0.3) else sheet.rng.uniform(22, _S - 22, (number, 2))
    if sheet.chance(0.4):  # in rows
        across = math.ceil(math.sqrt(number))
        places = np.array(
            [[(i % across + 0.5) * _S / across, (i // across + 0.5) * _S / across] for i in range(number)]
        )
    for i in range(1, number):
        (x, y), (u, v) = places[i], places[sheet.rng.integers(i)]
        corner = [(x, v)] if sheet.chance(0.3) else []
        sheet.draw.line([(x, y), *corner, (u, v)], fill=sheet.ink, width=sheet.width)
    shape = sheet.draw.ellipse if sheet.chance(0.5) else sheet.draw.rectangle
    high, wide, paint = sheet.between(8, 30), sheet.between(1, 1.8), sheet.pale() if sheet.chance(0.5) else None
    for x, y in places:
        box = (x - wide * high, y - high, x + wide * high, y + high)
        shape(box, fill=paint or sheet.colour(), outline=sheet.ink, width=sheet.width)
        sheet.write(x - high * 0.6, y - high * 0.4, x + high * 0.8, y + high, max(5, high * 0.6))


def _pie(sheet: _Sheet) -> None:
    reach = sheet.between(50, 88)
    box = (_S / 2 - reach, _S / 2 - reach, _S / 2 + reach, _S / 2 + reach)
    cuts = np.sort(sheet.rng.uniform(0, 360, sheet.some(2, 7)))
    for start, end in zip(cuts, [*cuts[1:], cuts[0] + 360], strict=True):
        sheet.draw.pieslice(box, start, end, fill=sheet.colour(), outline=sheet.ink if sheet.chance(0.4) else None)


def _plot(sheet: _Sheet) -> None:
    left, top, right, bottom = sheet.between(5, 35), sheet.between(2, 20), _S - 8, _S - sheet.between(8, 30)
    if sheet.chance(0.4):
        for x in np.linspace(left, right, sheet.some(3, 8)):
            sheet.draw.line((x, top, x, bottom), fill=(200, 200, 200))
        for y in np.linspace(top, bottom, sheet.some(3, 8)):
            sheet.draw.line((left, y, right, y), fill=(200, 200, 200))
    number, paint = sheet.some(3, 60), sheet.colour()
    values = sheet.rng.random(number)
    xs, ys = left + (right - left) * np.arange(number + 1) / number, bottom - (bottom - top) * values
    match sheet.some(0, 2):
        case 0:
            for _ in range(sheet.some(1, 3)):
                curve = sheet.rng.normal(0, 1, number).cumsum()
                if sheet.chance(0.5):
                    curve = np.sin(np.linspace(0, sheet.between(3, 40), number) + sheet.between(0, 6))
                ys = bottom - (bottom - top) * (curve - curve.min()) / np.ptp(curve)
                sheet.draw.line(list(zip(xs, ys, strict=False)), fill=sheet.colour(), width=sheet.width)
        case 1:
            gap, many = sheet.between(0, 0.4), sheet.chance(0.3)
            for x, after, y in zip(xs, xs[1:], ys, strict=False):
                sheet.draw.rectangle((x, y, after - gap * (after - x), bottom), fill=sheet.colour() if many else paint)
        case 2:
            for x, y in zip(sheet.rng.uniform(left, right, number), ys, strict=True):
                dot = sheet.between(1, 5)
                sheet.draw.ellipse((x - dot, y - dot, x + dot, y + dot), fill=paint)
    sheet.draw.line([(left, top), (left, bottom), (right, bottom)], fill=sheet.ink, width=1 + sheet.width // 2)
    for share in np.linspace(0, 0.95, sheet.some(3, 7)):
        x, y = left + share * (right - left), top + share * (bottom - top)
        sheet.write(left - 14, y, left - 2, y + 9, 6)
        sheet.write(x, bottom + 3, x + 13, bottom + 13, 6)


def _noise(sheet: _Sheet) -> None:
    coarse, channels = int(sheet.rng.choice([4, 6, 10, 16, 32, 48, 96, 192])), 3 if sheet.chance(0.6) else 1
    grain = sheet.rng.random((coarse, coarse, channels))
    if sheet.chance(0.3):
        grain = (grain < sheet.between(0.2, 0.8)).astype(float)
    low, high = (np.array(colour) for colour in (sheet.dark(), sheet.pale()))
    sheet.fill(low + (high - low) * grain)


def _pattern(sheet: _Sheet) -> None:
    y, x = np.mgrid[-1 : 1 : _S * 1j, -1 : 1 : _S * 1j]
    turn, often = sheet.between(0, 2 * np.pi), math.exp(sheet.between(0, 3.6))
    u, v = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
    arms = sheet.some(0, 4) * np.arctan2(y, x)
    waves = (
        u,
        np.hypot(x, y),
        np.sin(often * u),
        np.sin(often * u) * np.sin(often * v),
        np.sin(often * np.hypot(x, y) + arms),
    )
    wave = waves[sheet.rng.integers(len(waves))]
    if sheet.chance(0.35):
        wave = np.sign(wave + 1e-3)
    one, other = (np.array(sheet.colour()) for _ in range(2))
    sheet.fill(one + (other - one) * (wave[..., None] + 1) / 2)


def _bands(sheet: _Sheet) -> None:
    """A flag, or nothing at all."""
    number, upright = sheet.some(1, 4), sheet.chance(0.6)
    for start in np.arange(number) * _S / number:
        sheet.draw.rectangle((start, 0, _S, _S) if upright else (0, start, _S, _S), fill=sheet.colour())


def _face(sheet: _Sheet) -> None:
    x, y = sheet.rng.normal(_S / 2, 8, 2)
    high = sheet.between(55, 90)
    wide, hair, skin = high * sheet.between(0.75, 1.05), sheet.dark(), _SKIN[sheet.rng.integers(len(_SKIN))]
    if sheet.chance(0.3):
        sheet.draw.ellipse(
            (x - wide * 1.15, y - high * 1.2, x + wide * 1.15, y + high * sheet.between(0.2, 1.2)), fill=hair
        )
    outline = INK if sheet.chance(0.5) else None
    sheet.draw.ellipse((x - wide, y - high, x + wide, y + high), fill=skin, outline=outline, width=sheet.width)
    if sheet.chance(0.6):
        sheet.draw.pieslice((x - wide * 1.05, y - high * 1.08, x + wide * 1.05, y + high * 0.6), 180, 360, fill=hair)
    apart, level, eye = (
        wide * sheet.between(0.3, 0.45),
        y - high * sheet.between(0, 0.25),
        high * sheet.between(0.06, 0.18),
    )
    for middle in (x - apart, x + apart):
        sheet.draw.ellipse(
            (middle - eye * 1.4, level - eye, middle + eye * 1.4, level + eye), fill="white", outline=INK
        )
        sheet.draw.ellipse(
            (middle - eye * 0.6, level - eye * 0.6, middle + eye * 0.6, level + eye * 0.6), fill=sheet.dark()
        )
    sheet.draw.line(
        [(x, y), (x - high * 0.1, y + high * 0.25), (x, y + high * 0.25)], fill=(160, 90, 80), width=sheet.width
    )
    mouth, low = wide * sheet.between(0.25, 0.55), y + high * sheet.between(0.35, 0.55)
    box = (x - mouth, low - mouth * 0.6, x + mouth, low + mouth * 0.6)
    if sheet.chance(0.4):
        sheet.draw.chord(box, 0, 180, fill=_LIPS)
    else:
        sheet.draw.arc(box, 20, 160, fill=_LIPS, width=sheet.width + 1)


def _map(sheet: _Sheet) -> None:
    for _ in range(sheet.some(1, 7)):
        x, y = sheet.rng.uniform(0, _S, 2)
        sheet.blot(x, y, sheet.between(10, 50), sheet.between(10, 50))
    for _ in range(sheet.some(2, 8)):
        road = sheet.wander(sheet.some(2, 5), 90)
        paint = (255, 255, 255) if sheet.chance(0.6) else sheet.colour()
        sheet.draw.line(road, fill=paint, width=sheet.some(1, 15), joint="curve")
    for x, y in sheet.rng.uniform(0, _S, (sheet.some(0, 7), 2)):
        sheet.write(x, y, x + 50, y + 12, 8)


def _object(sheet: _Sheet) -> None:
    """One large object of no kind: blots, bars and strokes upon one another."""
    x, y = sheet.rng.normal(_S / 2, 10, 2)
    reach, outline = sheet.between(40, 80), sheet.ink if sheet.chance(0.5) else None
    sheet.blot(x, y, reach, reach * sheet.between(0.5, 1.2), outline)
    for _ in range(sheet.some(1, 8)):
        (u, v), size = sheet.rng.normal((x, y), reach * 0.45), reach * sheet.between(0.08, 0.4)
        match sheet.some(0, 2):
            case 0:
                sheet.blot(u, v, size, size * sheet.between(0.5, 1.5), outline)
            case 1:
                to = sheet.rng.normal((u, v), reach * 0.8)
                sheet.draw.line([(u, v), tuple(to)], fill=sheet.colour(), width=sheet.some(2, 13))
            case 2:
                sheet.draw.rectangle(
                    (u - size, v - size * 0.6, u + size, v + size * 0.6), fill=sheet.colour(), outline=outline
                )
    sheet.image = sheet.image.rotate(sheet.between(-45, 45), fillcolor=sheet.paper)


def _scribble(sheet: _Sheet) -> None:
    for _ in range(sheet.some(1, 4)):
        path = sheet.wander(sheet.some(8, 200), sheet.between(4, 22))
        sheet.draw.line(path, fill=sheet.ink, width=sheet.width, joint="curve")


KINDS: tuple[Callable[[_Sheet], None], ...] = (
    _text, _text, _table, _diagram, _diagram, _plot, _plot, _pie, _noise, _pattern, _bands, _face, _face, _map,
    _object, _object, _scribble,
)  # fmt: skip
"""What there may be instead of a scene, named as often as it is to be drawn."""
