"""What happens in the scenes: some fifteen plots, each a small story of one thing or two."""

from bisect import bisect
from dataclasses import replace
from itertools import accumulate
from typing import TypeAlias

import numpy as np

from mrnn_np.scenes import frequencies as often
from mrnn_np.scenes.world import COLOURS, PEOPLE, Relation, Scene, Thing

Rng: TypeAlias = np.random.Generator
Plot: TypeAlias = tuple[tuple[Thing, ...], tuple[Relation, ...]]
Weights: TypeAlias = dict[str, float]


def draw_scene(rng: Rng) -> Scene:
    """Draw a scene: a setting, a time and a sky, a plot that suits them, and at times birds above it all."""
    setting = _pick(rng, often.SETTINGS)
    time = _pick(rng, often.TIMES)
    sky = _pick(rng, often.SKIES[time])
    if setting == "snow" and sky == "rain":
        sky = "clouds"
    plot = _pick(rng, often.PLOTS[setting])
    things, relations = _draw_plot(rng, plot, setting)
    if plot not in ("flyers", "kite") and rng.random() < 0.13:
        relations += (Relation(len(things), "above", 0),)
        things += (_thing(rng, "bird", "fly", often.UP_TO_FOUR),)
    return Scene(setting, time, sky, things, relations)


def _draw_plot(rng: Rng, plot: str, setting: str) -> Plot:
    """Draw what happens, the thing that people would name first at 0."""
    match plot:
        case "animals":
            return _group(rng, setting, _pick(rng, often.ANIMALS[setting]))
        case "people":
            return _group(rng, setting, _pick(rng, often.PERSON))
        case "still life":
            kind = _pick(rng, often.STILL)
            main = _thing(rng, kind, "stand", often.UP_TO_FOUR if kind == "tree" else often.ONE)
            return _at_landmark(rng, main, often.STILL_BY[kind])
        case "traffic":
            kind = _pick(rng, often.VEHICLES)
            action = "drive" if rng.random() < 0.6 else "park"
            return _at_landmark(rng, _thing(rng, kind, action, often.UP_TO_FOUR), often.BY_THE_ROAD[kind])
        case "flyers" if _pick(rng, often.FLYERS) == "plane":
            return (_thing(rng, "plane", "fly"),), ()
        case "flyers":
            return (_thing(rng, "bird", "fly", often.UP_TO_FOUR),), ()
        case "boats":
            return (_thing(rng, "boat", "sail", often.UP_TO_FOUR),), ()
        case "ducks":
            return (_thing(rng, "duck", "swim", often.UP_TO_FOUR),), ()
        case "dolphins":
            return (_thing(rng, "dolphin", _pick(rng, often.DOLPHINS), often.UP_TO_FOUR),), ()
        case "surfers":
            return (_person(rng, "surf", often.UP_TO_TWO),), ()
        case "swimmers":
            undressed = replace(_person(rng, "swim", often.UP_TO_FOUR), colour="")
            return _at_landmark(rng, undressed, often.BY_A_BOAT)
    return _story_of_two(rng, plot, setting)


def _story_of_two(rng: Rng, plot: str, setting: str) -> Plot:
    """Draw two things, or two groups, and what the first does with the second or where it is seen from there."""
    match plot:
        case "pair":
            kinds = _pick(rng, dict.fromkeys(often.PAIRS, 1.0))
            action = _pick(rng, often.PAIRS[kinds])
            first, second = (_thing(rng, kind, action) for kind in kinds.split())
            return _two(first, _side(rng), second)
        case "chase":
            chaser, chased = _pick(rng, often.CHASES).split()
            prey = _thing(rng, chased, "" if chased == "ball" else "run")
            return _two(_thing(rng, chaser, "run", often.UP_TO_TWO), "chase", prey)
        case "shade":
            kind = _pick(rng, often.SHELTERED)
            action = "sit" if kind in PEOPLE else _pick(rng, often.UNDER)
            shelter = replace(_thing(rng, often.SHADY[setting]), size="")
            return _two(_thing(rng, kind, action, often.UP_TO_TWO), "under", shelter)
        case "behind":
            screen = _pick(rng, often.SCREENS[setting])
            kind = _pick(rng, often.SCREENED if screen == "fence" else often.PERSON)
            main = replace(_thing(rng, kind, "stand", often.UP_TO_TWO), size="")
            return _two(main, "behind", _thing(rng, screen, often.AT_REST.get(screen, "")))
        case "bench":
            return _two(_thing(rng, _pick(rng, often.SEATED), "sit", often.UP_TO_TWO), "on", _thing(rng, "bench"))
        case "perch":
            return _two(_thing(rng, _pick(rng, often.PERCHED), "sit", often.UP_TO_TWO), "on", _thing(rng, "fence"))
        case "hurdle":
            return _two(_thing(rng, _pick(rng, often.HURDLERS), "jump", often.UP_TO_TWO), "over", _thing(rng, "fence"))
        case "kite":
            return _two(_person(rng, "fly", often.UP_TO_TWO), "fly", _thing(rng, "kite"))
        case "rider":
            return _two(_person(rng, "ride"), "ride", replace(_thing(rng, "horse", "run"), size=""))
        case "cyclist":
            return _two(_person(rng, "ride"), "ride", _thing(rng, "bike"))
        case "leash":
            return _two(_person(rng, "walk"), "lead", _thing(rng, "dog", "walk", often.UP_TO_TWO))
        case "rowers":
            return _two(_person(rng, "row", often.UP_TO_TWO), "row", replace(_thing(rng, "boat"), size=""))
    deed, toy = _pick(rng, often.DEEDS_WITH_BALL).split()
    return _two(_person(rng, deed, often.UP_TO_TWO if deed == "throw" else often.ONE), deed, _thing(rng, toy))


def _group(rng: Rng, setting: str, kind: str) -> Plot:
    """Draw some of a kind, all doing the same, often at a landmark."""
    habits = "people" if kind in PEOPLE else kind
    actions = often.ACTIONS.get(f"{habits} in a {setting}", often.ACTIONS[habits])
    return _at_landmark(rng, _thing(rng, kind, _pick(rng, actions), often.UP_TO_FOUR), often.LANDMARKS[setting])


def _at_landmark(rng: Rng, main: Thing, landmarks: Weights) -> Plot:
    """Put `main` by a landmark that suits it, half of the time."""
    suited = {name: weight for name, weight in landmarks.items() if _suits(main, name.split()[0])}
    if not suited or rng.random() < 0.5:
        return (main,), ()
    where, landmark = _pick(rng, suited).split()
    counts = often.UP_TO_TWO if landmark == "tree" and where == "side" else often.ONE
    object = _thing(rng, landmark, often.AT_REST.get(landmark, ""), counts)
    return _two(main, _side(rng) if where == "side" else where, object)


def _suits(main: Thing, where: str) -> bool:
    """Whether there is room for `main` there, doing what it does."""
    if where == "side":
        return main.count < (2 if main.kind in ("horse", "cow", "car", "bus", "truck") else 3)
    return main.action != "jump"


def _two(subject: Thing, name: str, object: Thing) -> Plot:
    """Return the two things, the first standing to the second as `name` says."""
    return (subject, object), (Relation(0, name, 1),)


def _side(rng: Rng) -> str:
    return "left" if rng.random() < 0.5 else "right"


def _person(rng: Rng, action: str, counts: Weights = often.ONE) -> Thing:
    return _thing(rng, _pick(rng, often.PERSON), action, counts)


def _thing(rng: Rng, kind: str, action: str = "", counts: Weights = often.ONE) -> Thing:
    """Draw how many there are, their colour, and for a single thing of some kinds its size."""
    count = int(_pick(rng, counts))
    size = _pick(rng, often.SIZES) if count == 1 and kind in often.SIZED else ""
    return Thing(kind, COLOURS[kind][int(rng.random() * len(COLOURS[kind]))], count, size, action)


def _pick(rng: Rng, table: Weights) -> str:
    """Draw a key as often as its share of the weights."""
    names, sums = tuple(table), tuple(accumulate(table.values()))
    return names[bisect(sums, rng.random() * sums[-1])]
