"""People: man, woman, boy, girl, in a dozen poses."""

import math
from dataclasses import dataclass

from mrnn_np.scenes.pen import INK, Colour, Pen, Point, shade

LOOKS: tuple[tuple[Colour, Colour], ...] = (  # skin and hair
    ((252, 218, 190), (226, 178, 82)),
    ((250, 212, 182), (112, 66, 34)),
    ((244, 200, 168), (168, 78, 36)),
    ((214, 160, 120), (62, 42, 32)),
    ((160, 106, 72), (44, 34, 34)),
    ((116, 74, 52), (30, 26, 28)),
)
_TROUSERS: Colour = (58, 66, 96)
_SHOES: Colour = (60, 44, 40)


@dataclass(frozen=True)
class Pose:
    """Two legs and two arms, the far one first, each as two joints in leg or arm lengths from the hip or shoulder.

    `lean` moves the shoulders forward and `hip` is the height of the hip above the ground, both in leg lengths.
    """

    legs: tuple[tuple[Point, Point], tuple[Point, Point]]
    arms: tuple[tuple[Point, Point], tuple[Point, Point]]
    lean: float = 0.0
    hip: float = 1.0


_DOWN = ((-0.3, -0.45), (-0.3, -0.95)), ((0.3, -0.45), (0.34, -0.95))
_UPRIGHT = ((-0.12, -0.5), (-0.16, -1.0)), ((0.12, -0.5), (0.18, -1.0))
_AHEAD = ((0.3, -0.5), (0.72, -0.4)), ((0.32, -0.42), (0.78, -0.26))

POSES = {
    "stand": Pose(_UPRIGHT, _DOWN),
    "walk": Pose(
        (((-0.08, -0.5), (-0.46, -0.94)), ((0.26, -0.48), (0.4, -0.98))),
        (((0.3, -0.42), (0.52, -0.8)), ((-0.34, -0.42), (-0.5, -0.86))),
        lean=0.05,
    ),
    "lead": Pose(
        (((-0.08, -0.5), (-0.46, -0.94)), ((0.26, -0.48), (0.4, -0.98))),
        (((-0.3, -0.42), (-0.36, -0.86)), ((0.28, -0.42), (0.6, -0.6))),
        lean=0.05,
    ),
    "run": Pose(
        (((-0.16, -0.5), (-0.8, -0.62)), ((0.5, -0.3), (0.56, -0.86))),
        (((0.3, -0.45), (0.82, -0.2)), ((-0.5, -0.3), (-0.46, -0.86))),
        lean=0.24,
        hip=1.0,
    ),
    "jump": Pose(
        (((-0.42, -0.3), (-0.62, -0.8)), ((0.42, -0.3), (0.5, -0.84))),
        (((-0.42, 0.3), (-0.62, 0.86)), ((0.42, 0.3), (0.62, 0.86))),
        hip=1.5,
    ),
    "sit": Pose(
        (((0.5, 0.26), (0.96, -0.06)), ((0.6, 0.22), (1.1, -0.1))),
        (((0.1, -0.5), (0.5, -0.72)), ((0.14, -0.5), (0.6, -0.7))),
        hip=0.22,
    ),
    "seat": Pose(
        (((0.44, 0.0), (0.46, -0.62)), ((0.5, -0.04), (0.56, -0.66))),
        (((0.1, -0.5), (0.46, -0.7)), ((0.14, -0.5), (0.56, -0.68))),
        hip=0.7,
    ),
    "ride": Pose((((0.36, -0.3), (0.24, -0.8)), ((0.36, -0.3), (0.24, -0.8))), _AHEAD, lean=0.12, hip=1.0),
    "throw": Pose(_UPRIGHT, (((-0.34, -0.4), (-0.5, -0.86)), ((0.34, 0.36), (0.7, 0.82))), lean=0.08),
    "kick": Pose(
        (((-0.14, -0.5), (-0.2, -1.0)), ((0.42, -0.34), (0.92, -0.62))),
        (((0.4, -0.3), (0.8, -0.3)), ((-0.42, -0.26), (-0.82, -0.4))),
        lean=-0.12,
    ),
    "hold": Pose(_UPRIGHT, _AHEAD),
    "lift": Pose(_UPRIGHT, (((-0.3, -0.45), (-0.3, -0.95)), ((0.4, 0.1), (0.72, 0.6)))),
    "row": Pose((((0.4, 0.1), (0.8, 0.0)), ((0.4, 0.1), (0.8, 0.0))), _AHEAD, lean=0.1, hip=0.3),
    "surf": Pose(
        (((-0.36, -0.3), (-0.46, -0.8)), ((0.42, -0.24), (0.4, -0.8))),
        (((-0.5, -0.05), (-0.98, 0.12)), ((0.5, 0.0), (0.98, 0.1))),
        lean=0.2,
        hip=0.8,
    ),
}


@dataclass(frozen=True)
class Build:
    """Lengths of a body: of leg, torso, arm, half the shoulders, and the radius of the head."""

    leg: float
    torso: float
    arm: float
    shoulders: float
    head: float
    limb: float


BUILDS = {
    "man": Build(19, 15.5, 14.5, 4.6, 5.2, 4.6),
    "woman": Build(18.5, 14, 13.5, 3.6, 5.1, 3.6),
    "boy": Build(11, 11, 10.5, 3.4, 5.2, 3.6),
    "girl": Build(11, 10.5, 10, 3.0, 5.2, 3.2),
}


def hand(kind: str, pose: str) -> Point:
    """Return where the near hand of a person in that pose is."""
    build = BUILDS[kind]
    return _joints(_shoulder(build, POSES[pose]), build.arm, POSES[pose].arms[1])[-1]


def person(pen: Pen, kind: str, clothes: Colour, pose_name: str, look: tuple[Colour, Colour]) -> None:
    """Draw a person with the feet at (0, 0); `look` is the colour of skin and hair."""
    build, pose, (skin, hair) = BUILDS[kind], POSES[pose_name], look
    hip = (0.0, pose.hip * build.leg)
    shoulder = _shoulder(build, pose)
    neck = (shoulder[0], shoulder[1] + 2.2)
    head = (neck[0] + pose.lean * 2, neck[1] + build.head * 0.86)
    if kind == "woman":
        pen.limb([(head[0] - 1.6, head[1]), (neck[0] - 2.4, neck[1] - 3.5)], 2 * build.head, hair)
    if kind == "girl":
        _pigtails(pen, head, build.head, hair)
    pen.finish()
    _arm(pen, build, _joints(shoulder, build.arm, pose.arms[0]), shade(clothes, 0.85), skin)
    legs = [_joints(hip, build.leg, ends) for ends in pose.legs]
    for leg in legs:
        _leg(pen, kind, build, leg, skin)
    if kind in ("woman", "girl"):
        _skirt(pen, build, neck, hip, [leg[1] for leg in legs], clothes)
    pen.limb(
        [(neck[0], neck[1] - build.shoulders), (hip[0], hip[1] + build.shoulders * 0.5)], 2 * build.shoulders, clothes
    )
    pen.finish()
    _arm(pen, build, _joints(shoulder, build.arm, pose.arms[1]), clothes, skin)
    _head(pen, kind, head, build.head, skin, hair)


def swimmer(pen: Pen, kind: str, look: tuple[Colour, Colour]) -> None:
    """Draw the head and arm of someone in the water, its surface at (0, 0)."""
    skin, hair = look
    radius = BUILDS[kind].head
    if kind == "woman":
        pen.limb([(-2, 4), (-8, 1)], radius * 1.3, hair)
    if kind == "girl":
        _pigtails(pen, (0, 5), radius, hair)
    pen.limb([(-6, -1), (3, 0.4)], 4.5, skin)
    pen.finish()
    _head(pen, kind, (0, 5), radius, skin, hair)
    pen.limb([(5, 0.5), (9, 7.5), (14.5, 2.5)], 3.0, skin)
    pen.finish()
    for x, length in ((-14, 12), (0, 9), (13, 7)):
        pen.line([(x, -1.4), (x + length, -1.4)], 1.8, (236, 246, 252))


def _shoulder(build: Build, pose: Pose) -> Point:
    return pose.lean * build.leg, pose.hip * build.leg + build.torso - 2.2


def _pigtails(pen: Pen, head: Point, radius: float, hair: Colour) -> None:
    for side in (-1, 1):
        pen.oval(head[0] + side * radius * 1.12, head[1] - 1.8, 2.0, 3.4, hair, tilt=side * 24)


def _joints(start: Point, length: float, ends: tuple[Point, Point]) -> list[Point]:
    """Return the three points of an arm or leg."""
    return [start, *((start[0] + length * x, start[1] + length * y) for x, y in ends)]


def _arm(pen: Pen, build: Build, joints: list[Point], sleeve: Colour, skin: Colour) -> None:
    pen.limb(joints, build.limb * 0.74, skin)
    pen.limb(joints[:2], build.limb * 0.9, sleeve)
    pen.finish()


def _leg(pen: Pen, kind: str, build: Build, joints: list[Point], skin: Colour) -> None:
    pen.limb(joints, build.limb, _TROUSERS if kind == "man" else skin)
    if kind == "boy":
        pen.limb(joints[:2], build.limb * 1.2, _TROUSERS)
    x, y = joints[-1]
    pen.limb([(x, y + 0.6), (x + 2.0, y + 0.4)], build.limb * 0.8, _SHOES)
    pen.finish()


def _skirt(pen: Pen, build: Build, neck: Point, hip: Point, knees: list[Point], clothes: Colour) -> None:
    """Draw a dress from the shoulders to the knees, wherever these are."""
    back, front = sorted(knees)
    if back[0] > hip[0] + 2:  # both knees ahead: sitting
        back = (hip[0] - 1.0, hip[1] - 1.5)
    waist = build.shoulders * 0.8
    pen.shape(
        [
            (neck[0] - waist, neck[1] - build.shoulders),
            (neck[0] + waist, neck[1] - build.shoulders),
            (hip[0] + waist, hip[1] + 2),
            (front[0] + 2.6, front[1] - 0.5),
            (back[0] - 2.6, back[1] - 0.5),
            (hip[0] - waist, hip[1] + 2),
        ],
        clothes,
    )


def _head(pen: Pen, kind: str, centre: Point, radius: float, skin: Colour, hair: Colour) -> None:
    """Draw a face with eyes, hair and, for a man, a beard."""
    x, y = centre

    def rim(start: int, end: int, far: float) -> list[Point]:
        turns = (math.radians(start + (end - start) * step / 10) for step in range(11))
        return [(x + far * radius * math.cos(turn), y + far * radius * math.sin(turn)) for turn in turns]

    pen.oval(x, y, radius, radius, skin)
    pen.shape([*rim(28, 205, 1.06), (x - 0.35 * radius, y + 0.3 * radius), (x + 0.45 * radius, y + 0.5 * radius)], hair)
    if kind == "man":
        pen.shape(
            [*rim(200, 338, 1.05), (x + 0.6 * radius, y - 0.46 * radius), (x - 0.3 * radius, y - 0.42 * radius)], hair
        )
    pen.finish()
    for across in (0.12, 0.66):
        pen.line([(x + across * radius, y + 0.08 * radius)], radius * 0.24, INK)
