"""The same things as other people draw them: stick figures, boxes on circles, lollipop trees, faces seen from in front.

A figure's feet are at (0, 0), it faces right, and it is about as large as that of the classic hand; what measures it
has in between is drawn at random.
"""

import math
from collections.abc import Callable
from dataclasses import replace

from mrnn_np.scenes import animals, people
from mrnn_np.scenes.figures import Figure, draw_figure
from mrnn_np.scenes.pen import INK, Colour, Point, shade
from mrnn_np.scenes.styles import Style, StyledPen, near
from mrnn_np.scenes.world import PEOPLE

_SKINS: tuple[Colour, ...] = (
    (255, 204, 77), (255, 220, 93), (255, 224, 189), (247, 222, 206), (243, 210, 162), (213, 171, 136),
    (175, 126, 87), (124, 83, 62), (250, 250, 250), (255, 205, 148), (240, 184, 160),
)  # fmt: skip
_HAIRS: tuple[Colour, ...] = (
    (226, 178, 82), (112, 66, 34), (168, 78, 36), (62, 42, 32), (30, 26, 28), (200, 140, 40), (90, 90, 96),
    (240, 200, 70),
)  # fmt: skip
_GLASS: Colour = (186, 222, 240)
_TYRE: Colour = (40, 38, 42)
_HUB: Colour = (190, 192, 198)
_WOOD: Colour = (134, 88, 50)
_LEAVES: Colour = (64, 150, 62)
_WHITE: Colour = (250, 250, 250)
_BEAK: Colour = (246, 160, 40)
_ROOFS: tuple[Colour, ...] = ((92, 72, 78), (190, 50, 40), (130, 70, 40), (60, 60, 70), (210, 110, 50), (70, 90, 160))


def draw_other(pen: StyledPen, figure: Figure, setting: str) -> None:
    """Draw a figure in the hand of the pen, at times in the classic shape."""
    style, kind = pen.style, figure.kind
    pen.turn = float(style.rng.normal(0, 0.05))
    paint = style.paint(figure.colour) if figure.colour else style.tint((140, 90, 60))
    other = _DRAWN.get(kind)
    if kind in PEOPLE:
        if figure.pose == "swim":
            _swimmer(pen, kind, paint)
        elif figure.pose in ("stand", "walk") and style.ways.setdefault("bust", {"": style.between(0, 1)})[""] < 0.08:
            _bust(pen, kind, paint)
        elif style.sticks or not style.chance(style.classic):
            if figure.pose == "surf":
                _board(pen)
            _person(pen, kind, paint, figure.pose)
        else:
            draw_figure(pen, figure, setting, paint)
    elif other is None or (style.chance(style.classic) and style.fill != "paper"):
        draw_figure(pen, figure, setting, paint)
    else:
        other(pen, paint, replace(figure, kind=f"{kind} {setting}" if kind == "tree" else kind))


def _any(style: Style, colours: tuple[Colour, ...]) -> Colour:
    return near(style.rng, colours[int(style.rng.integers(len(colours)))], 0.6)


def _box(x: float, y: float, across: float, high: float) -> list[Point]:
    """Return a rectangle from its middle bottom."""
    return [(x - across, y), (x - across, y + high), (x + across, y + high), (x + across, y)]


def _arc(x: float, y: float, across: float, high: float, start: float, end: float) -> list[Point]:
    turns = [math.radians(start + (end - start) * step / 12) for step in range(13)]
    return [(x + across * math.cos(turn), y + high * math.sin(turn)) for turn in turns]


# ---- people


def _bust(pen: StyledPen, kind: str, clothes: Colour) -> None:
    """Draw a head and shoulders seen from in front, as large as a person."""
    style, radius = pen.style, 9.0 if kind in ("man", "woman") else 7.5
    way = {name: style.between(0, 1) for name in ("wide", "hair", "face")} | {"front": 0.0}
    skin, hair = _any(style, _SKINS), _any(style, _HAIRS)
    pen.shape(
        [(-1.3 * radius, 0), *_arc(0, 0.35 * radius, 1.25 * radius, 0.5 * radius, 165, 15), (1.3 * radius, 0)], clothes
    )
    pen.finish()
    if kind in ("woman", "girl"):
        _long_hair(pen, kind, (0, 1.8 * radius), (0, 0.7 * radius), radius, hair)
    _face(pen, kind, (0, 1.75 * radius), radius, skin, hair, way)


def _person(pen: StyledPen, kind: str, clothes: Colour, pose_name: str) -> None:
    style, build, pose = pen.style, people.BUILDS[kind], people.POSES[pose_name]
    key = f"person {kind}"
    if key not in style.ways:
        style.ways[key] = {
            "head": style.between(0.8, 1.7 if style.chance(0.4) else 1.2),
            "torso": style.between(0.85, 1.2),
            "limb": style.between(0.25, 0.5) if style.sticks else style.between(0.6, 1.4),
            "wide": style.between(0.7, 1.7),
            "shape": style.between(0, 1),
            "front": style.between(0, 1),
            "hair": style.between(0, 1),
            "face": style.between(0, 1),
            "stick colour": style.between(0, 1),
            "trousers": style.between(0, 1),
            "bare": style.between(0, 1),
        }
    way = style.ways[key]
    skin, hair = _any(style, _SKINS), _any(style, _HAIRS)
    if style.sticks and way["face"] < 0.6:
        skin = style.paper if way["face"] < 0.3 else skin
    line = style.ink or INK
    torso = build.torso * way["torso"]
    hip = (0.0, pose.hip * build.leg)
    shoulder = (pose.lean * build.leg, hip[1] + torso - 2.2)
    radius = build.head * way["head"]
    neck = (shoulder[0], shoulder[1] + 2.2)
    head = (neck[0] + pose.lean * 2, neck[1] + radius * 0.9)
    legs = [_bent(hip, build.leg, ends) for ends in pose.legs]
    arms = [_bent(shoulder, build.arm, ends) for ends in pose.arms]
    dressed = kind in ("woman", "girl")
    thin = build.limb * way["limb"]
    trousers = (58, 66, 96) if way["trousers"] < 0.5 else _any(style, ((50, 90, 170), (90, 70, 60), (60, 60, 66)))
    if dressed and way["hair"] < 0.9:
        _long_hair(pen, kind, head, neck, radius, hair)
    if style.sticks:
        colour = clothes if way["stick colour"] < 0.6 else line
        limbs = line if way["stick colour"] < 0.25 or style.fill == "paper" else colour
        for joints in (*legs, *arms):
            pen.stroke(joints, max(thin, 0.9), limbs)
        pen.stroke([hip, neck], max(thin, 0.9) * (1.0 if dressed else style.between(1.0, 2.6)), colour)
        if dressed:
            _dress(pen, hip, neck, legs, build, clothes, way["wide"], way["shape"])
        elif way["shape"] < 0.45 or colour == line:
            pen.shape(_between(neck, hip, build.shoulders * way["wide"] * 0.8, build.shoulders * 0.7), clothes)
            pen.finish()
    else:
        covered = trousers if not dressed or way["bare"] > 0.85 else skin
        if kind == "boy" and way["bare"] < 0.5:
            covered = skin
        pen.limb(arms[0], thin * 0.8, clothes if way["bare"] > 0.5 else skin)
        pen.finish()
        for joints in legs:
            pen.limb(joints, thin, covered)
            if kind == "boy" and covered == skin:
                pen.limb(joints[:2], thin * 1.25, trousers)
            if way["hair"] < 0.7:
                x, y = joints[-1]
                pen.limb([(x, y + 0.5), (x + 2, y + 0.4)], thin * 0.8, (60, 44, 40))
        pen.finish()
        if dressed:
            _dress(pen, hip, neck, legs, build, clothes, way["wide"], way["shape"])
        else:
            wide = build.shoulders * way["wide"]
            if way["shape"] < 0.3:
                pen.oval((hip[0] + neck[0]) / 2, (hip[1] + neck[1]) / 2, wide * 1.1, torso * 0.52, clothes)
            elif way["shape"] < 0.65:
                pen.shape(_between(neck, hip, wide, wide * style.between(0.7, 1.1)), clothes)
            else:
                pen.limb([(neck[0], neck[1] - wide * 0.8), (hip[0], hip[1] + wide * 0.3)], 1.8 * wide, clothes)
            pen.finish()
        pen.limb(arms[1], thin * 0.8, skin)
        if way["bare"] > 0.25:
            pen.limb(arms[1][: 2 if way["bare"] < 0.5 else 3], thin * 0.95, clothes)
        pen.finish()
    _face(pen, kind, head, radius, skin, hair, way)


def _bent(start: Point, length: float, ends: tuple[Point, Point]) -> list[Point]:
    return [start, *((start[0] + length * x, start[1] + length * y) for x, y in ends)]


def _between(top: Point, bottom: Point, wide: float, wide_below: float) -> list[Point]:
    return [
        (top[0] - wide, top[1] - 0.5),
        (top[0] + wide, top[1] - 0.5),
        (bottom[0] + wide_below, bottom[1] - 1),
        (bottom[0] - wide_below, bottom[1] - 1),
    ]


def _dress(
    pen: StyledPen, hip: Point, neck: Point, legs: list[list[Point]], build: people.Build, clothes: Colour,
    wide: float, shape: float,
) -> None:  # fmt: skip
    """Draw a triangle or a bell from the neck to the knees."""
    back, front = sorted(leg[1] for leg in legs)
    if back[0] > hip[0] + 2:
        back = (hip[0] - 1.0, hip[1] - 1.5)
    top, flare = build.shoulders * (0.25 if shape < 0.4 else 0.75), 2.2 * wide
    hem = [(front[0] + flare, front[1] - 0.5), (back[0] - flare, back[1] - 0.5)]
    waist = [] if shape < 0.7 else [(hip[0] + build.shoulders * 0.7, hip[1] + 3)]
    other = [(hip[0] - build.shoulders * 0.7, hip[1] + 3)] if waist else []
    if shape > 0.85:  # a skirt and a top
        pen.limb([(neck[0], neck[1] - build.shoulders), (hip[0], hip[1] + 2)], 1.8 * build.shoulders, clothes)
    pen.shape([(neck[0] - top, neck[1]), (neck[0] + top, neck[1]), *waist, *hem, *other], clothes)
    pen.finish()


def _long_hair(pen: StyledPen, kind: str, head: Point, neck: Point, radius: float, hair: Colour) -> None:
    if kind == "woman":
        if pen.style.chance(0.5):
            pen.shape(_between((head[0], head[1] + radius * 0.6), (neck[0], neck[1] - 1), radius, 1.35 * radius), hair)
        else:
            pen.limb([head, (neck[0] - 1.5, neck[1] - 3.5)], 2.1 * radius, hair)
    elif pen.style.chance(0.85):
        for side in (-1, 1):
            x = head[0] + side * radius * 1.15
            pen.oval(x, head[1] - 1.5, 1.7, radius * 0.75, hair, tilt=side * 24)
    pen.finish()


def _face(
    pen: StyledPen, kind: str, head: Point, radius: float, skin: Colour, hair: Colour, way: dict[str, float]
) -> None:
    x, y = head
    pen.oval(x, y, radius, radius * (0.9 + 0.25 * way["wide"] / 1.7), skin)
    pen.finish()
    front = way["front"] < 0.6
    if way["hair"] < 0.75:
        if front:
            low = 20 if kind in ("woman", "girl") else 35
            pen.shape([*_arc(x, y, 1.05 * radius, 1.05 * radius, low, 180 - low), (x, y + 0.45 * radius)], hair)
        else:
            pen.shape([*_arc(x, y, 1.06 * radius, 1.06 * radius, 28, 205), (x + 0.3 * radius, y + 0.5 * radius)], hair)
        if kind == "man" and way["face"] > 0.4:
            pen.shape([*_arc(x, y, 1.04 * radius, 1.04 * radius, 200, 340), (x, y - 0.45 * radius)], hair)
        pen.finish()
    if way["face"] < 0.12:
        return
    eyes = (-0.36, 0.36) if front else (0.1, 0.62)
    for across in eyes:
        pen.line([(x + across * radius, y + 0.1 * radius)], radius * pen.style.between(0.2, 0.34), INK)
    if way["face"] > 0.5:
        middle = sum(eyes) / 2
        smile = _arc(x + middle * radius, y - 0.1 * radius, 0.42 * radius, 0.42 * radius, 210, 330)
        pen.line(smile, radius * 0.16, INK if way["face"] < 0.8 else (200, 50, 60))


def _swimmer(pen: StyledPen, kind: str, clothes: Colour) -> None:
    style, radius = pen.style, people.BUILDS[kind].head
    way = style.ways.setdefault(
        f"swimmer {kind}", {name: style.between(0, 1) for name in ("wide", "front", "hair", "face", "arm")}
    )
    skin, hair = _any(style, _SKINS), _any(style, _HAIRS)
    if kind in ("woman", "girl"):
        _long_hair(pen, kind, (0, 5), (-2, 1), radius, hair)
    if way["arm"] < 0.7:
        pen.limb([(-6, -1), (3, 0.6)], 4.5, skin)
    pen.finish()
    _face(pen, kind, (0, 5), radius * style.between(0.9, 1.2), skin, hair, way)
    if way["arm"] < 0.5:
        pen.limb([(5, 0.5), (9, 7.5), (14.5, 2.5)], 3.0, skin)
    else:
        for side in (-1, 1):
            pen.limb([(side * 4, 0.5), (side * 11, style.between(2, 9))], 2.8, skin)
    pen.finish()
    for x, length in ((-14, 12), (0, 9), (13, 7)):
        pen.line([(x, -1.4), (x + length, -1.4)], 1.8, (236, 246, 252))


def _board(pen: StyledPen) -> None:
    style = pen.style
    if style.chance(0.75):
        wave = [(-34, -5), (-30, 8), (-20, 15), (-12, 14), (-17, 9), (-14, 2), (0, -1), (30, -4), (30, -7), (-30, -8)]
        pen.shape(wave if style.chance(0.6) else _arc(-6, -7, 28, style.between(6, 16), 0, 180), (110, 190, 224))
        pen.finish()
    board = _any(style, ((246, 232, 190), (240, 90, 60), (250, 220, 60), (80, 180, 220), (240, 150, 190)))
    pen.oval(2, 0.4, 17, 2.2, board, tilt=style.between(-4, 10))
    pen.finish()


# ---- animals on four legs


def _beast(pen: StyledPen, coat: Colour, figure: Figure) -> None:
    style, kind, pose = pen.style, figure.kind, figure.pose
    plain = animals.BUILDS[kind]
    if kind not in style.ways:
        style.ways[kind] = {
            name: style.between(low, high)
            for name, low, high in (
                ("leg", 0.6, 1.25), ("length", 0.75, 1.25), ("body", 0.7, 1.25), ("limb", 0.5, 1.4), ("head", 0.8, 1.5),
                ("shape", 0, 1), ("straight", 0, 1), ("front", 0, 1), ("ears", 0, 1), ("snout", 0, 1), ("tail", 0, 1),
                ("only head", 0, 1), ("far", 0, 1),
            )
        }  # fmt: skip
    way = style.ways[kind]
    if way["only head"] < 0.12 and kind != "sheep" and pose in ("stand", "sit"):
        _big_head(pen, kind, coat, way)
        return
    build = replace(
        plain, leg=plain.leg * way["leg"], length=plain.length * way["length"], body=plain.body * way["body"],
        limb=plain.limb * way["limb"], head=(plain.head[0] * style.between(0.8, 1.2), plain.head[1] * way["head"]),
    )  # fmt: skip
    hip, chest, head = animals.carriage(build, pose)
    far = coat if way["far"] < 0.5 else shade(coat, 0.82)
    if pose not in ("sleep",):
        animals.legs(pen, build, hip if pose != "sit" else None, chest, pose, far, 1)
        if style.chance(0.5):
            pen.finish()
        animals.legs(pen, build, hip if pose != "sit" else None, chest, pose, coat, 0)
    else:
        pen.limb([(chest[0] - 2, 1.4), (chest[0] + build.head[0] + 2, 1.4)], build.limb, coat)
    if way["tail"] < 0.5:
        animals.tail(pen, kind, hip, coat)
    else:
        x, y = hip
        up = {"dog": 8, "cat": 10, "horse": -9, "cow": -8, "sheep": 0}[kind] * style.between(0.6, 1.2)
        width = {"dog": 2.2, "cat": 2.0, "horse": 3.2, "cow": 1.4, "sheep": 3.5}[kind]
        pen.limb([(x - build.body * 0.4, y + 1), (x - build.body * 0.4 - style.between(3, 8), y + 1 + up)], width, coat)
    pen.finish()
    neck = {"dog": 5.0, "cat": 4.0, "horse": 6.5, "cow": 7.0, "sheep": 5.0}[kind] * style.between(0.7, 1.2)
    if kind == "horse":
        mane = _any(style, ((40, 30, 30), (110, 70, 40), (220, 190, 120))) if style.chance(0.5) else shade(coat, 0.55)
        pen.limb([(chest[0] - 2.5, chest[1] + 6), (head[0] - 3.5, head[1] + 3.5)], 4.0, mane)
    pen.limb([(chest[0], chest[1] + 1), head], neck, coat)
    middle = ((hip[0] + chest[0]) / 2, (hip[1] + chest[1]) / 2)
    long = math.hypot(chest[0] - hip[0], chest[1] - hip[1]) / 2 + build.body / 2
    tilt = math.degrees(math.atan2(chest[1] - hip[1], chest[0] - hip[0]))
    if kind == "sheep" and way["shape"] < 0.7:
        for across, up in (
            (-0.62, 0),
            (-0.4, 0.3),
            (0, 0.42),
            (0.4, 0.3),
            (0.62, 0),
            (0.36, -0.26),
            (-0.36, -0.26),
            (0, 0),
        ):
            puff = build.body * 0.34
            pen.oval(middle[0] + across * build.body, middle[1] + up * build.body, puff, puff, coat)
    elif way["shape"] < 0.5:
        pen.oval(*middle, long, build.body / 2, coat, tilt=tilt)
    elif way["shape"] < 0.7 and pose in ("stand", "walk", "graze"):
        pen.shape(_box(middle[0], middle[1] - build.body * 0.45, long * 0.95, build.body * 0.9), coat)
    else:
        pen.limb([hip, chest], build.body, coat)
    if pose == "sit":
        pen.oval(hip[0] + 1, build.body * 0.36, build.body * 0.56, build.body * 0.4, coat)
    pen.finish()
    if kind == "cow" and style.chance(0.9):
        pale = min(coat) >= 200
        for _ in range(int(style.rng.integers(2, 6))):
            x, y = middle[0] + style.between(-0.6, 0.6) * long, middle[1] + style.between(-0.25, 0.3) * build.body
            pen.line([(x, y), (x + style.between(0, 2.5), y)], style.between(2.5, 6), (48, 46, 52) if pale else _WHITE)
    _small_head(pen, kind, head, coat, pose == "sleep", way)


def _small_head(pen: StyledPen, kind: str, at: Point, coat: Colour, asleep: bool, way: dict[str, float]) -> None:
    style, size = pen.style, way["head"]
    x, y = at
    dark = shade(coat, 1.3 if max(coat) <= 90 else style.between(0.55, 0.9))
    match kind:
        case "dog":
            radius = 4.9 * size
            pen.oval(x, y, radius, radius * 0.92, coat)
            if way["snout"] < 0.75:
                pen.oval(x + 0.85 * radius, y - 0.25 * radius, 0.75 * radius, 0.48 * radius, coat)
            if way["ears"] > 0.7:
                for side in (-0.5, 0.35):
                    ear = [(x + (side - 0.35) * radius, y + 0.6 * radius), (x + side * radius, y + 1.6 * radius)]
                    pen.shape([*ear, (x + (side + 0.4) * radius, y + 0.7 * radius)], coat)
            pen.finish()
            if way["ears"] <= 0.7:
                sides = (-0.95, 0.9) if way["front"] < 0.25 else (-0.55,)
                for side in sides:
                    pen.oval(x + side * radius, y, 0.38 * radius, style.between(0.6, 0.95) * radius, dark, tilt=-14)
                pen.finish()
            nose = (
                (x + 1.55 * radius, y - 0.1 * radius) if way["snout"] < 0.75 else (x + 0.5 * radius, y - 0.2 * radius)
            )
            pen.line([nose], 2.2 * size, INK)
        case "cat":
            radius = 4.7 * size
            for side in (-1, 1):
                ear = [(x + side * 0.95 * radius, y + 0.3 * radius), (x + side * 0.85 * radius, y + 1.55 * radius)]
                pen.shape([*ear, (x + side * 0.15 * radius, y + 0.8 * radius)], coat)
            pen.oval(x, y, radius, radius * 0.9, coat)
            pen.finish()
            pen.line([(x + 0.1 * radius, y - 0.2 * radius)], 1.4 * size, (236, 130, 140))
            if way["snout"] > 0.5:
                for side in (-1, 1):
                    for up in (-0.5, -0.2):
                        ends = [(x + side * 0.3 * radius, y - 0.3 * radius), (x + side * 1.5 * radius, y + up * radius)]
                        pen.line(ends, 0.5, INK)
        case "horse":
            for side in (-2.6, -0.6)[: 1 if way["ears"] < 0.5 else 2]:
                pen.shape([(x + side - 1, y + 2), (x + side, y + 7 * size), (x + side + 2, y + 2.5)], coat)
            pen.limb([(x - 0.5, y + 0.6), (x + 7 * size, y - 4.5 * style.between(0.3, 1.2))], 6.0 * size, coat)
            pen.finish()
        case "cow":
            horn = near(style.rng, (236, 226, 196))
            for side in (-2.4, 3.2):
                pen.limb([(x + side, y + 4), (x + side * 1.7, y + 7.4 * size)], 1.6, horn)
                pen.oval(x + side * 1.7, y + 2.6, 2.4, 1.4, dark)
            pen.oval(x + 0.6, y + 0.2, 4.6 * size, 5.0 * size, coat)
            if way["snout"] < 0.85:
                pen.oval(
                    x + (0.6 if way["front"] < 0.5 else 2.0), y - 3.0 * size, 4.0 * size, 2.7 * size, (244, 178, 170)
                )
            pen.finish()
        case _:
            face = (90, 82, 84) if min(coat) >= 200 and way["ears"] < 0.6 else near(style.rng, (216, 186, 160))
            if max(coat) < 110:
                face = (150, 142, 140) if way["ears"] < 0.6 else coat
            pen.oval(x - 3.4, y + 1.2, 2.2, 1.2, face, tilt=-20)
            if way["front"] < 0.5:
                pen.oval(x + 3.4, y + 1.2, 2.2, 1.2, face, tilt=20)
            pen.oval(x, y - 0.4, 3.5 * size, 4.2 * size, face, tilt=style.between(0, 20))
            if way["snout"] < 0.7:
                pen.oval(x - 0.6, y + 3.0, 3.0, 1.9, coat)
            pen.finish()
    _eyes(pen, x, y + 0.3 * size, 1.8 * size, asleep, way["front"] < 0.4 and kind != "horse")


def _eyes(pen: StyledPen, x: float, y: float, apart: float, asleep: bool, both: bool) -> None:
    size = pen.style.between(1.0, 2.0)
    for across in (-apart, apart) if both else (0.7 * apart,):
        if asleep:
            pen.line([(x + across - size * 0.8, y), (x + across + size * 0.8, y - 0.2)], 0.7, INK)
        else:
            if pen.style.chance(0.4):
                pen.line([(x + across, y)], size * 1.7, _WHITE)
            pen.line([(x + across + 0.2, y)], size, INK)


def _big_head(pen: StyledPen, kind: str, coat: Colour, way: dict[str, float]) -> None:
    """Draw an animal's face from in front, as large as an animal, its chin at (0, 0)."""
    style, radius = pen.style, 11.5 * _size_of(kind)
    y, dark = radius, shade(coat, 1.3 if max(coat) <= 90 else 0.65)
    inner: Colour = (240, 170, 170)
    for side in (-1, 1):
        match kind:
            case "dog" if way["ears"] < 0.7:
                pass
            case "dog" | "cat":
                tip = (side * 0.8 * radius, y + 1.45 * radius)
                pen.shape(
                    [(side * 0.95 * radius, y + 0.3 * radius), tip, (side * 0.2 * radius, y + 0.9 * radius)], coat
                )
            case "cow":
                pen.limb(
                    [(side * 0.5 * radius, y + 0.8 * radius), (side * 0.8 * radius, y + 1.4 * radius)],
                    2,
                    (236, 226, 196),
                )
                pen.oval(side * 1.15 * radius, y + 0.45 * radius, 0.4 * radius, 0.2 * radius, dark)
            case _:
                tip = (side * 0.55 * radius, y + 1.6 * radius)
                pen.shape(
                    [(side * 0.75 * radius, y + 0.7 * radius), tip, (side * 0.2 * radius, y + 0.9 * radius)], coat
                )
    long = 1.25 if kind == "horse" else style.between(0.88, 1.05)
    pen.oval(0, y, radius * (0.72 if kind == "horse" else 1), radius * long, coat)
    pen.finish()
    if kind == "dog" and way["ears"] < 0.7:
        for side in (-1, 1):
            pen.oval(side * 0.95 * radius, y + 0.2 * radius, 0.3 * radius, 0.75 * radius, dark, tilt=side * -10)
        pen.finish()
    if kind in ("dog", "horse", "cow"):
        muzzle = inner if kind == "cow" else shade(coat, 1.4)
        pen.oval(0, y - 0.45 * radius, 0.55 * radius, 0.42 * radius, muzzle)
        pen.finish()
    if kind == "horse":
        pen.shape([(-0.25 * radius, y + 1.3 * radius), (0.25 * radius, y + 1.3 * radius), (0, y + 0.3 * radius)], dark)
        pen.finish()
    for side in (-1, 1):
        pen.line([(side * 0.38 * radius, y + 0.22 * radius)], 0.24 * radius, INK)
    pen.line([(0, y - 0.3 * radius)], 0.3 * radius, INK if kind != "cat" else inner)
    pen.line(_arc(0, y - 0.4 * radius, 0.3 * radius, 0.25 * radius, 200, 340), 0.8, INK)
    if kind == "cat":
        for side in (-1, 1):
            for up in (-0.5, -0.3, -0.1):
                pen.line([(side * 0.4 * radius, y - 0.3 * radius), (side * 1.3 * radius, y + up * radius)], 0.6, INK)


def _size_of(kind: str) -> float:
    return {"cat": 0.9, "horse": 1.25, "cow": 1.2}.get(kind, 1.0)


# ---- birds, dolphins


def _bird(pen: StyledPen, coat: Colour, figure: Figure) -> None:
    style = pen.style
    flies = figure.pose == "fly"
    way = style.ways.setdefault(
        f"bird {flies}", {name: style.between(0, 1) for name in ("kind", "wing", "fat", "beak")}
    )
    dark = shade(coat, 1.3 if max(coat) <= 90 else style.between(0.6, 0.95))
    beak = _any(style, (_BEAK, (250, 200, 40), (230, 90, 50), (90, 80, 70)))
    fat = 0.75 + 0.6 * way["fat"]
    if flies and way["kind"] < 0.28:  # a V, an M or a pair of arcs
        wide, high = style.between(7, 11), style.between(2, 6)
        if way["wing"] < 0.4:
            stroke = [(-wide, high), (0, 0), (wide, high)]
        else:
            stroke = [*_arc(-wide / 2, 0, wide / 2, high, 170, 10), *_arc(wide / 2, 0, wide / 2, high, 170, 10)]
        pen.stroke(stroke, style.between(1.0, 2.6), coat)
        return
    if flies:
        if way["kind"] < 0.5:  # both wings seen from above or in front
            for side in (-1, 1):
                span = style.between(8, 12)
                pen.shape(
                    [(side * 1, 2), (side * span, style.between(3, 9)), (side * span * 0.6, -1), (side, -1.5)], dark
                )
            pen.finish()
            pen.oval(0, 0, 2.8 * fat, 4.5, coat)
            pen.oval(0, 4.5, 2.3, 2.2, coat)
            pen.shape([(-1, 6), (0, 8.6), (1, 6)], beak)
            pen.shape([(-2, -3.5), (0, -8), (2, -3.5)], coat)
            pen.finish()
            return
        pen.shape([(-2, 0.8), (-5 - 3 * way["wing"], 9), (2.5, 1.8)], dark)
        pen.finish()
        pen.shape([(-4, 0.6), (-11, 3), (-10, -2)], coat)
        pen.oval(0, 0, 6.0, 3.0 * fat, coat, tilt=style.between(-6, 14))
        pen.oval(5.6, 1.8, 2.6 * fat, 2.5 * fat, coat)
        pen.shape([(7.6, 2.8), (11, 1.4), (7.6, 0.4)], beak)
        pen.finish()
        if way["wing"] < 0.5:
            pen.shape([(-3, 0.6), (-1 - 5 * way["wing"], 10), (3, 1.0)], dark)
        else:
            pen.oval(-1.5, 3.5, 2.2, 5.2, dark, tilt=style.between(10, 40))
        pen.finish()
        pen.line([(6.2, 2.4)], 1.2, _eye(coat))
        return
    for x in (-0.8, 1.4):
        pen.stroke([(x, 0), (x, 5)], 0.9, beak)
    if way["kind"] < 0.25:  # a chick: a ball with a beak
        pen.oval(0, 7.5, 5.5 * fat, 5.5 * fat, coat)
        pen.shape([(4.4 * fat, 9.5), (8.5 * fat, 8.2), (4.4 * fat, 7)], beak)
        pen.finish()
        pen.line([(2.6, 9.6)], 1.4, _eye(coat))
        pen.line(_arc(-1.5, 7.5, 3, 3, 180, 330), 0.9, dark)
        return
    pen.shape([(-4, 6.5), (-9.5, 3.4 + 6 * way["wing"]), (-8.4, 7.2)], coat)
    pen.oval(0, 6.8, 5.4, 3.9 * fat, coat, tilt=style.between(0, 34))
    pen.oval(4.2, 11.2, 3.0 * fat, 2.9 * fat, coat)
    pen.shape([(6.6, 12.2), (10.5, 11), (6.8, 10)], beak)
    pen.finish()
    if style.chance(0.8):
        pen.oval(-1.4, 6.6, 3.3, 2.0, dark, tilt=24)
        pen.finish()
    pen.line([(5, 11.8)], 1.3, _eye(coat))


def _duck(pen: StyledPen, coat: Colour, figure: Figure) -> None:
    style = pen.style
    lift = -1.5 if figure.pose == "swim" else 2.6
    way = style.ways.setdefault("duck", {name: style.between(0, 1) for name in ("body", "head", "neck", "wing")})
    if lift > 0:
        for x in (-1.5, 2):
            pen.stroke([(x, 3.6), (x, 0.4), (x + 1.8, 0.3)], 1.1, _BEAK)
    up = lift + 3 * way["neck"]
    beak = _any(style, (_BEAK, (240, 110, 40), (250, 200, 60)))
    if way["body"] < 0.5:
        pen.shape([(9, 6.5 + lift), (-11.5, 8.5 + lift), *_arc(-0.5, 5.5 + lift, 9, 6.5, 190, 350)], coat)
    else:
        pen.shape([(-6, 5 + lift), (-11.5, 9 + lift), (-8, 2.6 + lift)], coat)
        pen.oval(-0.5, 4 + lift, 8.4, 4.6, coat)
    pen.limb([(5.2, 5 + lift), (6.4, 9.5 + up)], 4.6, coat)
    radius = 3.3 + 1.8 * way["head"]
    pen.oval(6.8, 10.5 + up, radius, radius, coat)
    pen.shape([(5.8 + radius, 11.8 + up), (11 + radius, 10.2 + up), (5.8 + radius, 9 + up)], beak)
    pen.finish()
    if way["wing"] < 0.8:
        pen.oval(-1.8, 4.6 + lift, 5, 2.4, shade(coat, style.between(0.7, 0.95)), tilt=-8)
        pen.finish()
    pen.line([(7.8, 11.4 + up)], 1.4, _eye(coat))


def _dolphin(pen: StyledPen, coat: Colour, figure: Figure) -> None:
    style = pen.style
    leaps = figure.pose == "jump"
    way = style.ways.setdefault("dolphin", {name: style.between(0, 1) for name in ("kind", "fat", "belly", "bend")})
    if not leaps and way["kind"] < 0.4:
        pen.shape([(-17, 0), *_arc(0, 0, 17, 5 + 5 * way["fat"], 160, 10), (17, 0)], coat)
        pen.shape([(-5, 5.5), (-8, 14), (4, 6)], coat)
        pen.finish()
        pen.line([(11, 3)], 1.5, INK)
        return
    rise, bend = (13.0, 4 + 10 * way["bend"]) if leaps else (1.5, 2.0)
    fat = 5.0 + 3.0 * way["fat"]
    top = [(x, rise + bend * (1 - (x / 17) ** 2) + fat * max(0.1, 1 - (x / 17) ** 2) ** 0.7) for x in range(-16, 17, 4)]
    low = [(x, rise + bend * (1 - (x / 17) ** 2) - 0.6 * fat * max(0.1, 1 - (x / 17) ** 2)) for x in range(16, -17, -4)]
    end = rise - 1
    pen.shape([(-15, rise + 2), (-23, end + 6), (-20, end), (-23, end - 6), (-14, rise - 1)], coat)
    pen.shape([*top, (21 + 2 * way["kind"], rise - 1), *low], coat)
    pen.shape([(-4, rise + bend + fat * 0.8), (-7, rise + bend + fat + 7), (4, rise + bend + fat * 0.8)], coat)
    pen.finish()
    pen.shape(
        [(3, rise + bend - 0.3 * fat), (-2, rise + bend - fat - 5), (8, rise + bend - 0.4 * fat)], shade(coat, 0.85)
    )
    pen.finish()
    if way["belly"] < 0.6:
        pen.line(
            [(-6, rise + 0.8 * bend - 2), (1, rise + bend - 2.5), (9, rise + 0.6 * bend - 2)], 2.4, (236, 240, 244)
        )
    pen.line([(11.5, rise + 0.5 * bend + 2)], 1.6, INK)


def _eye(coat: Colour) -> Colour:
    return (245, 245, 240) if max(coat) <= 90 else INK


# ---- vehicles


def _wheels(pen: StyledPen, places: tuple[float, ...], radius: float) -> None:
    style = pen.style
    tyre = _TYRE if style.chance(0.85) else near(style.rng, (110, 110, 116))
    for x in places:
        pen.oval(x, radius, radius, radius, tyre)
    pen.finish()
    for x in places:
        pen.line([(x, radius)], radius * style.between(0.6, 1.2), _HUB)


def _trail(pen: StyledPen, x: float) -> None:
    """Draw what a moving vehicle leaves behind."""
    smoke = pen.style.chance(0.6)
    if not smoke or pen.style.chance(0.6):
        for up, length in ((6, 9), (12, 13), (18, 8)):
            pen.stroke([(x - 2, up), (x - 2 - length, up)], pen.style.between(0.7, 1.4), (200, 200, 204))
    if smoke:
        for back, radius in ((3, 1.6), (7, 2.3), (12, 3)):
            pen.stroke([(x - back, 3.4 + back * 0.1)], radius * 2, (215, 215, 220))


def _car(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    way = style.ways.setdefault(
        "car", {name: style.between(0, 1) for name in ("kind", "high", "cabin", "long", "wheel")}
    )
    glass = _GLASS if style.chance(0.7) else _any(style, ((70, 90, 110), (250, 250, 250), (90, 170, 220)))
    if figure.pose == "drive" and style.chance(0.85):
        _trail(pen, -22)
    if way["kind"] < 0.14:  # from in front
        _front(pen, paint, glass, 14, 9, 8)
        return
    long, body, top = 17 + 5 * way["long"], 7 + 4 * way["high"], 7 + 4 * way["cabin"]
    low = 3.5 + 2 * way["wheel"]
    if way["kind"] < 0.3:  # a beetle
        pen.shape([(-long, low), *_arc(0, low, long, 16 + 3 * way["high"], 180, 0), (long, low)], paint)
        pen.finish()
        half = long * 0.5
        pen.shape([(-half, low + 8), *_arc(0, low + 8, half, 6, 170, 95), (-1, low + 8)], glass)
        pen.shape([(1, low + 8), *_arc(0, low + 8, half, 6, 85, 10), (half, low + 8)], glass)
        pen.finish()
    else:
        shift, half, flare = style.between(-4, 1), long * (0.42 + 0.2 * way["cabin"]), style.between(0, 6)
        y = low + body
        cabin = [
            (shift - half - flare * 0.6, y - 1),
            (shift - half, y + top),
            (shift + half - 2, y + top),
            (shift + half + flare, y - 1),
        ]
        pen.shape(cabin, paint if style.chance(0.8) else shade(paint, 0.8))
        pen.shape([(-long, low), (-long, y), (long - 1, y), (long + 1, low)], paint)
        pen.finish()
        if style.chance(0.9):
            if style.chance(0.7):
                pen.shape(
                    [
                        (shift - half + 1.5, y + 1),
                        (shift - half + 2, y + top - 1.8),
                        (shift - 0.8, y + top - 1.8),
                        (shift - 0.8, y + 1),
                    ],
                    glass,
                )
                pen.shape(
                    [
                        (shift + 0.8, y + 1),
                        (shift + 0.8, y + top - 1.8),
                        (shift + half - 3, y + top - 1.8),
                        (shift + half - 1, y + 1),
                    ],
                    glass,
                )
            else:
                pen.shape(
                    [
                        (shift - half + 2, y + 1),
                        (shift - half + 2.5, y + top - 2),
                        (shift + half - 4, y + top - 2),
                        (shift + half - 2, y + 1),
                    ],
                    glass,
                )
            pen.finish()
    if style.chance(0.6):
        pen.line([(long - 1, low + body * 0.6)], 3.0, (255, 236, 140))
    _wheels(pen, (-long * 0.56, long * 0.56), 3.6 + 2 * way["wheel"])


def _front(pen: StyledPen, paint: Colour, glass: Colour, half: float, body: float, top: float) -> None:
    """Draw a vehicle seen from in front."""
    for side in (-1, 1):
        pen.shape(_box(side * half * 0.75, 0, half * 0.16, 6), _TYRE)
    pen.shape(
        [
            (-half * 0.85, 3 + body),
            (-half * 0.65, 3 + body + top),
            (half * 0.65, 3 + body + top),
            (half * 0.85, 3 + body),
        ],
        paint,
    )
    pen.shape(_box(0, 3, half, body), paint)
    pen.finish()
    pen.shape(
        [
            (-half * 0.7, 3.5 + body),
            (-half * 0.56, 1.5 + body + top),
            (half * 0.56, 1.5 + body + top),
            (half * 0.7, 3.5 + body),
        ],
        glass,
    )
    pen.finish()
    for side in (-1, 1):
        pen.line([(side * half * 0.7, 3 + body * 0.6)], 3.6, (255, 240, 160))
    pen.line([(-half * 0.35, 3 + body * 0.5), (half * 0.35, 3 + body * 0.5)], 1.5, (90, 90, 96))


def _bus(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    way = style.ways.setdefault(
        "bus", {name: style.between(0, 1) for name in ("kind", "high", "windows", "door", "wheel")}
    )
    glass = _GLASS if style.chance(0.7) else _any(style, ((70, 90, 110), (250, 250, 250), (90, 170, 220)))
    if figure.pose == "drive" and style.chance(0.85):
        _trail(pen, -31)
    if way["kind"] < 0.12:
        _front(pen, paint, glass, 15, 11, 20)
        return
    high, low = 20 + 10 * way["high"], 3.5 + 1.5 * way["wheel"]
    pen.shape(
        [(-30, low), (-30, low + high - 2), (-28, low + high), (28, low + high), (30, low + high - 3), (30, low)], paint
    )
    pen.finish()
    number = 3 + int(5 * way["windows"])
    room = 44.0 if way["door"] < 0.6 else 54.0
    step = room / number
    for n in range(number):
        x = -27 + step * (n + 0.5)
        pen.shape(_box(x, low + high * 0.5, step * 0.38, high * 0.34), glass)
    if way["door"] < 0.6:
        pen.shape(_box(24, low + 1, 3.4, high * 0.8), glass)
    pen.finish()
    if style.chance(0.4):
        pen.line([(-29, low + high * 0.34), (20, low + high * 0.34)], 1.4, shade(paint, 0.7))
    _wheels(pen, (-18, 16), 4.0 + 1.8 * way["wheel"])


def _truck(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    way = style.ways.setdefault(
        "truck", {name: style.between(0, 1) for name in ("kind", "high", "cab", "load", "wheel")}
    )
    glass = _GLASS if style.chance(0.7) else (250, 250, 250)
    if figure.pose == "drive" and style.chance(0.85):
        _trail(pen, -30)
    low = 4 + 1.5 * way["wheel"]
    cab = 12 + 8 * way["cab"]
    load = paint if way["load"] < 0.55 else _any(style, ((240, 240, 240), (150, 150, 156), (180, 140, 90)))
    if way["kind"] < 0.55:
        pen.shape(
            [(-28, low + 1), (-28, low + 18 + 10 * way["high"]), (9, low + 18 + 10 * way["high"]), (9, low + 1)], load
        )
    elif way["kind"] < 0.8:  # a flat or tipping bed
        pen.shape([(-29, low + 12 + 4 * way["high"]), (-25, low + 2), (8, low + 2), (10, low + 14)], load)
    else:  # a pick-up
        pen.shape([(-28, low), (-28, low + 9), (10, low + 9), (10, low)], paint)
    pen.finish()
    pen.shape(
        [(11, low), (11, low + cab), (20, low + cab), (20 + 6 * style.between(0, 1), low + cab * 0.55), (27, low)],
        paint,
    )
    pen.limb([(-26, low), (25, low)], 2.4, (84, 84, 90))
    pen.finish()
    pen.shape(
        [(13.4, low + cab * 0.5), (13.4, low + cab * 0.88), (19, low + cab * 0.88), (21.5, low + cab * 0.5)], glass
    )
    pen.finish()
    _wheels(pen, (-19, -8, 19) if style.chance(0.35) else (-18, 19), 4.0 + 1.8 * way["wheel"])


def _plane(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    way = style.ways.setdefault(
        "plane", {name: style.between(0, 1) for name in ("kind", "fat", "wing", "tilt", "windows")}
    )
    dark = shade(paint, style.between(0.7, 1.0))
    if way["kind"] < 0.4:  # from above, turned
        before, pen.turn = pen.turn, pen.turn + style.between(-0.5, 0.9)
        fat, sweep = 2.2 + 1.8 * way["fat"], style.between(2, 9)
        for side in (-1, 1):
            pen.shape(
                [(4, side * fat * 0.7), (4 - sweep, side * 20), (-1 - sweep, side * 20), (-5, side * fat * 0.7)], dark
            )
            pen.shape([(-14, side * 1), (-18, side * 8), (-21, side * 8), (-19, side * 1)], dark)
        pen.finish()
        pen.limb([(-19, 0), (14, 0)], 2 * fat, paint)
        pen.shape([(14, fat), (20, 0), (14, -fat)], paint)
        pen.finish()
        pen.turn = before
        return
    fat = 3.2 + 2.0 * way["fat"]
    pen.turn += style.between(-0.05, 0.35) * way["tilt"]
    pen.shape([(-14, 2), (-22 - 2 * way["wing"], 12), (-17, 12), (-8, 3)], dark)
    if way["kind"] > 0.7:
        pen.shape([(-2, 2), (-8, 11), (-3, 11), (6, 2)], dark)
    pen.finish()
    if style.chance(0.5):
        pen.oval(0, 0, 21, fat, paint)
    else:
        pen.limb([(-18, 0.6), (16, 0)], 2 * fat, paint)
    pen.finish()
    pen.shape([(4, -0.5), (-6 - 8 * way["wing"], -10), (-11 - 6 * way["wing"], -10), (-4, -0.5)], dark)
    pen.finish()
    if way["windows"] < 0.8:
        for x in range(-11, 10, 5):
            pen.line([(x, 1.4)], 2.0, (60, 110, 160))
    pen.line([(14, 1.6), (17, 1.2)], 2.2, (60, 110, 160))


def _boat(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    sails = figure.pose == "sail"
    way = style.ways.setdefault(
        f"boat {sails}", {name: style.between(0, 1) for name in ("hull", "kind", "sail", "high", "mast")}
    )
    long, high = 17 + 6 * way["hull"], 6 + 5 * way["high"]
    if way["hull"] < 0.4:
        hull = [(-long, high), *_arc(0, high, long, high + 2, 180, 360), (long, high)]
    else:
        hull = [(-long, high), (-long * 0.68, -2), (long * 0.68, -2), (long, high)]
    if not sails:
        long = 25
        hull = (
            [(-25, 9), (-18, -2), (18, -2), (26, 9.5)]
            if way["hull"] < 0.6
            else [(-25, 9), *_arc(0, 8, 25, 10, 185, 355), (25, 9)]
        )
        pen.shape(hull, paint)
        pen.finish()
        pen.stroke([(3, 10), (-10, -4)], style.between(1.0, 1.8), _WOOD)
        if style.chance(0.6):
            pen.oval(-11, -4.5, 3.4, 1.5, _WOOD, tilt=40)
            pen.finish()
        return
    top = 32 + 14 * way["sail"]
    pen.limb([(0, high - 1), (0, top)], 1.2 + way["mast"], _WOOD)
    pen.finish()
    cloth = paint if style.chance(0.4) else near(style.rng, (250, 250, 250), 0.3)
    if way["kind"] < 0.5:
        pen.shape([(1, high + 2), (1, top - 1), (16 + 4 * way["sail"], high + 3)], cloth)
        if way["kind"] < 0.3:
            pen.shape(
                [(-1, high + 2), (-1, top - 5), (-14, high + 3)], cloth if style.chance(0.6) else shade(cloth, 0.88)
            )
    elif way["kind"] < 0.75:
        pen.shape([(-1, high + 2), (-1, top - 1), (-17, high + 3)], cloth)
    elif way["kind"] < 0.88:
        pen.shape(_box(0, high + 5, 12, top - high - 8), cloth)
    else:
        pen.shape([(0, top - 1), *_arc(0, top - 12, 14, 8, 60, -60), (0, high + 4)], cloth)
    if way["mast"] > 0.6:
        pen.shape([(0, top), (6, top - 2), (0, top - 4)], (214, 60, 50))
    pen.finish()
    pen.shape(hull, paint)
    pen.finish()


def _bike(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    way = style.ways.setdefault("bike", {name: style.between(0, 1) for name in ("wheel", "thick", "spokes", "hollow")})
    radius, thick = 6.4 + 2.2 * way["wheel"], 0.9 + 1.2 * way["thick"]
    for x in (-10, 11):
        ring = _arc(x, radius, radius, radius, 0, 360)
        pen.stroke(ring, thick, _TYRE)
        if way["spokes"] < 0.4:
            for turn in range(0, 180, 45):
                pen.stroke(
                    [ring[turn // 30], (2 * x - ring[turn // 30][0], 2 * radius - ring[turn // 30][1])], 0.4, _HUB
                )
    pen.limb([(-10, radius), (-4.5, 14), (8, 14.5), (1, 6.5), (-10, radius)], 1.0 + thick * 0.6, paint)
    pen.limb([(-4.5, 15), (1, 6.5)], 1.0 + thick * 0.6, paint)
    pen.limb([(11, radius), (8, 14.5), (7.4, 19), (10, 19.6)], 1.0 + thick * 0.6, paint)
    pen.finish()
    pen.stroke([(-6.5, 16), (-2.5, 16)], 1.8, _TYRE)


# ---- landmarks and toys


def _house(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    way = style.ways.setdefault(
        "house", {name: style.between(0, 1) for name in ("wide", "high", "roof", "over", "door", "windows", "chimney")}
    )
    half, high, peak = 14 + 5 * way["wide"], 18 + 8 * way["high"], 10 + 10 * way["roof"]
    roof = _any(style, _ROOFS)
    door = _any(style, (_WOOD, (120, 60, 40), (60, 80, 140), (160, 50, 50), (90, 60, 50)))
    glass = _any(style, ((255, 236, 160), (150, 200, 235), (240, 248, 255), (90, 110, 140)))
    if way["chimney"] < 0.5:
        pen.shape(_box(half * 0.5, high + 2, 2.4, peak * 0.9), shade(roof, 1.2))
    pen.shape(_box(0, 0, half, high), paint)
    pen.finish()
    over = 1 + 5 * way["over"]
    ridge = (
        [(0, high + peak)]
        if way["roof"] < 0.75
        else [(-half * 0.6, high + peak * 0.8), (half * 0.6, high + peak * 0.8)]
    )
    pen.shape([(-half - over, high - 0.5), *ridge, (half + over, high - 0.5)], roof)
    where = 0.0 if way["door"] < 0.6 else style.between(-0.6, 0.6) * half
    pen.shape(_box(where, 0, 3 + way["door"], 9 + 4 * way["high"]), door)
    number = int(way["windows"] * 4)
    for x in ((), (half * 0.55,), (-half * 0.6, half * 0.6), (-half * 0.6, half * 0.6))[number]:
        if abs(x - where) > 6:
            pen.shape(_box(x, high * 0.45, 3.2, 6), glass)
    pen.finish()
    if number == 3:
        pen.line([(0, high + peak * 0.35)], 5, glass)


def _tree(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    setting = figure.kind.split()[1]
    way = style.ways.setdefault(
        "tree", {name: style.between(0, 1) for name in ("kind", "trunk", "wide", "high", "tone")}
    )
    kind, wide, high = way["kind"], 12 + 8 * way["wide"], 40 + 14 * way["high"]
    leaves = (
        near(style.rng, (64, 150, 62), 1.8)
        if style.chance(0.9)
        else _any(style, ((230, 140, 40), (200, 70, 40), (230, 200, 60)))
    )
    if setting == "snow":
        kind = 0.7 + 0.3 * kind
    trunk = 1.6 + 3 * way["trunk"]
    if setting == "beach" and style.chance(0.75):
        lean = style.between(-4, 8)
        pen.limb([(0, 0), (lean * 0.3, 20), (lean, 40)], 2.4 + 2 * way["trunk"], (158, 112, 64))
        pen.finish()
        for x, y in ((-18, -6), (-14, 5), (-3, 11), (10, 9), (17, 0), (14, -10), (-7, -12)):
            if style.chance(0.85):
                pen.limb(
                    [(lean, 41), (lean + x * 0.6, 46 + y * 0.8), (lean + x, 41 + y)], style.between(2, 4.5), leaves
                )
        pen.finish()
        return
    if style.chance(0.75):
        pen.shape([(-trunk, 0), (-trunk * 0.8, high * 0.5), (trunk * 0.8, high * 0.5), (trunk, 0)], _WOOD)
    else:
        pen.limb([(0, 0), (0, high * 0.5)], 2 * trunk, _WOOD)
    pen.finish()
    if kind < 0.45:
        pen.oval(0, high * 0.68, wide * 0.95, high * 0.33, leaves)
    elif kind < 0.7:
        base = high * 0.62
        for _ in range(int(style.rng.integers(4, 8))):
            pen.oval(style.between(-0.6, 0.6) * wide, base + style.between(-6, 10), wide * 0.55, wide * 0.5, leaves)
    elif kind < 0.85:
        pen.shape([(-wide * 0.85, high * 0.22), (0, high), (wide * 0.85, high * 0.22)], leaves)
    else:
        for low, top, part in ((0.16, 0.55, 1.0), (0.4, 0.78, 0.8), (0.62, 1.02, 0.58)):
            pen.shape([(-wide * 0.85 * part, high * low), (0, high * top), (wide * 0.85 * part, high * low)], leaves)
            if style.chance(0.5):
                pen.finish()
    pen.finish()
    if way["tone"] < 0.12:
        for _ in range(6):
            pen.line([(style.between(-0.5, 0.5) * wide, high * style.between(0.5, 0.85))], 2.6, (220, 40, 40))
    elif setting == "snow" and style.chance(0.5):
        pen.line([(-wide * 0.3, high * 0.7), (0, high * 0.95), (wide * 0.3, high * 0.7)], 2.0, _WHITE)


def _bench(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    wood = _any(style, (_WOOD, (160, 110, 60), (110, 70, 40), (120, 120, 126)))
    thick = style.between(1.2, 3.4)
    backs = int(style.rng.integers(1, 4))
    for x in (-17, 17):
        pen.limb([(x, 0.6), (x, 20)], thick * 0.7, wood if style.chance(0.6) else (70, 66, 72))
    for row in range(backs):
        pen.limb([(-20, 13.4 + row * 6.5 / backs), (20, 13.4 + row * 6.5 / backs)], thick, wood)
    pen.finish()
    pen.limb([(-20.5, 8.6), (20.5, 8.6)], thick * 1.2, wood)
    pen.finish()


def _fence(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    way = style.ways.setdefault("fence", {name: style.between(0, 1) for name in ("kind", "step", "wide", "rail")})
    for y in (5, 11) if way["rail"] < 0.8 else (8,):
        pen.limb([(-42, y), (42, y)], 1.4 + 1.4 * way["rail"], paint if style.chance(0.5) else shade(paint, 0.85))
    pen.finish()
    step = 6.0 + 6 * way["step"] if way["kind"] < 0.7 else 16.0 + 6 * way["step"]
    number, half = int(80 / step), 1.2 + 1.4 * way["wide"]
    for n in range(number + 1):
        x = -40 + n * 80 / number
        tip = [(x, 16.6)] if way["kind"] < 0.45 else []
        pen.shape([(x - half, 0), (x - half, 14.2), *tip, (x + half, 14.2), (x + half, 0)], paint)
    pen.finish()


def _umbrella(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    way = style.ways.setdefault("umbrella", {name: style.between(0, 1) for name in ("rim", "high", "stripes")})
    pen.limb([(0, 0), (0, 42)], style.between(1.0, 2.2), _any(style, ((226, 222, 214), _WOOD, (90, 90, 96))))
    pen.finish()
    top = 12 + 7 * way["high"]
    rim = [(-24 + 6 * n, 27 + (2.0 if n % 2 and way["rim"] < 0.5 else 0)) for n in range(9)]
    pen.shape([*rim, *_arc(0, 27, 24, top, 5, 175)], paint)
    pen.finish()
    if way["stripes"] < 0.35:
        for x in (-14, 10):
            pen.shape([(x - 2, 27.5), (0, 27 + top), (x + 6, 27.5)], _WHITE)
        pen.finish()
    elif way["stripes"] < 0.7:
        for x in (-12, 0, 12):
            pen.line([(x, 27.4), (x * 0.55, 27 + 0.7 * top), (0, 26.6 + top)], 0.9, shade(paint, 0.7))


def _snowman(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    way = style.ways.setdefault("snowman", {name: style.between(0, 1) for name in ("balls", "hat", "arms", "scarf")})
    balls = ((8, 9.4), (20.5, 7.2), (30.5, 5.6)) if way["balls"] < 0.6 else ((9, 10.0), (25, 7.8))
    y, radius = balls[-1]
    for up, size in balls:
        pen.oval(0, up, size, size * 0.94, _WHITE)
    if way["arms"] < 0.75:
        for side in (-1, 1):
            pen.limb([(side * 6, 20), (side * 14, 20 + 8 * way["arms"])], 1.0, _WOOD)
    pen.finish()
    if way["hat"] < 0.7:
        hat = _any(style, ((48, 46, 52), (40, 60, 120), (190, 40, 50), (90, 60, 40)))
        pen.shape(_box(0, y + radius * 0.75, 3.8, 7.5), hat)
        pen.limb([(-6, y + radius * 0.8), (6, y + radius * 0.8)], 1.5, hat)
    if way["scarf"] < 0.6:
        pen.limb(
            [(-5, y - radius * 0.85), (5, y - radius * 0.85)],
            2.2,
            _any(style, ((214, 40, 40), (40, 120, 200), (40, 150, 70))),
        )
    pen.shape([(0.5, y + 1), (7.5, y - 0.2), (0.5, y - 1.2)], (244, 130, 24))
    pen.finish()
    for x, up in ((-2, y + 1.8), (2, y + 1.8), (0, balls[-2][0] + 2), (0, balls[-2][0] - 2)):
        pen.line([(x, up)], 1.5, INK)


def _ball(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    radius, look = 4.6 * style.between(0.85, 1.35), style.between(0, 1)
    pen.oval(0, 0, radius, radius, paint)
    pen.finish()
    if look < 0.3:
        pen.line([(-0.8 * radius, 0.3), (0, 0.3 * radius), (0.8 * radius, 0.3)], 1.2, _WHITE)
    elif look < 0.5:
        pen.line([(-0.3 * radius, 0.4 * radius)], 1.8, shade(paint, 1.6))
    elif look < 0.6:
        pen.line([(0, 0.9 * radius), (0, -0.9 * radius)], 0.8, INK)
        pen.line([(-0.9 * radius, 0), (0.9 * radius, 0)], 0.8, INK)


def _balloon(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    pen.stroke(
        [(0, 0), (style.between(-1.5, 1.5), 7), (style.between(-1, 1), 14), (0, 18)],
        style.between(0.5, 1.0),
        style.ink or INK,
    )
    pen.oval(0, 26, style.between(6, 8.4), style.between(7.4, 9.6), paint)
    if style.chance(0.7):
        pen.shape([(-1.6, 16.4), (0, 18.8), (1.6, 16.4)], paint)
    pen.finish()
    if style.chance(0.5):
        pen.line([(-2.6, 29.5)], 2.6, shade(paint, 1.6))


def _kite(pen: StyledPen, paint: Colour, figure: Figure) -> None:
    style = pen.style
    way = style.ways.setdefault("kite", {name: style.between(0, 1) for name in ("bows", "cross", "wide", "two")})
    pen.turn = style.between(-0.5, 0.3)
    tail = [(0, -11), (-4, -15), (1, -19), (-4, -23)]
    pen.stroke(tail, style.between(0.7, 1.3), style.ink or INK)
    if way["bows"] < 0.6:
        bow = _any(style, ((240, 190, 60), (220, 60, 60), (70, 140, 220))) if style.chance(0.5) else shade(paint, 1.3)
        for x, y in tail[1:]:
            pen.shape([(x - 2, y + 1.4), (x + 2, y - 1.4), (x + 2, y + 1.4), (x - 2, y - 1.4)], bow)
    wide = 7 + 3 * way["wide"]
    pen.shape([(0, -11), (wide, 3), (0, 12), (-wide, 3)], paint)
    pen.finish()
    if way["cross"] < 0.7:
        line = shade(paint, 0.62) if style.chance(0.6) else INK
        pen.line([(0, -11), (0, 12)], 0.9, line)
        pen.line([(-wide, 3), (wide, 3)], 0.9, line)


_DRAWN: dict[str, Callable[[StyledPen, Colour, Figure], None]] = {
    **dict.fromkeys(animals.BUILDS, _beast),
    "bird": _bird,
    "duck": _duck,
    "dolphin": _dolphin,
    "car": _car,
    "bus": _bus,
    "truck": _truck,
    "plane": _plane,
    "boat": _boat,
    "bike": _bike,
    "house": _house,
    "tree": _tree,
    "bench": _bench,
    "fence": _fence,
    "umbrella": _umbrella,
    "snowman": _snowman,
    "ball": _ball,
    "balloon": _balloon,
    "kite": _kite,
}
