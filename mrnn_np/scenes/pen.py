"""A pen for figures: flat shapes with one dark outline around what is drawn together.

A picture is 96 units wide and high. A figure is drawn in such units from its feet at (0, 0), facing right, x to the
right and y *up*; the pen knows where in the picture the figure stands, how large it is, and whether it faces left
instead.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from PIL import ImageDraw

Colour: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[float, float]

PAINT: dict[str, Colour] = {
    "red": (214, 40, 40),
    "blue": (38, 84, 214),
    "yellow": (250, 212, 40),
    "green": (30, 132, 60),
    "orange": (244, 130, 24),
    "pink": (250, 146, 192),
    "purple": (132, 62, 180),
    "brown": (128, 78, 40),
    "white": (250, 250, 248),
    "black": (48, 46, 52),
    "grey": (142, 146, 156),
}
INK: Colour = (34, 30, 40)
RIM = 0.55  # width of an outline


def shade(colour: Colour, factor: float) -> Colour:
    """Return `colour` darkened by a factor below 1, or moved towards white by one above 1 (2 is white)."""
    red, green, blue = (
        round(channel * factor if factor <= 1 else 255 - (255 - channel) * (2 - factor)) for channel in colour
    )
    return red, green, blue


def pale(colour: Colour) -> bool:
    """Whether a coat is white, in any hand."""
    return min(colour) >= 200


def dark(colour: Colour) -> bool:
    """Whether a coat is black, in any hand."""
    return max(colour) <= 90


@dataclass(frozen=True, slots=True)
class _Mark:
    """A stroke of some half-width through points, in pixels; or, with a half-width of 0, what the points enclose."""

    points: list[Point]
    radius: float
    fill: Colour
    smooth: bool = False  # has no corners to be rounded


@dataclass
class Pen:
    """Draws on `draw`, whose pixels are `pixels` to a unit, a figure with its feet at `x`, `y` (y *down* the picture).

    `limb`, `oval` and `shape` collect; `finish` draws the outline of all that was collected, then fills it in the order
    it came, and starts afresh. `line` and `patch` draw at once and have no outline: they are for details and backdrops.
    """

    draw: ImageDraw.ImageDraw
    pixels: float
    x: float
    y: float
    scale: float = 1.0
    mirrored: bool = False
    ink: Colour = INK
    _marks: list[_Mark] = field(default_factory=list)

    def limb(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """Collect a bent stroke of some width with round ends."""
        self._marks.append(_Mark(self._placed(points), width * self.scale * self.pixels / 2, fill))

    def oval(self, x: float, y: float, across: float, high: float, fill: Colour, tilt: float = 0.0) -> None:
        """Collect an ellipse around (x, y) with half-axes `across` and `high`, its right side raised `tilt` degrees."""
        cosine, sine = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
        rim = [(across * u, high * v) for u, v in _CIRCLE]
        rim = [(x + u * cosine - v * sine, y + u * sine + v * cosine) for u, v in rim]
        self._marks.append(_Mark(self._placed(rim), 0.0, fill, smooth=True))

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        """Collect a polygon."""
        self._marks.append(_Mark(self._placed(points), 0.0, fill))

    def finish(self) -> None:
        """Draw what was collected, outline first."""
        rim = RIM * self.pixels
        for mark in self._marks:
            path = mark.points if mark.radius else [*mark.points, mark.points[0]]
            self._stroke(path, mark.radius + rim, self.ink, mark.smooth)
        for mark in self._marks:
            if mark.radius:
                self._stroke(mark.points, mark.radius, mark.fill)
            else:
                self.draw.polygon(mark.points, fill=mark.fill)
        self._marks.clear()

    def line(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """Draw a thin stroke at once; a single point gives a dot."""
        self._stroke(self._placed(points), width * self.scale * self.pixels / 2, fill)

    def patch(self, points: Sequence[Point], fill: Colour) -> None:
        """Draw a polygon at once, without an outline."""
        self.draw.polygon(self._placed(points), fill=fill)

    def _placed(self, points: Sequence[Point]) -> list[Point]:
        """Return where the points are, in pixels."""
        along = (-1 if self.mirrored else 1) * self.scale
        return [((self.x + x * along) * self.pixels, (self.y - y * self.scale) * self.pixels) for x, y in points]

    def _stroke(self, points: list[Point], radius: float, fill: Colour, smooth: bool = False) -> None:
        """Draw a stroke of half-width `radius` pixels, round at every point unless it is smooth."""
        if len(points) > 1:
            self.draw.line(points, fill=fill, width=max(1, round(2 * radius)))
        if (radius > 1.5 and not smooth) or len(points) == 1:
            for x, y in points:
                self.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


_CIRCLE = [(math.cos(turn / 24 * math.tau), math.sin(turn / 24 * math.tau)) for turn in range(24)]
