"""Animals: dog, cat, horse, cow and sheep, all drawn alike on four legs; bird, duck and dolphin."""

from collections.abc import Callable
from dataclasses import dataclass

from mrnn_np.scenes.pen import INK, PAINT, Colour, Pen, Point, dark, pale, shade


@dataclass(frozen=True)
class Build:
    """The measures of an animal: leg, length and thickness of body, limbs, and where the head is from the chest."""

    leg: float
    length: float
    body: float
    limb: float
    head: Point


BUILDS = {
    "dog": Build(leg=8.5, length=17, body=9.5, limb=3.6, head=(6.5, 7.5)),
    "cat": Build(leg=6, length=12, body=7.5, limb=2.9, head=(4.5, 6.5)),
    "horse": Build(leg=17, length=22, body=13.5, limb=4.2, head=(11, 14)),
    "cow": Build(leg=10.5, length=24, body=15.5, limb=4.8, head=(9, 4)),
    "sheep": Build(leg=7, length=15, body=14, limb=3.0, head=(7.5, 4)),
}

# The middles of the tufts of a fleece, in thicknesses of the body.
_FLEECE = ((-0.62, 0), (-0.4, 0.3), (0, 0.42), (0.4, 0.3), (0.62, 0), (0.36, -0.26), (-0.36, -0.26), (0, 0))

_BEAK: Colour = (246, 160, 40)

# Four feet (near and far hind leg, near and far fore leg) from below hip and chest, in leg lengths: forward, up.
_FEET: dict[str, tuple[Point, Point, Point, Point]] = {
    "stand": ((-0.05, 0), (0.3, 0), (0.05, 0), (-0.3, 0)),
    "walk": ((-0.45, 0), (0.42, 0), (0.42, 0.02), (-0.42, 0)),
    "run": ((-1.0, 0.4), (-0.6, 0.12), (1.05, 0.45), (0.65, 0.2)),
    "jump": ((-0.95, 0.05), (-0.65, -0.05), (0.85, 0.5), (0.6, 0.3)),
}


def animal(pen: Pen, kind: str, coat: Colour, pose: str) -> Point:
    """Draw an animal with its feet at (0, 0) and return the middle of its back, where a rider sits."""
    build = BUILDS[kind]
    hip, chest, head = carriage(build, pose)
    far, near = shade(coat, 0.82), coat
    if pose == "sleep":
        pen.limb([(chest[0] - 2, 1.4), (chest[0] + build.head[0] + 2, 1.4)], build.limb, near)
    else:
        rear = hip if pose != "sit" else None
        legs(pen, build, rear, chest, pose, far, 1)
    tail(pen, kind, hip, coat)
    pen.finish()
    _neck(pen, kind, chest, head, coat)
    if kind == "sheep":
        _wool(pen, hip, chest, build.body, coat)
    else:
        pen.limb([hip, chest], build.body, coat)
    if kind == "cat" and pose == "sleep":
        pen.oval((hip[0] + chest[0]) / 2 - 1, build.body * 0.62, build.length * 0.52, build.body * 0.66, coat)
    if pose == "sit":
        pen.oval(hip[0] + 1, build.body * 0.36, build.body * 0.56, build.body * 0.4, coat)
        pen.limb([(hip[0] + 2, 1.3), (hip[0] + build.body * 0.6, 1.3)], build.limb * 0.8, coat)
    if pose != "sleep":
        legs(pen, build, hip if pose != "sit" else None, chest, pose, near, 0)
    pen.finish()
    if kind == "cow":
        _patches(pen, hip, chest, coat)
    _HEADS[kind](pen, head, coat, pose == "sleep")
    return (hip[0] + chest[0]) / 2, (hip[1] + chest[1]) / 2 + build.body / 2


def carriage(build: Build, pose: str) -> tuple[Point, Point, Point]:
    """Return where hip, chest and head are."""
    half, low = build.length / 2, build.leg + build.body * 0.36
    ahead, above = build.head
    match pose:
        case "run":
            hip, chest = (-half, low + 1.0), (half, low + 2.0)
        case "jump":
            hip, chest = (-half * 0.95, low + 5), (half * 0.85, low + 12)
        case "sit":
            hip, chest = (-half * 0.6, build.body * 0.55), (half * 0.35, low + 1.5)
        case "sleep":
            return (-half, build.body * 0.5), (half, build.body * 0.44), (half + ahead * 0.9, build.body * 0.36)
        case _:
            hip, chest = (-half, low), (half, low)
    if pose == "graze":
        return hip, chest, (chest[0] + ahead * 0.9, 3.4)
    return hip, chest, (chest[0] + ahead, chest[1] + above)


def legs(pen: Pen, build: Build, hip: Point | None, chest: Point, pose: str, coat: Colour, far: int) -> None:
    """Draw the two legs of the near side, or the two of the far side."""
    feet = _FEET.get(pose, _FEET["stand"])
    for start, (forward, up) in ((hip, feet[far]), (chest, feet[2 + far])):
        if start is None:
            continue
        top = (start[0] + (0.6 if far else 0), start[1] - build.body * 0.2)
        ground = start[1] - build.leg - build.body * 0.36 if pose in ("run", "jump") else 0.0
        foot = (start[0] + forward * build.leg, ground + up * build.leg + build.limb * 0.4)
        knee = ((top[0] + foot[0]) / 2 + (1.0 if start is chest else -1.0) * build.limb * 0.2, (top[1] + foot[1]) / 2)
        pen.limb([top, knee, foot], build.limb, coat)


def tail(pen: Pen, kind: str, hip: Point, coat: Colour) -> None:
    """Draw the tail of a kind of animal from its hip."""
    x, y = hip
    match kind:
        case "dog":
            pen.limb([(x - 3, y + 3), (x - 7.5, y + 7), (x - 8, y + 10)], 2.6, coat)
        case "cat":
            pen.limb([(x - 2, y + 2), (x - 7, y + 2.5), (x - 9, y + 6.5), (x - 7.5, y + 10)], 2.1, coat)
        case "horse":
            pen.limb([(x - 5, y + 5), (x - 9.5, y + 1), (x - 10, y - 9)], 3.4, shade(coat, 0.55))
        case "cow":
            pen.limb([(x - 7.5, y + 4), (x - 9.5, y - 5)], 1.2, coat)
            pen.oval(x - 9.6, y - 6.5, 1.3, 2.2, INK)


def _neck(pen: Pen, kind: str, chest: Point, head: Point, coat: Colour) -> None:
    width = {"dog": 5.5, "cat": 4.5, "horse": 7.0, "cow": 9.0, "sheep": 6.0}[kind]
    if kind == "horse":
        mane = shade(coat, 0.55)
        pen.limb([(chest[0] - 2.5, chest[1] + 6), (head[0] - 3.5, head[1] + 3.5)], 4.0, mane)
    pen.limb([(chest[0], chest[1] + 1), head], width, coat)


def _wool(pen: Pen, hip: Point, chest: Point, body: float, coat: Colour) -> None:
    """Draw a fleece: a cloud from hip to chest."""
    middle = (hip[0] + chest[0]) / 2, (hip[1] + chest[1]) / 2
    for across, up in _FLEECE:
        pen.oval(middle[0] + across * body, middle[1] + up * body, body * 0.34, body * 0.32, coat)


def _patches(pen: Pen, hip: Point, chest: Point, coat: Colour) -> None:
    """Draw the patches of a cow: dark on a white one, white on the others."""
    patch = PAINT["black"] if pale(coat) else PAINT["white"]
    y = hip[1]
    for x, up, across, high in (
        (hip[0], 2.5, 3.6, 3.4),
        ((hip[0] + chest[0]) / 2 + 1, -1, 3.8, 3.2),
        (chest[0] - 1, 3.4, 3, 2.6),
    ):
        pen.line([(x - across * 0.4, y + up), (x + across * 0.4, y + up)], high * 1.5, patch)


def _dog_head(pen: Pen, at: Point, coat: Colour, asleep: bool) -> None:
    x, y = at
    pen.oval(x + 4.2, y - 1.2, 3.8, 2.5, coat)
    pen.oval(x, y + 0.4, 5.0, 4.7, coat)
    pen.finish()
    pen.oval(x - 2.8, y + 0.2, 2.0, 4.2, shade(coat, 1.3 if dark(coat) else 0.7), tilt=-14)
    pen.finish()
    pen.line([(x + 7.4, y - 0.3)], 2.4, INK)
    _eye(pen, x + 1.8, y + 1.6, 1.5, asleep)


def _cat_head(pen: Pen, at: Point, coat: Colour, asleep: bool) -> None:
    x, y = at
    for left, right, tip in ((-4.6, -0.6, -4.2), (0.6, 4.6, 4.2)):
        pen.shape([(x + left, y + 1.5), (x + tip, y + 7.4), (x + right, y + 3.4)], coat)
    pen.oval(x, y, 5.0, 4.5, coat)
    pen.finish()
    for side in (-1.6, 2.4):
        _eye(pen, x + side, y + 0.7, 1.5, asleep)
    pen.line([(x + 0.5, y - 1.0)], 1.5, (236, 130, 140))


def _horse_head(pen: Pen, at: Point, coat: Colour, asleep: bool) -> None:
    x, y = at
    pen.shape([(x - 3.2, y + 2), (x - 2.4, y + 7), (x + 0.4, y + 3)], coat)
    pen.limb([(x - 0.5, y + 0.6), (x + 7.2, y - 4.6)], 6.2, coat)
    pen.finish()
    pen.line([(x + 8.6, y - 4.2)], 1.2, INK)
    _eye(pen, x + 1.2, y + 1.2, 1.6, asleep)


def _cow_head(pen: Pen, at: Point, coat: Colour, asleep: bool) -> None:
    x, y = at
    for side in (-2.4, 3.2):
        pen.limb([(x + side, y + 4), (x + side * 1.7, y + 7.4)], 1.7, (236, 226, 196))
    pen.oval(x - 4.6, y + 2.4, 2.8, 1.6, shade(coat, 0.8), tilt=-16)
    pen.oval(x + 0.6, y + 0.4, 4.8, 5.0, coat)
    pen.oval(x + 2.0, y - 3.2, 4.4, 3.2, (244, 178, 170))
    pen.finish()
    for side in (0.8, 3.4):
        pen.line([(x + side, y - 3.2)], 1.0, INK)
    _eye(pen, x + 1.0, y + 2.2, 1.6, asleep)


def _sheep_head(pen: Pen, at: Point, coat: Colour, asleep: bool) -> None:
    x, y = at
    face = (90, 82, 84) if pale(coat) else (150, 142, 140)
    pen.oval(x - 3.6, y + 1.2, 2.4, 1.3, face, tilt=-20)
    pen.oval(x, y - 0.6, 3.6, 4.4, face, tilt=20)
    pen.oval(x - 1.0, y + 3.0, 3.0, 2.0, coat)
    pen.finish()
    pen.line([(x + 1.0, y + 0.2)], 1.6, (250, 250, 250))
    pen.line([(x + 1.2, y + 0.2)], 0.9, INK)


def _eye(pen: Pen, x: float, y: float, size: float, asleep: bool) -> None:
    if asleep:
        pen.line([(x - size * 0.8, y), (x + size * 0.8, y - 0.2)], size * 0.5, INK)
    else:
        pen.line([(x, y)], size * 1.3, (250, 250, 250))
        pen.line([(x + 0.2, y)], size * 0.9, INK)


_HEADS: dict[str, Callable[[Pen, Point, Colour, bool], None]] = {
    "dog": _dog_head,
    "cat": _cat_head,
    "horse": _horse_head,
    "cow": _cow_head,
    "sheep": _sheep_head,
}


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
    pen.line([(6.6, 2.2)], 1.1, _eye_colour(coat))


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
    pen.line([(5, 11.8)], 1.2, _eye_colour(coat))


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
    pen.line([(7.8, 13 + lift)], 1.3, _eye_colour(coat))


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


def _eye_colour(coat: Colour) -> Colour:
    return (245, 245, 240) if dark(coat) else INK
