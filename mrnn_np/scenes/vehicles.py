"""What carries people: car, bus, truck, bike, boats, plane."""

from mrnn_np.scenes.pen import INK, Colour, Pen, shade

_GLASS: Colour = (186, 222, 240)
_TYRE: Colour = (40, 38, 42)
_LAMP: Colour = (255, 236, 140)
_PUFF: Colour = (232, 232, 232)
_WOOD: Colour = (120, 78, 44)


def car(pen: Pen, paint: Colour, moves: bool) -> None:
    """Draw a car, with someone at the wheel and a trail behind it if it moves."""
    if moves:
        _trail(pen, -22)
    pen.shape([(-21, 4), (-21, 11), (-13, 13), (-8, 20.5), (7, 20.5), (14, 13), (20, 11.5), (21.5, 4)], paint)
    pen.finish()
    pen.shape([(-10, 13), (-6.5, 18.6), (-0.5, 18.6), (-0.5, 13)], _GLASS)
    pen.shape([(1, 13), (1, 18.6), (6, 18.6), (11, 13)], _GLASS)
    pen.finish()
    if moves:
        _driver(pen, 4.4, 14.4)
    pen.line([(19.4, 9)], 3.2, _LAMP)
    _wheels(pen, (-12, 12), 4.6)


def bus(pen: Pen, paint: Colour, moves: bool) -> None:
    """Draw a bus: a long box full of windows."""
    if moves:
        _trail(pen, -31)
    pen.shape([(-30, 4), (-30, 28), (-28, 30), (27, 30), (30, 27), (30, 4)], paint)
    pen.finish()
    for x in range(-27, 14, 8):
        pen.shape([(x, 16), (x, 25.5), (x + 6.4, 25.5), (x + 6.4, 16)], _GLASS)
    pen.shape([(21.5, 5), (21.5, 25.5), (28.4, 25.5), (28.4, 5)], _GLASS)
    pen.finish()
    if moves:
        _driver(pen, 25, 17.5)
    pen.line([(-29, 11.5), (20, 11.5)], 1.4, shade(paint, 0.7))
    _wheels(pen, (-18, 15), 5.0)


def truck(pen: Pen, paint: Colour, moves: bool) -> None:
    """Draw a truck: a tall closed box behind a cab."""
    if moves:
        _trail(pen, -30)
    pen.shape([(-28, 6), (-28, 31), (9, 31), (9, 6)], paint)
    pen.shape([(11, 4), (11, 22), (20, 22), (26, 13), (27, 4)], shade(paint, 0.9))
    pen.limb([(-27, 5), (25, 5)], 2.6, (84, 84, 90))
    pen.finish()
    pen.shape([(13.4, 13.4), (13.4, 20), (19, 20), (23, 13.4)], _GLASS)
    pen.finish()
    if moves:
        _driver(pen, 17, 14.6)
    for x in (-19, -9.5, 0):
        pen.line([(x, 9), (x, 28.5)], 1.0, shade(paint, 0.72))
    _wheels(pen, (-19, 19), 5.0)


def sailboat(pen: Pen, paint: Colour) -> None:
    """Draw a boat under sail, its waterline at (0, 0)."""
    pen.limb([(0, 6), (0, 44)], 1.4, _WOOD)
    pen.finish()
    pen.shape([(2, 9), (2, 43), (18.5, 10)], paint)
    pen.shape([(-2, 9), (-2, 37), (-15, 11)], shade(paint, 0.88))
    pen.finish()
    pen.shape([(-20, 7), (-14, -2), (14, -2), (21, 7)], paint)
    pen.finish()
    pen.line([(-17, 3.6), (17.8, 3.6)], 1.5, shade(paint, 0.66))


def rowboat(pen: Pen, paint: Colour) -> None:
    """Draw the near side of a rowing boat and its oar, its waterline at (0, 0); who sits in it is drawn before."""
    pen.shape([(-25, 9), (-19, -2), (19, -2), (26, 9.5), (17, 7), (-17, 7)], paint)
    pen.finish()
    pen.line([(-20, 3), (20, 3)], 1.5, shade(paint, 0.66))
    pen.limb([(3, 9), (-9, -3)], 1.5, _WOOD)
    pen.oval(-10.5, -4, 3.4, 1.4, _WOOD, tilt=40)
    pen.finish()


def bike(pen: Pen, paint: Colour) -> None:
    """Draw a bicycle; its saddle is at (-4, 16)."""
    for x in (-10, 11):
        pen.line([(x, 7.5)], 15.4, _TYRE)
        pen.line([(x, 7.5)], 11.6, (206, 210, 214))
        pen.line([(x, 7.5)], 2.4, _TYRE)
    pen.limb([(-10, 7.5), (-4.5, 14), (8, 14.5), (1, 6.5), (-10, 7.5)], 2.0, paint)
    pen.limb([(-4.5, 14), (1, 6.5)], 2.0, paint)
    pen.limb([(11, 7.5), (8, 14.5), (7.4, 19), (10, 19.6)], 2.0, paint)
    pen.finish()
    pen.limb([(-6.5, 16), (-2.5, 16)], 1.8, _TYRE)
    pen.finish()


def _wheels(pen: Pen, places: tuple[float, float], radius: float) -> None:
    for x in places:
        pen.oval(x, radius, radius, radius, _TYRE)
    pen.finish()
    for x in places:
        pen.line([(x, radius)], radius * 0.9, (190, 192, 198))


def _driver(pen: Pen, x: float, y: float) -> None:
    pen.line([(x, y + 1.2)], 4.0, (238, 190, 150))
    pen.line([(x - 0.3, y + 2.6)], 2.6, INK)


def _trail(pen: Pen, x: float) -> None:
    """Draw what a moving vehicle leaves behind: streaks and exhaust."""
    for up, length in ((6, 9), (12, 13), (18, 8)):
        pen.line([(x - 2, up), (x - 2 - length, up)], 1.1, _PUFF)
    for back, radius in ((3, 1.6), (7, 2.3), (12, 3)):
        pen.line([(x - back, 3.4 + back * 0.1)], radius * 2, _PUFF)


def plane(pen: Pen, paint: Colour) -> None:
    """Draw a plane in the air around (0, 0)."""
    pen.shape([(-2, 2), (-9, 11), (-4, 11), (6, 2)], shade(paint, 0.85))
    pen.finish()
    pen.shape([(-18, 2), (-25, 12.5), (-19, 12.5), (-12, 3)], shade(paint, 0.85))
    pen.limb([(-19, 1), (17, 0)], 8.6, paint)
    pen.shape([(-18, 5), (-24, 4), (-18, -2)], paint)
    pen.finish()
    pen.shape([(-1, -1), (-12, -11), (-6, -11), (9, -1)], shade(paint, 0.85))
    pen.finish()
    for x in range(-12, 11, 5):
        pen.line([(x, 1.6)], 2.2, (60, 110, 160))
    pen.line([(15, 1.8), (18, 1.2)], 2.4, (60, 110, 160))
