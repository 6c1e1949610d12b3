"""What flies and what swims: bird, plane, duck, dolphin."""

from mrnn_np.scenes.pen import INK, PAINT, Colour, Pen, shade

_BEAK: Colour = (246, 160, 40)


def flying_bird(pen: Pen, coat: Colour) -> None:
    """Draw a bird on the wing around (0, 0)."""
    pen.shape([(-1.5, 0.8), (-6, 9), (2.5, 1.8)], shade(coat, 0.8))
    pen.finish()
    pen.shape([(-5, 0.6), (-10.5, 2.2), (-9.5, -1.6)], coat)
    pen.oval(-0.5, 0, 6.2, 2.9, coat, tilt=6)
    pen.oval(5.8, 1.6, 2.7, 2.5, coat)
    pen.shape([(8, 2.2), (11, 1.2), (8, 0.4)], _BEAK)
    pen.finish()
    pen.shape([(-2.5, 0.6), (-1, 9.5), (3, 1.0)], coat)
    pen.finish()
    pen.line([(6.6, 2.2)], 1.1, _eye(coat))


def standing_bird(pen: Pen, coat: Colour) -> None:
    """Draw a bird on its two legs, these at (0, 0)."""
    for x in (-0.8, 1.2):
        pen.line([(x, 0), (x, 4)], 0.9, (180, 100, 40))
    pen.shape([(-4, 6.5), (-9.5, 3.4), (-8.4, 6.8)], coat)
    pen.oval(0, 6.8, 5.2, 3.9, coat, tilt=24)
    pen.oval(4.2, 11.2, 3.1, 3.0, coat)
    pen.shape([(6.6, 12), (10, 11), (6.8, 10)], _BEAK)
    pen.finish()
    pen.oval(-1.4, 6.6, 3.4, 2.0, shade(coat, 0.75), tilt=24)
    pen.finish()
    pen.line([(5, 11.8)], 1.2, _eye(coat))


def duck(pen: Pen, coat: Colour, swims: bool) -> None:
    """Draw a duck, its feet or its waterline at (0, 0)."""
    lift = -1.5 if swims else 3.0
    if not swims:
        for x in (-1.5, 2):
            pen.limb([(x, 3.4), (x, 0.6), (x + 1.4, 0.5)], 1.1, _BEAK)
    pen.shape([(-6, 5 + lift), (-11.5, 8.6 + lift), (-8, 2.6 + lift)], coat)
    pen.oval(-0.5, 4 + lift, 8.4, 4.4, coat)
    pen.limb([(5.4, 5 + lift), (6.4, 11.5 + lift)], 4.6, coat)
    pen.oval(7, 12.2 + lift, 3.7, 3.5, coat)
    pen.shape([(10, 13.2 + lift), (15, 12 + lift), (14.6, 10.6 + lift), (10, 10.8 + lift)], _BEAK)
    pen.finish()
    pen.oval(-1.8, 4.6 + lift, 5, 2.4, shade(coat, 0.8), tilt=-8)
    pen.finish()
    pen.line([(7.8, 13 + lift)], 1.3, _eye(coat))


def dolphin(pen: Pen, coat: Colour, leaps: bool) -> None:
    """Draw a dolphin in an arc above the water at (0, 0), or only its back and fin in it."""
    belly = (236, 240, 244)
    if leaps:
        spine = [(-16, 6), (-10, 14), (-1, 18.5), (8, 16), (14, 9.5)]
        pen.shape([(-15, 8), (-22, 7.5), (-18, 3.5), (-18.5, -1), (-13.5, 4)], coat)
        pen.limb(spine[:2], 5, coat)
        pen.limb(spine[1:4], 9.5, coat)
        pen.limb(spine[3:], 7, coat)
        pen.limb([(14, 9.5), (18.5, 5.5)], 2.8, coat)
        pen.shape([(-4, 21), (-6.5, 28), (3, 22)], coat)
        pen.shape([(3, 14), (-1, 7.5), (7, 12.5)], shade(coat, 0.85))
        pen.finish()
        pen.line([(-6, 12.4), (1, 14.6), (8, 12)], 2.4, belly)
    else:
        pen.shape([(-17, 0), (-11, 5), (-3, 7.6), (6, 7), (12, 4.4), (16, 0)], coat)
        pen.shape([(-5, 7), (-7, 14.5), (3.5, 7)], coat)
        pen.shape([(-21, 0), (-26, 6.5), (-18, 4.5), (-17, 0)], coat)
        pen.finish()
    pen.line([(12.4, 10.4) if leaps else (11, 3.4)], 1.5, INK)


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


def _eye(coat: Colour) -> Colour:
    return (245, 245, 240) if coat == PAINT["black"] else INK
