"""What can be seen in a scene, as a fixed list of yes or no: what the scene CNN learns to tell from the picture."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from mrnn_np.scenes.world import COLOURS, PEOPLE, SETTINGS, SKIES, Relation, Scene, Thing

_ACTIONS = {
    "person": "walk run stand sit jump throw kick hold fly ride row swim surf",
    "dog": "run jump sit sleep stand walk",
    "cat": "run jump sit sleep stand",
    "horse": "run stand graze jump",
    "cow": "stand graze",
    "sheep": "stand graze",
    "bird": "fly stand sit",
    "duck": "swim stand",
    "dolphin": "jump swim",
    "car": "drive park",
    "bus": "drive park",
    "truck": "drive park",
    "boat": "sail",
    "tree": "",
}
_SIZED = ("dog", "cat", "horse", "boat", "house", "ball", "kite", "tree")
_BESIDE = "tree house bench umbrella boat car bus snowman dog cat woman girl"
_RELATIONS = {
    "left of": _BESIDE,
    "right of": _BESIDE,
    "front": "house fence bus truck",
    "behind": "fence bench car",
    "under": "tree umbrella",
    "on": "bench fence",
    "over": "fence",
    "hold": "ball balloon",
    "throw": "ball",
    "kick": "ball",
    "fly": "kite",
    "ride": "horse bike",
    "lead": "dog",
    "chase": "dog cat ball",
    "row": "boat",
}


def _every_attribute() -> Iterator[str]:
    yield from (f"in {setting}" for setting in SETTINGS)
    yield from (f"at {time}" for time in SKIES)
    yield from (f"sky {sky}" for sky in ("sun", "clouds", "clear", "rain", "moon", "stars"))
    for kind, colours in COLOURS.items():
        yield kind
        yield from (f"{colour} {kind}" for colour in colours if colour)
    for kind, actions in _ACTIONS.items():
        for who in PEOPLE if kind == "person" else (kind,):
            yield from (f"{number} {who}" for number in (2, 3, 4))
            yield from (f"{who} {action}" for action in actions.split())
    yield from (f"{size} {kind}" for kind in _SIZED for size in ("small", "big"))
    yield from (f"{name} {kind}" for name, kinds in _RELATIONS.items() for kind in kinds.split())
    yield "above"


ATTRIBUTES = tuple(_every_attribute())
_NUMBER_OF = {name: number for number, name in enumerate(ATTRIBUTES)}


def attributes(scene: Scene) -> npt.NDArray[np.uint8]:
    """Return for each of ATTRIBUTES whether the scene shows it, 0 or 1: uint8 (len(ATTRIBUTES),).

    "brown dog" says that there is one, "dog run" that some dog runs, "2 dog" that there are two alike, "left of tree"
    that something is on the left of a tree, and "above" that birds fly over it all.
    """
    shown = np.zeros(len(ATTRIBUTES), np.uint8)
    names = [f"in {scene.setting}", f"at {scene.time}", f"sky {scene.sky}"]
    for thing in scene.things:
        names += [thing.kind, f"{thing.count} {thing.kind}", *_of(thing)]
    names += [_related(relation, scene) for relation in scene.relations]
    shown[[_NUMBER_OF[name] for name in names if name in _NUMBER_OF]] = 1
    return shown


def _of(thing: Thing) -> tuple[str, str, str]:
    """Return the attributes' names of a thing's colour, size and action."""
    return f"{thing.colour} {thing.kind}", f"{thing.size} {thing.kind}", f"{thing.kind} {thing.action}"


def _related(relation: Relation, scene: Scene) -> str:
    """Return the attribute's name of a relation."""
    name = {"left": "left of", "right": "right of"}.get(relation.name, relation.name)
    return name if name == "above" else f"{name} {scene.things[relation.object].kind}"


def beyond_doubt(scene: Scene, probabilities: npt.NDArray[np.floating]) -> Scene:
    """Return what is left of a scene without what a CNN doubts, which is then open: "" or not there.

    Who somebody is may be open too: the kind is then "child", or "person" where it may be somebody grown up.

    Parameters
    ----------
    scene : what there is to see
    probabilities : (len(ATTRIBUTES),) of its attributes, from its picture; what is not more likely than not is doubted
    """

    def doubted(*names: str) -> bool:
        known = [_NUMBER_OF[name] for name in names if name in _NUMBER_OF]
        return bool(known) and not probabilities[known].sum() > 0.5

    relations = tuple(
        relation
        for relation in scene.relations
        if not doubted(_related(relation, scene)) and not doubted(scene.things[relation.object].kind)
    )
    setting = "" if doubted(f"in {scene.setting}") else scene.setting
    any_time = doubted(f"at {scene.time}") or doubted(f"sky {scene.sky}")
    time, sky = ("", "") if any_time else (scene.time, scene.sky)
    return Scene(setting, time, sky, tuple(_less(thing, doubted) for thing in scene.things), relations)


def _less(thing: Thing, doubted: Callable[..., bool]) -> Thing:
    """Return a thing without what is doubted of it."""
    if thing.kind in PEOPLE and doubted(thing.kind):
        grown_up = thing.kind in ("man", "woman") or doubted("boy", "girl")
        return Thing("person" if grown_up else "child", count=thing.count)
    colour, size, action = _of(thing)
    return Thing(
        thing.kind,
        "" if doubted(colour) else thing.colour,
        thing.count,
        "" if doubted(size) else thing.size,
        "" if doubted(action) else thing.action,
    )
