"""What can be seen in a scene, as a fixed list of yes or no: what the scene CNN learns to tell from the picture."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from mrnn_np.scenes.world import COLOURS, PEOPLE, SETTINGS, SKIES, Scene

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
        names += [thing.kind, f"{thing.colour} {thing.kind}", f"{thing.count} {thing.kind}"]
        names += [f"{thing.kind} {thing.action}", f"{thing.size} {thing.kind}"]
    for relation in scene.relations:
        name = {"left": "left of", "right": "right of"}.get(relation.name, relation.name)
        names += ["above"] if name == "above" else [f"{name} {scene.things[relation.object].kind}"]
    shown[[_NUMBER_OF[name] for name in names if name in _NUMBER_OF]] = 1
    return shown
