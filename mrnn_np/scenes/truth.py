"""Is a caption true of its scene?  Every claim it makes, judged by the scene's description.

A caption may be read in more than one way where a scene has two things of a kind; it is given its most charitable
reading.
"""

from collections.abc import Sequence
from itertools import combinations, product
from typing import TypeAlias

from mrnn_np.data.data_set import Claim, Verdict
from mrnn_np.scenes import lexicon
from mrnn_np.scenes.meanings import OVERHEAD, Meaning
from mrnn_np.scenes.reading import Statement, read
from mrnn_np.scenes.world import PEOPLE, Scene, Thing

_Group: TypeAlias = tuple[int, ...]  # things of a scene, by number, that one noun speaks of: "two people"

_IMPLIED = {"row": "sit"}  # who rows, sits
_MOST_MENTIONS = 5


def judge(words: Sequence[str], scene: Scene) -> tuple[Claim, ...]:
    """Return the claims that the caption `words` makes about `scene`, in the order of its words, each with its verdict.

    A claim is of a thing, count, colour, size, action, relation or setting, or is unparsable.  A thing that the scene
    does not hold makes one false claim, and each claim about it is false as well.
    """
    words = tuple(words)
    statements = read(words)
    candidates: list[list[_Group | None]] = [
        [group for group in _groups(scene) if all(_called(scene.things[thing]) in s.meaning for thing in group)]
        for s in statements
        if s.kind == "thing"
    ]
    for number, groups in enumerate(candidates):
        groups[len(groups) if number < _MOST_MENTIONS else 0 :] = [None]
    readings = (reading for reading in product(*candidates) if _distinct(reading))
    judged = (([_verdict(s, reading, scene) for s in statements], reading) for reading in readings)
    verdicts, reading = max(judged, key=lambda pair: pair[0].count("true"))
    claims = [
        Claim(s.kind, " ".join(words[s.start : s.end]), s.start, s.end, verdict, _things(s, reading))
        for s, verdict in zip(statements, verdicts, strict=True)
    ]
    return tuple(sorted(claims, key=lambda claim: (claim.start, claim.end)))


def _things(statement: Statement, reading: tuple[_Group | None, ...]) -> _Group:
    """Return the things that a statement is about, where the mentions are of what `reading` says."""
    return tuple(thing for mention in statement.mentions for thing in reading[mention] or ())


def _groups(scene: Scene) -> list[_Group]:
    """Return all that one noun may speak of: each thing, and any two people together."""
    people = [number for number, thing in enumerate(scene.things) if thing.kind in PEOPLE]
    return [*((number,) for number in range(len(scene.things))), *combinations(people, 2)]


def _called(thing: Thing) -> str:
    """Return the key of what a thing may be called, as in the meaning of a noun."""
    return lexicon.noun(thing.kind, thing.size, thing.action)


def _distinct(reading: tuple[_Group | None, ...]) -> bool:
    """Whether no two mentions are of the same thing."""
    things = [thing for group in reading if group for thing in group]
    return len(things) == len(set(things))


def _verdict(statement: Statement, reading: tuple[_Group | None, ...], scene: Scene) -> Verdict:
    """Judge one statement, the mentions being of what `reading` says."""
    if statement.kind == "unparsable":
        return "unparsable"
    groups = [group for group in (reading[mention] for mention in statement.mentions) if group]
    present = len(groups) == len(statement.mentions)
    return "true" if present and _holds(statement, groups, scene) else "false"


def _holds(statement: Statement, groups: list[_Group], scene: Scene) -> bool:
    """Whether a statement is true of groups of things that are there."""
    meaning = statement.meaning
    numbers = [number for group in groups for number in group]
    things = [scene.things[number] for number in numbers]
    match statement.kind:
        case "count":
            return str(sum(thing.count for thing in things)) in meaning
        case "colour":
            return all(thing.colour in meaning or f"{thing.colour} {thing.kind}" in meaning for thing in things)
        case "size":
            return all(thing.size in meaning or thing.kind in meaning for thing in things)
        case "action":
            return all(_does(number, meaning, scene) for number in numbers)
        case "relation" if meaning == OVERHEAD:
            return all(thing.action == "fly" and thing.kind not in PEOPLE for thing in things)
        case "relation":
            *subjects, others = groups
            return all(_related(n, meaning, other, scene) for group in subjects for n in group for other in others)
        case "setting":
            return scene.setting in meaning or f"{scene.time} {scene.sky}" in meaning
    return True  # a thing that is there


def _does(number: int, actions: Meaning, scene: Scene) -> bool:
    """Whether a thing does one of the actions, to whomever."""
    action = scene.things[number].action or "stand"
    deeds = {relation.name for relation in scene.relations if relation.subject == number}
    return not actions.isdisjoint({action, _IMPLIED.get(action, action), *deeds})


def _related(number: int, names: Meaning, other: int, scene: Scene) -> bool:
    """Whether a thing stands to another in one of the relations.

    Who is beside someone has that one beside them, and what flies above flies above everything.
    """
    above = {relation.subject for relation in scene.relations if relation.name == "above"}
    return (
        scene.related(number, names, other)
        or ({"left", "right"} <= names and scene.related(other, names, number))
        or ("above" in names and number in above and other not in above)
        or ("under" in names and other in above and number not in above)
    )
