"""Where everything in a scene stands: from a description to figures in their places, those in front last."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mrnn_np.scenes.figures import Figure
from mrnn_np.scenes.people import BUILDS, LOOKS
from mrnn_np.scenes.world import PEOPLE, Scene, Thing

Rng = np.random.Generator
Figures = list[Figure]

WIDTHS = {
    "man": 19, "woman": 18, "boy": 17, "girl": 19, "dog": 34, "cat": 25, "horse": 50, "cow": 46, "sheep": 33,
    "bird": 22, "duck": 27, "dolphin": 44, "plane": 50, "car": 46, "bus": 64, "truck": 60, "boat": 42,
    "tree": 36, "house": 45, "bench": 42, "fence": 84, "umbrella": 48, "snowman": 26, "ball": 10, "bike": 38,
    "kite": 24, "balloon": 14,
}  # fmt: skip
_WIDER_POSES = {"run": 9, "jump": 10, "sit": 9, "swim": 16, "surf": 27, "walk": 6}  # of people
_WIDER_LYING = 9  # of animals
_ROW_DEPTHS = {"horse": 24, "cow": 22, "tree": 16, "house": 20, "boat": 24, "bus": 26, "truck": 26, "car": 20}
_CROWD = {1: 1.08, 2: 0.94, 3: 0.84, 4: 0.76}  # the scale of a group, by how many there are
_SIZES = {"small": 0.62, "": 1.0, "big": 1.35}
_FRONT = 88.0  # how far down the picture the feet of the foremost are


def stage(scene: Scene, rng: Rng) -> Figures:
    """Return the figures of a scene in the order in which to draw them."""
    first = scene.things[0]
    relation = next((r for r in scene.relations if r.name != "above"), None)
    middle, left = 48 + 8 * (rng.random() - 0.5), bool(rng.random() < 0.5)
    if relation is None:
        figures = _alone(rng, first, middle, left)
    elif relation.name in ("left", "right"):
        figures = _side_by_side(rng, scene, relation.name, left)
    else:
        figures = _STAGINGS[relation.name](rng, first, scene.things[relation.object], middle, left)
    if scene.setting == "sea":
        figures = [replace(figure, shadow=0) for figure in figures]
    if len(scene.things) > 1 and any(r.name == "above" for r in scene.relations):
        figures += _group(rng, scene.things[-1], 48 + 16 * (rng.random() - 0.5), 20, 70, not left, 0.9)
    return figures


def _group(
    rng: Rng, thing: Thing, x: float, y: float, room: float, left: bool, scale: float = 1.0, pose: str = ""
) -> Figures:
    """Place all of a thing side by side around `x`, in two rows where one would not fit `room`, smaller if need be."""
    count, pose = thing.count, pose or thing.action
    scale *= _CROWD[count] * _SIZES[thing.size]
    width = _width(thing) * scale
    rows = 2 if count > 2 and count * width > room else 1
    in_row = -(-count // rows)
    spacing = min(width, max(room - width, 1) / max(in_row - 1, 1) if in_row > 1 else width)
    shrink = min(1.0, spacing / (0.8 * width))
    scale *= shrink
    figures = []
    for number in range(count):
        row, column = divmod(number, in_row)
        here = min(in_row, count - row * in_row)
        across = (column - (here - 1) / 2) * spacing + (rng.random() - 0.5) * 2
        up = (rows - 1 - row) * _ROW_DEPTHS.get(thing.kind, 15) * scale + (rng.random() - 0.5) * 2
        look, shadow = int(rng.integers(len(LOOKS))), 0.0 if pose == "fly" else width * shrink * 0.8
        place = x + across + (row - rows + 1) * 0.3 * spacing, y - up
        figures.append(Figure(thing.kind, thing.colour, pose, *place, scale, left, look, shadow=shadow))
    return sorted(figures, key=lambda figure: figure.y)


def _width(thing: Thing) -> float:
    """Return how much room one of a thing needs, doing what it does."""
    lying = _WIDER_LYING if thing.action == "sleep" else 0
    return WIDTHS[thing.kind] + (_WIDER_POSES.get(thing.action, 0) if thing.kind in PEOPLE else lying)


def _one(rng: Rng, thing: Thing, x: float, y: float, left: bool, scale: float = 1.0, pose: str = "") -> Figure:
    return _group(rng, replace(thing, count=1), x, y, 96, left, scale / _CROWD[1], pose)[0]


def _alone(rng: Rng, thing: Thing, x: float, left: bool) -> Figures:
    y, scale = {"fly": (40, 1.3), "sail": (76, 1.1), "swim": (74, 1.3), "surf": (80, 1.2)}.get(
        thing.action, (_FRONT, 1.0)
    )
    if thing.kind == "dolphin":
        y = 78
    return _group(rng, thing, x, y, 90, left, scale)


def _side_by_side(rng: Rng, scene: Scene, side: str, left: bool) -> Figures:
    """Place two things next to each other, the first on the named side of the second, both smaller if need be."""
    things = scene.things[:2] if side == "left" else scene.things[1::-1]
    widths = [thing.count * _width(thing) * _CROWD[thing.count] * _SIZES[thing.size] for thing in things]
    scale = min(1.0, 88 / sum(widths))
    start = 48 - sum(widths) * scale / 2 - 2
    figures: Figures = []
    for thing, width in zip(things, widths, strict=True):
        y = 75 if scene.setting == "sea" else 84 if thing.kind in ("tree", "house", "boat") else _FRONT
        figures += _group(rng, thing, start + width * scale / 2, y, width * scale, left, scale)
        start += width * scale + 4
    return figures


def _in_front(rng: Rng, first: Thing, second: Thing, x: float, left: bool) -> Figures:
    y, scale = {"house": (72, 1.25), "fence": (76, 1.05)}.get(second.kind, (74, 1.15))
    behind = _one(rng, second, x, y, not left, scale)
    return [behind, *_group(rng, first, x, 91, 84, left, 0.85)]


def _behind(rng: Rng, first: Thing, second: Thing, x: float, left: bool) -> Figures:
    scale, room = {"fence": (1.12, 76.0), "bench": (1.3, 44.0)}.get(second.kind, (1.25, 46.0))
    return [*_group(rng, first, x, 83, room, left), _one(rng, second, x, 90, left, scale)]


def _under(rng: Rng, first: Thing, second: Thing, x: float, left: bool) -> Figures:
    aside = 12.0 if first.count == 1 else 0.0
    return [_one(rng, second, x, 84, left, 1.35), *_group(rng, first, x + aside, _FRONT, 52, left, 0.82)]


def _on(rng: Rng, first: Thing, second: Thing, x: float, left: bool) -> Figures:
    if second.kind == "fence":
        top = _FRONT - 16.6 * 1.15
        pose = "stand" if first.kind == "bird" else "sit"
        return [_one(rng, second, 48, _FRONT, left, 1.15), *_group(rng, first, x, top, 70, left, 1.1, pose)]
    seat = _FRONT - 11.0 * 1.35
    if first.kind not in PEOPLE:
        return [_one(rng, second, x, _FRONT, left, 1.35), *_group(rng, first, x, seat, 50, left, 0.85)]
    sitting = [
        replace(figure, y=seat + 0.7 * BUILDS[figure.kind].leg * figure.scale, shadow=0)
        for figure in _group(rng, first, x, seat, 46, left, 0.95, "seat")
    ]
    return [_one(rng, second, x, _FRONT, left, 1.35), *sitting]


def _over(rng: Rng, first: Thing, second: Thing, x: float, left: bool) -> Figures:
    clear = 90 - 16.6 + (0.6 * BUILDS[first.kind].leg if first.kind in PEOPLE else 4)
    jumping = _group(rng, first, x, clear, 84, left, 0.9)
    return [_one(rng, second, 48, 90, left), *(replace(figure, shadow=0) for figure in jumping)]


def _with_ball(rng: Rng, first: Thing, second: Thing, x: float, left: bool) -> Figures:
    """Place someone with a ball or balloon, or two who throw one to each other."""
    if first.count == 2:
        facing = _group(rng, first, x, _FRONT, 76, False, 1.05, "throw")
        facing = sorted(facing, key=lambda figure: figure.x)
        pair = [replace(facing[0], x=x - 27), replace(facing[1], x=x + 27, left=True)]
        return [*pair, _ball(rng, second, x, pair[0].hand()[1] - 2, left)]
    pose = "lift" if second.kind == "balloon" else first.action
    who = _one(rng, first, x - (-6 if left else 6), _FRONT, left, 1.15, pose)
    hand_x, hand_y = who.hand()
    leg = BUILDS[first.kind].leg
    if second.kind == "balloon":
        return [who, _ball(rng, second, hand_x, hand_y, left)]
    if pose == "kick":
        return [who, _ball(rng, second, *who.place(0.92 * leg + 8, 0.4 * leg + 1), left)]
    ahead, up = (7, 8) if pose == "throw" else (3, 0)
    return [who, _ball(rng, second, hand_x + (-ahead if left else ahead), hand_y - up, left)]


def _ball(rng: Rng, ball: Thing, x: float, y: float, left: bool) -> Figure:
    return replace(_one(rng, ball, x, y, left, 1.15 if ball.kind == "ball" else 1.0), shadow=0)


def _with_kite(rng: Rng, first: Thing, second: Thing, x: float, left: bool) -> Figures:
    start = x + (20 if left else -20)
    kite = replace(_one(rng, second, x + (-22 if left else 22), 24, left, 1.25), shadow=0)
    people = _group(rng, first, start, _FRONT, 50, left, 1.0, "lift")
    for number, figure in enumerate(people):
        shadow = 0.8 * WIDTHS[first.kind] * figure.scale
        people[number] = replace(figure, shadow=shadow, string_to=(kite.x, kite.y + 8) if number == 0 else None)
    return [kite, *people]


def _riding(rng: Rng, first: Thing, second: Thing, x: float, left: bool) -> Figures:
    mount = _one(rng, second, x, _FRONT, left, 1.15 if second.kind == "horse" else 1.3)
    forward, saddle = (0, 30.0) if second.kind == "horse" else (-3.5, 16.5)
    rider = _one(rng, first, x, 0, left, 1.0, "ride")
    at_x, at_y = mount.place(forward, saddle)
    return [mount, replace(rider, x=at_x, y=at_y + BUILDS[first.kind].leg * rider.scale, shadow=0)]


def _leading(rng: Rng, first: Thing, second: Thing, x: float, left: bool) -> Figures:
    ahead = -1 if left else 1
    dogs = _group(rng, second, x + 20 * ahead, _FRONT + 1, 52, left, 0.85)
    who = _one(rng, first, x - 22 * ahead, _FRONT, left, 1.05, "lead")
    nearest = min(dogs, key=lambda dog: abs(dog.x - who.x))
    return [*dogs, replace(who, string_to=nearest.place(7, 16))]


def _chasing(rng: Rng, first: Thing, second: Thing, x: float, left: bool) -> Figures:
    ahead = -1 if left else 1
    room = 46 if first.count > 1 else 60
    chasers = _group(rng, first, x - 19 * ahead, _FRONT, room, left, 0.95)
    if second.kind == "ball":
        return [*chasers, _ball(rng, second, x + 26 * ahead, _FRONT - 6, left)]
    return [*chasers, _one(rng, second, x + 27 * ahead, _FRONT, left, 0.95)]


def _rowing(rng: Rng, first: Thing, second: Thing, x: float, left: bool) -> Figures:
    boat = _one(rng, second, x, 78, left, 1.3, "row")
    return [*_group(rng, first, x + (3 if left else -3), 77, 44, left, 1.0, "row"), boat]


_STAGINGS: dict[str, Callable[[Rng, Thing, Thing, float, bool], Figures]] = {
    "front": _in_front,
    "behind": _behind,
    "under": _under,
    "on": _on,
    "over": _over,
    "hold": _with_ball,
    "throw": _with_ball,
    "kick": _with_ball,
    "fly": _with_kite,
    "ride": _riding,
    "lead": _leading,
    "chase": _chasing,
    "row": _rowing,
}
