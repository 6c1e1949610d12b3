"""The hand that a drawing is by: its outlines, fills, colours, proportions, how steady it is and what it draws on.

Every choice is drawn at random, so that a network trained on the pictures learns what the things have in common in
many hands, not how one of them draws (domain randomisation: Tobin et al. 2017, "Domain Randomization for Transferring
Deep Neural Networks from Simulation to the Real World").
"""

import colorsys
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from mrnn_np.scenes.pen import PAINT, Colour, Pen, Point, shade

Rng: TypeAlias = np.random.Generator
Fill: TypeAlias = Literal["flat", "shaded", "scribble", "paper", "wire", "silhouette"]
Background: TypeAlias = Literal["scene", "bands", "line", "plain"]

# What a word may mean: least and largest hue (in turns; above 1 it goes on from 0), saturation and value.
_WORDS: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "red": ((0.96, 1.025), (0.7, 1.0), (0.62, 1.0)),
    "blue": ((0.54, 0.69), (0.45, 1.0), (0.45, 1.0)),
    "yellow": ((0.125, 0.17), (0.5, 1.0), (0.85, 1.0)),
    "green": ((0.25, 0.45), (0.4, 1.0), (0.32, 0.85)),
    "orange": ((0.055, 0.105), (0.75, 1.0), (0.85, 1.0)),
    "pink": ((0.86, 0.97), (0.22, 0.6), (0.88, 1.0)),
    "purple": ((0.72, 0.83), (0.35, 0.9), (0.4, 0.85)),
    "brown": ((0.03, 0.1), (0.4, 0.85), (0.32, 0.68)),
    "white": ((0.0, 1.0), (0.0, 0.05), (0.9, 1.0)),
    "black": ((0.0, 1.0), (0.0, 0.3), (0.0, 0.24)),
    "grey": ((0.5, 0.72), (0.0, 0.18), (0.4, 0.76)),
}


def a(rng: Rng, word: str) -> Colour:
    """Draw a colour that goes by the name `word`, one of those in PAINT."""
    hue, saturation, value = (low + (high - low) * rng.random() for low, high in _WORDS[word])
    return _rgb(hue % 1, saturation, value)


def near(rng: Rng, colour: Colour, far: float = 1.0) -> Colour:
    """Draw a colour that is much like another."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in colour))
    hue += far * rng.normal(0, 0.022)
    saturation *= 1 + far * rng.normal(0, 0.18)
    value *= 1 + far * rng.normal(0, 0.12)
    return _rgb(hue % 1, min(max(saturation, 0), 1), min(max(value, 0), 1))


def _rgb(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = (round(255 * channel) for channel in colorsys.hsv_to_rgb(hue, saturation, value))
    return red, green, blue


@dataclass(eq=False)
class Style:
    """A hand.  `rng` is what it leaves to chance from stroke to stroke."""

    rng: Rng
    fill: Fill = "flat"
    rim: float = 0.5  # width of outlines in units, 0 for none
    ink: Colour | None = None  # of outlines; None for that of what they are around, darkened
    paper: Colour = (255, 255, 255)
    disc: bool = False  # whether a disc of some colour is behind all
    wobble: float = 0.0  # how far a stroke strays, in units
    stretch: tuple[float, float] = (1.0, 1.0)  # of figures, along and up
    details: float = 1.0  # how likely a small detail is drawn
    classic: float = 0.0  # how likely a figure has the classic shape rather than one of this hand's own
    sticks: bool = False  # people are stick figures
    background: Background = "scene"
    zoom: float = 1.0
    shift: Point = (0.0, 0.0)
    light: float = 1.3  # of what is shaded, the lit part
    slant: float = 0.8  # of scribbling, in radians
    spacing: float = 1.6
    hatched: bool = True  # scribbles over a lighter fill
    palette: dict[str, Colour] = field(default_factory=dict)
    ways: dict[str, dict[str, float]] = field(default_factory=dict)  # how it draws a kind of thing, all of them alike
    _tints: dict[Colour, Colour] = field(default_factory=dict)

    def paint(self, word: str) -> Colour:
        """Return what this hand takes for a colour word."""
        if word not in self.palette:
            self.palette[word] = a(self.rng, word) if self.rng.random() < 0.8 else PAINT[word]
        return self.palette[word]

    def tint(self, colour: Colour) -> Colour:
        """Return what this hand takes for a colour that no word of a scene is about, as that of glass or of leaves."""
        given = colour
        if colour not in self._tints:
            painted = colour in self.palette.values()
            if not painted and max(self.paper) < 90 and max(colour) < 90:  # a dark page wants a light pen
                colour = (225, 225, 230)
            self._tints[given] = colour if painted else near(self.rng, colour)
        return self._tints[given]

    def between(self, low: float, high: float) -> float:
        """Draw a number."""
        return low + (high - low) * float(self.rng.random())

    def chance(self, likely: float) -> bool:
        """Draw whether something happens."""
        return bool(self.rng.random() < likely)


def draw_style(rng: Rng) -> Style:
    """Draw a hand at random."""

    def between(low: float, high: float) -> float:
        return low + (high - low) * float(rng.random())

    fill: Fill = rng.choice(
        np.array(["flat", "shaded", "scribble", "paper", "wire", "silhouette"]), p=[0.55, 0.16, 0.11, 0.1, 0.04, 0.04]
    ).item()  # fmt: skip
    rim = 0.0 if rng.random() < 0.42 and fill not in ("paper", "wire") else between(0.25, 1.5)
    pens = ((34, 30, 40), (34, 30, 40), (34, 30, 40), (40, 60, 160), (110, 110, 118))
    dark: Colour = near(rng, pens[int(rng.integers(len(pens)))], 2.0)
    coloured = fill == "wire" or (fill == "paper" and rng.random() < 0.5)
    background: Background = rng.choice(
        np.array(["scene", "bands", "line", "plain"]), p=[0.16, 0.5, 0.14, 0.2]
    ).item()  # fmt: skip
    zoom = float(np.exp(rng.normal(0, 0.18)))
    paper: Colour = (255, 255, 255)
    if rng.random() < 0.5:
        papers = ((250, 246, 232), (200, 226, 246), (206, 236, 190), (236, 226, 200), (225, 225, 228), (250, 220, 220))
        paper = near(rng, papers[int(rng.integers(len(papers)))])
        if fill in ("flat", "shaded") and rng.random() < 0.3:
            paper = _rgb(rng.random(), between(0, 0.6), between(0.12, 0.9))
    stretch = float(np.exp(rng.normal(0, 0.16))) * (between(0.65, 1.0) if rng.random() < 0.4 else 1.0)
    ink = None if coloured or rng.random() < 0.25 else dark
    if fill != "silhouette" and rng.random() < 0.1:  # a dark page
        paper = _rgb(rng.random(), between(0, 0.6), between(0.03, 0.26))
        background, rim = "plain", max(rim, 0.25)
        ink = near(rng, (236, 236, 238), 0.5) if ink else None
    return Style(
        rng,
        fill,
        rim,
        ink,
        paper=paper,
        disc=bool(background == "plain" and rng.random() < 0.15),
        wobble=0.0 if rng.random() < 0.5 else between(0.2, 1.3),
        stretch=(stretch, float(np.exp(rng.normal(0, 0.1)))),
        details=float(rng.choice([1.0, 0.6, 0.15])),
        classic=float(rng.choice([0.0, 0.2, 0.6])),
        sticks=bool(rng.random() < (0.5 if fill == "paper" else 0.25)),
        background=background,
        zoom=zoom,
        shift=(float(rng.normal(0, 5)), float(rng.normal(0, 3.5))),
        light=between(0.75, 1.5),
        slant=between(-1.5, 1.5),
        spacing=between(1.2, 2.6),
        hatched=bool(rng.random() < 0.5),
    )


@dataclass
class StyledPen(Pen):
    """A pen in some hand; `turn` tilts the figure, in radians, and `flat` leaves all but the colours as they are."""

    style: Style = field(default_factory=lambda: Style(np.random.default_rng(0)))
    turn: float = 0.0
    flat: bool = False

    def limb(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """Collect a bent stroke of some width with round ends."""
        super().limb(points, width, self._colour(fill))

    def oval(self, x: float, y: float, across: float, high: float, fill: Colour, tilt: float = 0.0) -> None:
        """Collect an ellipse; see `Pen.oval`."""
        super().oval(x, y, across, high, self._colour(fill), tilt)

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        """Collect a polygon."""
        super().shape(points, self._colour(fill))

    def patch(self, points: Sequence[Point], fill: Colour) -> None:
        """Draw a polygon at once, without an outline."""
        super().patch(points, self._colour(fill))

    def line(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """Draw a thin stroke at once, or leave it out."""
        style = self.style
        if not self.flat:
            if style.fill == "silhouette" or not style.chance(style.details):
                return
            if style.fill in ("paper", "wire") and width > 3:
                self.limb(points, width, fill)
                self.finish()
                return
        super().line(points, width, self._colour(fill))

    def stroke(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """Draw a stroke that is never left out, as the limb of a stick figure."""
        super().line(points, width, fill if self.style.fill == "silhouette" else self._colour(fill))

    def finish(self) -> None:
        """Draw what was collected, each fill in this hand's way."""
        style, rim = self.style, self.style.rim * self.pixels * (1.0 if self.scale > 0.7 else 0.75)
        if style.fill == "wire":
            for mark in self._marks:
                path = mark.points if mark.radius else [*mark.points, mark.points[0]]
                self._stroke(
                    path, max(rim, mark.radius if mark.radius < 2 * rim else rim), self._ink(mark.fill), mark.smooth
                )
            self._marks.clear()
            return
        if rim and style.fill != "silhouette":
            for mark in self._marks:
                path = mark.points if mark.radius else [*mark.points, mark.points[0]]
                self._stroke(path, mark.radius + rim, self._ink(mark.fill), mark.smooth)
        for mark in self._marks:
            fill = mark.fill
            if style.fill == "paper":
                fill = style.paper
            elif style.fill == "scribble":
                fill = shade(fill, 1.6) if style.hatched else style.paper
            if mark.radius:
                self._stroke(mark.points, mark.radius, mark.fill if style.fill == "scribble" else fill)
                if style.fill == "shaded" and mark.radius > 2:
                    above = [(x, y - 0.3 * mark.radius) for x, y in mark.points]
                    self._stroke(above, mark.radius * 0.45, shade(fill, style.light))
            else:
                self.draw.polygon(mark.points, fill=fill)
                if style.fill == "shaded":
                    self.draw.polygon(_shrunk(mark.points, 0.6, -0.12), fill=shade(fill, style.light))
                elif style.fill == "scribble":
                    self._scribble(mark.points, mark.fill)
        self._marks.clear()

    def _ink(self, fill: Colour) -> Colour:
        ink = self.style.ink
        if ink is not None:
            return ink
        if self.style.fill in ("paper", "wire"):  # a coloured pencil, which on white paper is not white
            if max(self.style.paper) < 90:
                return fill if max(fill) > 110 else shade(fill, 1.5)
            return fill if min(fill) < 200 else shade(fill, 0.6)
        return shade(fill, 0.6) if max(fill) > 70 else shade(fill, 1.3)

    def _colour(self, fill: Colour) -> Colour:
        style = self.style
        if style.fill == "silhouette" and not self.flat:
            return style.ink or (0, 0, 0)
        return style.tint(fill)

    def _placed(self, points: Sequence[Point]) -> list[Point]:
        if self.flat:
            return super()._placed(points)
        style = self.style
        along, up = style.stretch
        cosine, sine = math.cos(self.turn), math.sin(self.turn)
        placed = super()._placed(
            [(along * x * cosine - up * y * sine, along * x * sine + up * y * cosine) for x, y in points]
        )
        if not style.wobble:
            return placed
        stray = style.rng.normal(0, 0.5 * style.wobble * self.pixels, (len(placed), 2)).tolist()
        if len(points) == _ROUND:  # an oval becomes a potato, not a saw
            stray = [[sum(stray[(n + k) % _ROUND][i] for k in range(5)) / 3 for i in (0, 1)] for n in range(_ROUND)]
        return [(x + dx, y + dy) for (x, y), (dx, dy) in zip(placed, stray, strict=True)]

    def _scribble(self, points: list[Point], fill: Colour) -> None:
        """Fill a polygon with parallel strokes."""
        style = self.style
        cosine, sine = math.cos(style.slant), math.sin(style.slant)
        turned = [(x * cosine + y * sine, y * cosine - x * sine) for x, y in points]
        step, y = style.spacing * self.pixels, min(y for _, y in turned)
        end, width = max(y for _, y in turned), max(1, round(0.62 * step))
        while (y := y + step) < end:
            crossings = sorted(
                x0 + (y - y0) / (y1 - y0) * (x1 - x0)
                for (x0, y0), (x1, y1) in zip(turned, [*turned[1:], turned[0]], strict=True)
                if (y0 <= y) != (y1 <= y)
            )
            for left, right in zip(crossings[::2], crossings[1::2], strict=False):
                ends = [
                    (x * cosine - row * sine, x * sine + row * cosine)
                    for x, row in ((left, y), (right, y + 0.3 * step))
                ]
                self.draw.line(ends, fill=fill, width=width)


_ROUND = 24  # the corners of an oval


def _shrunk(points: list[Point], by: float, up: float) -> list[Point]:
    """Return a polygon made smaller around its middle, which moves up by a share of its height."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x, y, high = sum(xs) / len(xs), sum(ys) / len(ys), max(ys) - min(ys)
    return [(x + by * (px - x), y + by * (py - y) + up * high) for px, py in points]
