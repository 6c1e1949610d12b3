"""How people would caption a scene: the grammar of its captions, built anew for every scene.

A caption says what the first thing does, then at most two more things, each in a phrase of its own: what it is next to,
where, when, what flies above. Which phrases, in which order and in which words are choices of fixed weights; what may
be said at all is what the scene holds. The more phrases, the fewer adjectives, so that captions have 4 to 16 words.
"""

from dataclasses import dataclass
from functools import lru_cache

from mrnn_np.scenes import lexicon
from mrnn_np.scenes.grammar import NOTHING, Phrase, choose, maybe, sequence, weights
from mrnn_np.scenes.nouns import noun_phrase, pair_phrase, pet_phrase
from mrnn_np.scenes.world import DEEDS, PEOPLE, Scene, Thing

# Templates.  S is the clause itself ("a dog runs"), E the same after "there is"; N says next to what, P in what place,
# T at what time, B what birds fly above.
_TEMPLATES = {
    "alone": weights("SP 40, EP 8, PS 6, ST 12, ET 2, TS 4, SPT 18, TSP 6, STP 4"),
    "deed": weights("S 12, SP 38, E 3, EP 6, PS 5, ST 12, TS 4, SPT 15, TSP 5"),
    "landmark": weights("SN 28, EN 6, SNP 26, SPN 13, PSN 5, SNT 8, SP 5, TSN 5, SPT 4"),
    "pair": weights("SP 46, PS 8, ST 14, TS 6, SPT 20, TSP 6"),
}
_WITH_BIRDS = {
    "alone": weights("SB 30, SPB 20"),
    "deed": weights("SB 40"),
    "landmark": weights("SB 30, SNB 10"),
    "pair": weights("SB 40"),
}

_MOVING = ("run", "walk", "drive", "sail", "ride", "row")
SHORTEST, LONGEST = 4, 16  # words of a caption; what the grammar says beyond that is left unsaid


@dataclass(frozen=True)
class _Clause:
    """Who (in more words, in fewer, and as news) does what, to whom or how."""

    full: Phrase
    brief: Phrase
    new: Phrase
    plural: bool
    verb: str
    object: Phrase = NOTHING
    manner: Phrase = NOTHING


def caption_phrase(scene: Scene) -> Phrase:
    """Return the grammar of all that may be said of `scene`: `grammar.sample` draws a caption from it."""
    first = scene.things[0]
    names = noun_phrase(first, False), noun_phrase(first, True), noun_phrase(first, True, new=True)
    clause = _Clause(*names, first.count > 1, lexicon.verb(first.kind, first.action), manner=_manner(first.action))
    relation = next((r for r in scene.relations if r.name != "above"), None)
    if relation is None:
        return _tell(scene, clause, "alone")
    second = scene.things[relation.object]
    if relation.name in DEEDS:
        whom = pet_phrase(first, second) if relation.name == "lead" else noun_phrase(second, True)
        return _tell(scene, _Clause(*names, first.count > 1, relation.name, whom), "deed")
    apart = _tell(scene, clause, "landmark")
    if second.action != first.action:
        return apart
    both = pair_phrase(first, second)
    return choose([(apart, 4), (_tell(scene, _Clause(both, both, both, True, clause.verb), "pair"), 6)])


def _tell(scene: Scene, clause: _Clause, story: str) -> Phrase:
    """Return the choice among the templates of a kind of story; where and when are left out where nobody knows."""
    birds = any(relation.name == "above" for relation in scene.relations)
    unknown = ("" if scene.setting else "P") + ("" if scene.time else "T")
    phrases = {
        "E": _existence(clause),
        "T": _time(scene.time, scene.sky) if scene.time else NOTHING,
        "B": _birds(scene.things[-1]) if birds else NOTHING,
    }
    options: list[tuple[Phrase | str, float]] = []
    for whole, weight in (_TEMPLATES[story] | (_WITH_BIRDS[story] if birds else {})).items():
        template = "".join(letter for letter in whole if letter not in unknown)
        brief, opens = len(template) > 2 or "B" in template, template[0] == "S"
        phrases["S"] = _statement(clause, brief, opens) if clause.verb else phrases["E"]
        if "P" in template:
            phrases["P"] = _place(scene, "T" not in template)
        if "N" in template:
            phrases["N"] = _next_to(scene, len(template) == 2)
        options.append((sequence(*(phrases[letter] for letter in template)), weight))
    return choose(options)


def _statement(clause: _Clause, brief: bool, opens: bool) -> Phrase:
    """Return "a dog runs", "a dog is running" and, where it opens the caption, "a dog running"."""
    who, how = (clause.brief, NOTHING) if brief else (clause.full, clause.manner)
    return sequence(who, _doing(clause.verb, clause.plural, opens), clause.object, how)


@lru_cache
def _doing(verb: str, plural: bool, opens: bool) -> Phrase:
    """Return the forms of a verb and of those that mean the same."""
    options: list[tuple[Phrase | str, float]] = []
    for forms, weight in lexicon.VERBS[verb].items():
        one, several, doing = forms.split("|")
        options.append((several if plural else one, 42 * weight))
        options.append((f"{'are' if plural else 'is'} {doing}", 20 * weight))
        options.append((doing, 38 * weight if opens else 0))
    return choose(options)


def _existence(clause: _Clause) -> Phrase:
    """Return "there is a dog running", or "there is a ball" of what does nothing."""
    doing = _participle(clause.verb) if clause.verb else NOTHING
    return sequence(_there_is(clause.plural), clause.new, doing, clause.object)


@lru_cache
def _there_is(plural: bool) -> Phrase:
    return choose(lexicon.THERE_IS["several" if plural else "one"])


@lru_cache
def _participle(verb: str) -> Phrase:
    return choose({forms.split("|")[2]: weight for forms, weight in lexicon.VERBS[verb].items()})


@lru_cache
def _manner(action: str) -> Phrase:
    """Return how things run, sleep and so on, for the most part left unsaid."""
    return maybe(0.2, choose(lexicon.MANNERS.get(action, {"": 1.0})))


@lru_cache
def _time(time: str, sky: str) -> Phrase:
    return choose(lexicon.TIMES[time, sky])


def _place(scene: Scene, lit: bool) -> Phrase:
    """Return in what place it happens: "on the sand", and if `lit` is asked for perhaps "on a sunny beach"."""
    first = scene.things[0]
    flies = first.action == "fly" and first.kind not in PEOPLE
    manner = "fly" if flies else "move" if first.action in _MOVING else "stay"
    light = {("day", "sun"): "sunny", ("night", scene.sky): "dark"}.get((scene.time, scene.sky), "")
    return _where(scene.setting, manner, light if lit and not flies else "")


@lru_cache
def _where(setting: str, manner: str, light: str) -> Phrase:
    places = lexicon.PLACES[setting, manner]
    if light and setting in lexicon.LIT_PLACES:
        places = places | {lexicon.LIT_PLACES[setting].format(light): 0.25 * sum(places.values())}
    return choose(places)


def _next_to(scene: Scene, roomy: bool) -> Phrase:
    """Return where the first thing is, seen from the second: "next to a tree"."""
    relation, (first, second) = scene.relations[0], scene.things[:2]
    landmark = noun_phrase(second, not roomy)
    if relation.name == "front":
        behind = sequence("with", landmark, "in the background")
        return choose([(sequence("in front of", landmark), 8), (behind, 2 if roomy else 0)])
    if relation.name in ("left", "right"):
        return sequence(_beside(relation.name, roomy, second.action == first.action), landmark)
    return sequence(relation.name, landmark)


@lru_cache
def _beside(side: str, roomy: bool, together: bool) -> Phrase:
    near = choose(lexicon.NEXT_TO | ({"with": 3.0} if together else {}))
    exact = choose([(f"to the {side} of", 6), (f"on the {side} of", 4)])
    return choose([(near, 7), (exact, 3 if roomy else 1)])


def _birds(birds: Thing) -> Phrase:
    """Return what flies above: "while two birds fly above", "with a white bird flying overhead"."""
    flock = noun_phrase(birds, True)
    where = choose(lexicon.ABOVE)
    while_flying = sequence("while", flock, "fly" if birds.count > 1 else "flies", where)
    return choose([(while_flying, 5), (sequence("with", flock, "flying", where), 5)])
