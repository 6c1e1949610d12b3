"""One figure for each kind of thing, in the pose of what it does."""

from dataclasses import dataclass

from mrnn_np.scenes import animals, landmarks, vehicles
from mrnn_np.scenes.pen import PAINT, Colour, Pen, Point
from mrnn_np.scenes.people import LOOKS, hand, person, swimmer
from mrnn_np.scenes.world import PEOPLE


@dataclass
class Figure:
    """A figure in its place: its feet at `x`, `y` (y down the picture), `scale` times its natural size.

    `look` chooses a person's skin and hair; `string_to` is a point of the picture that a string leads to from its hand;
    `shadow` is the width of the shadow at its feet, 0 for none.
    """

    kind: str
    colour: str
    pose: str
    x: float
    y: float
    scale: float = 1.0
    left: bool = False
    look: int = 0
    string_to: Point | None = None
    shadow: float = 0.0

    def place(self, x: float, y: float) -> Point:
        """Return where in the picture the point (x, y) of the figure is."""
        return self.x + (-x if self.left else x) * self.scale, self.y - y * self.scale

    def hand(self) -> Point:
        """Return where in the picture a person's hand is."""
        return self.place(*hand(self.kind, self.pose))


def draw_figure(pen: Pen, figure: Figure, setting: str, paint: Colour | None = None) -> None:
    """Draw one figure with a pen at its feet, in `paint` or the classic colour of its colour's name.

    `setting` decides which sort of tree grows.
    """
    kind, pose = figure.kind, figure.pose
    paint = paint or PAINT.get(figure.colour, PAINT["brown"])
    moves = pose == "drive"
    match kind:
        case _ if pose == "swim" and kind in PEOPLE:
            swimmer(pen, kind, LOOKS[figure.look])
        case _ if kind in PEOPLE:
            if pose == "surf":
                _wave_and_board(pen)
            person(pen, kind, paint, pose, LOOKS[figure.look])
        case _ if kind in animals.BUILDS:
            animals.animal(pen, kind, paint, pose)
        case "bird":
            (animals.flying_bird if pose == "fly" else animals.standing_bird)(pen, paint)
        case "duck":
            animals.duck(pen, paint, pose == "swim")
        case "dolphin":
            animals.dolphin(pen, paint, pose == "jump")
        case "plane":
            vehicles.plane(pen, paint)
        case "car":
            vehicles.car(pen, paint, moves)
        case "bus":
            vehicles.bus(pen, paint, moves)
        case "truck":
            vehicles.truck(pen, paint, moves)
        case "boat":
            (vehicles.sailboat if pose == "sail" else vehicles.rowboat)(pen, paint)
        case "bike":
            vehicles.bike(pen, paint)
        case "tree":
            landmarks.tree(pen, setting)
        case "house":
            landmarks.house(pen, paint)
        case "bench":
            landmarks.bench(pen)
        case "fence":
            landmarks.fence(pen, paint)
        case "umbrella":
            landmarks.umbrella(pen, paint)
        case "snowman":
            landmarks.snowman(pen)
        case "ball":
            landmarks.ball(pen, paint)
        case "balloon":
            landmarks.balloon(pen, paint)
        case "kite":
            landmarks.kite(pen, paint)


def _wave_and_board(pen: Pen) -> None:
    """Draw a breaking wave, and the board on it that a surfer stands on."""
    crest: list[Point] = [(-34, -5), (-30, 8), (-20, 15), (-12, 14), (-17, 9), (-14, 2), (0, -1)]
    pen.shape([*crest, (30, -4), (30, -7), (-30, -8)], (110, 190, 224))
    pen.finish()
    pen.line([(-32, 4), (-27, 11), (-20, 14.4), (-12.5, 13.6)], 2.4, (248, 252, 255))
    pen.oval(2, 0.4, 17, 2.2, (246, 232, 190), tilt=6)
    pen.finish()
