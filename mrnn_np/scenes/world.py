"""What a scene is: a setting, a time of day, a sky, a few things and how they stand to one another.

Everything a caption may claim about a picture is written here and nowhere else: the renderer draws it, the captions say
some of it, and the truth reader judges by it.
"""

from dataclasses import asdict, dataclass
from typing import Any

PEOPLE = ("man", "woman", "boy", "girl")

_BRIGHT = ("red", "blue", "yellow", "green", "orange", "pink", "purple")
COLOURS = {
    "man": ("red", "blue", "yellow", "green", "white", "black", "orange", "purple"),  # of what they wear
    "boy": ("red", "blue", "yellow", "green", "white", "black", "orange", "purple"),
    "woman": ("red", "blue", "yellow", "green", "white", "black", "pink", "purple"),
    "girl": ("red", "blue", "yellow", "green", "white", "orange", "pink", "purple"),
    "dog": ("brown", "black", "white", "grey"),
    "cat": ("black", "white", "grey", "orange", "brown"),
    "horse": ("brown", "black", "white", "grey"),
    "cow": ("brown", "black", "white"),
    "sheep": ("white", "black"),
    "bird": ("black", "white", "red", "blue", "yellow"),
    "duck": ("white", "yellow", "brown"),
    "dolphin": ("grey", "blue"),
    "car": ("red", "blue", "yellow", "green", "white", "black", "orange"),
    "bus": ("red", "blue", "yellow", "green", "white", "orange"),
    "truck": ("red", "blue", "yellow", "green", "white", "orange"),
    "plane": ("white", "red", "blue", "yellow"),
    "boat": ("red", "blue", "yellow", "green", "white", "orange"),
    "ball": _BRIGHT,
    "balloon": _BRIGHT,
    "kite": _BRIGHT,
    "umbrella": _BRIGHT,
    "house": ("red", "white", "yellow", "blue", "grey", "brown"),
    "bike": ("red", "blue", "yellow", "black"),
    "fence": ("white", "brown", "red"),
    "tree": ("",),  # no colour worth a word
    "bench": ("",),
    "snowman": ("",),
}

WHERE = ("left", "right", "front", "behind", "under", "above")
DEEDS = ("hold", "throw", "kick", "fly", "ride", "lead", "chase", "row", "over", "on")

SETTINGS = ("field", "park", "beach", "street", "forest", "snow", "sea")
SKIES = {"day": ("sun", "clouds", "clear", "rain"), "sunset": ("sun",), "night": ("moon", "stars")}

INVERSE = {"left": "right", "right": "left", "front": "behind", "behind": "front", "under": "above", "above": "under"}


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing, or `count` things that are alike in kind, colour, size and action.

    `size` is "small", "big" or "" for neither, and `action` is "" for what can do nothing.
    """

    kind: str
    colour: str = ""
    count: int = 1
    size: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """Thing number `subject` stands to thing number `object` as `name` says.

    Where the subject is: see WHERE. What it does with the object: see DEEDS (lead: on a leash; over: jump over it; on:
    sit on it).
    """

    subject: int
    name: str
    object: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A setting (see SETTINGS), a time and a sky (see SKIES), and the things in it, the one people name first at 0.

    What a drawing leaves open is "": the setting, or the time and the sky.
    """

    setting: str
    time: str
    sky: str
    things: tuple[Thing, ...]
    relations: tuple[Relation, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the scene as dicts, lists, strings and numbers, ready for `json.dump`."""
        return asdict(self)

    @staticmethod
    def from_json(record: dict[str, Any]) -> "Scene":
        """Return the scene that `to_json` turned into `record`."""
        things = tuple(Thing(**thing) for thing in record["things"])
        relations = tuple(Relation(**relation) for relation in record["relations"])
        return Scene(record["setting"], record["time"], record["sky"], things, relations)

    def related(self, subject: int, names: frozenset[str], object: int) -> bool:
        """Whether `subject` stands to `object` in a relation of `names`, as written or as its inverse implies."""
        return any(
            ((subject, object) == (r.subject, r.object) and r.name in names)
            or ((object, subject) == (r.subject, r.object) and INVERSE.get(r.name) in names)
            for r in self.relations
        )  # fmt: skip
