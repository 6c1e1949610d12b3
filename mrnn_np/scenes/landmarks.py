"""What stands still: house, tree, bench, fence, umbrella, snowman; and toys: ball, balloon, kite."""

from mrnn_np.scenes.pen import INK, PAINT, Colour, Pen, Point, shade

_ROOF: Colour = (92, 72, 78)
_WOOD: Colour = (134, 88, 50)
_LEAVES: Colour = (64, 150, 62)
_PINE: Colour = (34, 104, 74)
_SNOW: Colour = (250, 252, 255)
_GLASS: Colour = (255, 236, 160)


def house(pen: Pen, paint: Colour) -> None:
    """Draw a house: walls in its colour, a dark roof, a door and two lit windows."""
    pen.shape([(9, 30), (9, 42), (14, 42), (14, 30)], shade(_ROOF, 1.2))
    pen.shape([(-18, 0), (-18, 24), (18, 24), (18, 0)], paint)
    pen.finish()
    pen.shape([(-22, 23), (-12, 38), (12, 38), (22, 23)], _ROOF)
    pen.shape([(-4, 0), (-4, 13), (4, 13), (4, 0)], _WOOD)
    for x in (-11, 11):
        pen.shape([(x - 4, 9), (x - 4, 17), (x + 4, 17), (x + 4, 9)], _GLASS)
    pen.finish()
    for x in (-11, 11):
        pen.line([(x, 9), (x, 17)], 0.9, INK)
        pen.line([(x - 4, 13), (x + 4, 13)], 0.9, INK)


def tree(pen: Pen, setting: str) -> None:
    """Draw the tree of a setting: a palm on the beach, a pine in the snow, and one with a round crown elsewhere."""
    if setting == "beach":
        pen.limb([(0, 0), (1.5, 20), (5, 40)], 4.0, (158, 112, 64))
        pen.finish()
        for x, y in ((-18, -6), (-14, 5), (-3, 11), (10, 9), (17, 0), (14, -10), (-7, -12)):
            pen.limb([(5, 41), (5 + x * 0.6, 46 + y * 0.8), (5 + x, 41 + y)], 3.6, (46, 142, 66))
        pen.finish()
        for nut in (2.6, 6.8):
            pen.line([(nut, 38.4)], 3.4, (112, 70, 40))
    elif setting == "snow":
        pen.limb([(0, 0), (0, 10)], 5.0, _WOOD)
        pen.finish()
        for low, high, wide in ((8.0, 30.0, 17.0), (21.0, 42.0, 13.5), (33.0, 54.0, 9.5)):
            pen.shape([(-wide, low), (0, high), (wide, low)], _PINE)
            pen.finish()
            edge, dip = high - 0.42 * (high - low), high - 0.28 * (high - low)
            pen.shape([(-0.42 * wide, edge), (0, high), (0.42 * wide, edge), (0, dip)], _SNOW)
            pen.finish()
    else:
        pen.limb([(0, 0), (0, 24)], 6.0, _WOOD)
        pen.finish()
        for x, y, radius in ((-10, 30, 9.5), (10, 30, 9.5), (0, 33, 12), (-7, 41, 9.5), (7, 41, 9.5), (0, 47, 8)):
            pen.oval(x, y, radius, radius * 0.92, _LEAVES)
        pen.finish()
        for x, y in ((-8, 42), (4, 45), (-2, 35), (10, 34), (-13, 32)):
            pen.line([(x, y), (x + 3.5, y + 1.4)], 2.0, shade(_LEAVES, 1.3))


def bench(pen: Pen) -> None:
    """Draw a bench; its seat is 9.5 high."""
    for x in (-17, 17):
        pen.limb([(x, 0.8), (x, 20)], 2.2, (70, 66, 72))
    for y in (13.4, 18.2):
        pen.limb([(-20, y), (20, y)], 3.2, _WOOD)
    pen.finish()
    pen.limb([(-20.5, 8.2), (20.5, 8.2)], 3.4, shade(_WOOD, 1.15))
    pen.finish()


def fence(pen: Pen, paint: Colour) -> None:
    """Draw a picket fence, 84 wide and 16 high."""
    for y in (5, 11):
        pen.limb([(-42, y), (42, y)], 2.2, shade(paint, 0.85))
    pen.finish()
    for x in range(-40, 41, 8):
        pen.shape([(x - 2.2, 0), (x - 2.2, 13.6), (x, 16.6), (x + 2.2, 13.6), (x + 2.2, 0)], paint)
    pen.finish()


def umbrella(pen: Pen, paint: Colour) -> None:
    """Draw a beach umbrella, open, 48 wide and 44 high."""
    pen.limb([(0, 0), (0, 42)], 1.8, (226, 222, 214))
    pen.finish()
    rim: list[Point] = [(-24, 27), (-18, 29), (-12, 27), (-6, 29), (0, 27), (6, 29), (12, 27), (18, 29), (24, 27)]
    pen.shape([*rim, (21, 34), (13, 41), (0, 44), (-13, 41), (-21, 34)], paint)
    pen.finish()
    for x in (-12, 0, 12):
        pen.line([(x, 27.4), (x * 0.55, 38), (0, 43.6)], 1.0, shade(paint, 0.7))


def snowman(pen: Pen) -> None:
    """Draw a snowman with hat, scarf and carrot."""
    for y, radius in ((8, 9.4), (20.5, 7.2), (30.5, 5.6)):
        pen.oval(0, y, radius, radius * 0.94, _SNOW)
    for side in (-1, 1):
        pen.limb([(side * 6, 21), (side * 13, 26.5)], 1.0, _WOOD)
    pen.finish()
    pen.shape([(-3.6, 34.6), (-3.6, 42), (3.6, 42), (3.6, 34.6)], PAINT["black"])
    pen.limb([(-6, 35), (6, 35)], 1.5, PAINT["black"])
    pen.limb([(-5, 26), (5, 26)], 2.2, PAINT["red"])
    pen.shape([(1.5, 31.4), (8, 30), (1.5, 29.2)], PAINT["orange"])
    pen.finish()
    for x, y in ((-2, 32.4), (2, 32.6), (0, 22), (0, 18.6), (0, 10)):
        pen.line([(x, y)], 1.4, INK)


def ball(pen: Pen, paint: Colour) -> None:
    """Draw a ball around (0, 0)."""
    pen.oval(0, 0, 4.6, 4.6, paint)
    pen.finish()
    pen.line([(-3.4, 1.6), (0, 2.6), (3.4, 1.6)], 1.0, shade(paint, 0.7))
    pen.line([(-1.5, 1.8)], 1.6, shade(paint, 1.6))


def balloon(pen: Pen, paint: Colour) -> None:
    """Draw a balloon on a string that is held at (0, 0)."""
    pen.line([(0, 0), (1.0, 7), (-0.4, 14), (0, 18)], 0.8, INK)
    pen.oval(0, 26, 7.0, 8.4, paint)
    pen.shape([(-1.6, 16.6), (0, 18.6), (1.6, 16.6)], paint)
    pen.finish()
    pen.line([(-2.6, 29.5)], 2.6, shade(paint, 1.6))


def kite(pen: Pen, paint: Colour) -> None:
    """Draw a kite around (0, 0), its tail hanging down behind it."""
    tail = [(-4, -10), (-9, -14), (-8, -19), (-13, -22)]
    pen.line(tail, 1.0, INK)
    for x, y in tail[1:]:
        pen.shape([(x - 2, y + 1.4), (x + 2, y - 1.4), (x + 2, y + 1.4), (x - 2, y - 1.4)], shade(paint, 1.3))
    pen.shape([(-4, -11), (9, -1), (5, 12), (-8, 3)], paint)
    pen.finish()
    pen.line([(-4, -11), (5, 12)], 0.9, shade(paint, 0.62))
    pen.line([(9, -1), (-8, 3)], 0.9, shade(paint, 0.62))
