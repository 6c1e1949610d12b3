"""Noun phrases: "a dog", "the small brown dog", "two girls in red dresses", "a boy and a girl"."""

from functools import lru_cache

from mrnn_np.scenes import lexicon
from mrnn_np.scenes.grammar import Phrase, choose, say, sequence, weights
from mrnn_np.scenes.lexicon import Weights
from mrnn_np.scenes.world import PEOPLE, Thing

_ARTICLES = weights("a 85, the 15")
_NUMBERS = {
    2: weights("two 80, a couple of 10, some 10"),
    3: weights("three 80, a group of 10, some 10"),
    4: weights("four 80, a group of 10, some 10"),
}
_YOUNG = {"": 6.0, "little": 2.5, "young": 1.5}
_CHILDREN = weights("two children 6, two kids 4")


@lru_cache(maxsize=8192)
def noun_phrase(thing: Thing, brief: bool, new: bool = False) -> Phrase:
    """Return what `thing` may be called.

    `brief` leaves out clothes and all but one adjective, so that two or three words are left; `new` leaves out "the".
    """
    articles = {"a": 1.0} if new else _ARTICLES
    if thing.kind not in PEOPLE:
        return _described(thing, _adjectives(thing, brief), articles)
    bare = _described(thing, {"": 1.0}, articles)
    if thing.action == "swim":
        return bare
    young = _described(thing, _YOUNG, articles) if thing.kind in ("boy", "girl") else bare
    if not thing.colour:
        return young
    return choose([(young, 15), (sequence(bare, _clothes(thing, brief)), 85)])


def pair_phrase(first: Thing, second: Thing) -> Phrase:
    """Return what two single things of different kinds are called together: "a boy and a girl", "two children"."""
    both = sequence(noun_phrase(first, True), "and", noun_phrase(second, True))
    kinds = {first.kind, second.kind}
    if not kinds <= set(PEOPLE):
        return both
    together = choose(_CHILDREN) if kinds <= {"boy", "girl"} else say("two people")
    return choose([(both, 8), (together, 2)])


def pet_phrase(owner: Thing, pet: Thing) -> Phrase:
    """Return what a pet may be called beside its owner: "a dog", "his brown dog"."""
    whose = {"man": "his", "boy": "his", "woman": "her", "girl": "her"}.get(owner.kind, "a")
    return _described(pet, _adjectives(pet, True), {"a": 6.0, whose: 4.0})


def _described(thing: Thing, adjectives: Weights, articles: Weights) -> Phrase:
    """Return article or number, adjective and noun."""
    one, several = lexicon.NOUNS[lexicon.noun(thing.kind, thing.size, thing.action)]
    if thing.count > 1:
        return sequence(choose(_NUMBERS[thing.count]), choose(adjectives), choose(several))
    options: list[tuple[Phrase | str, float]] = []
    for adjective, weight in adjectives.items():
        for a in ("a", "an"):
            nouns = {noun: share for noun, share in one.items() if _article(adjective or noun) == a}
            if nouns:
                fitting = {a if article == "a" else article: share for article, share in articles.items()}
                share = sum(nouns.values()) / sum(one.values())
                options.append((sequence(choose(fitting), adjective, choose(nouns)), weight * share))
    return choose(options)


def _article(word: str) -> str:
    """Return the form of "a" before `word`; no word of the lexicon is spelt one way and spoken the other."""
    return "an" if word[0] in "aeiou" else "a"


def _adjectives(thing: Thing, brief: bool) -> Weights:
    """Return the adjectives of a thing that wears no clothes."""
    colour, size = thing.colour, thing.size
    table = {"": 1.0}
    if colour:
        table[colour] = 7.0
    if size:
        table[size] = 1.5 if colour else 5.0
    if colour and size:
        table[f"{size} {colour}"] = 4.0 if brief else 8.0
    return table


def _clothes(person: Thing, brief: bool) -> Phrase:
    """Return what people wear: "in a red shirt", "wearing red dresses", "dressed in red"."""
    colour = person.colour
    forms: list[tuple[Phrase | str, float]] = [(f"in {colour}", 42), (f"dressed in {colour}", 10)]
    if person.action != "surf" and not brief:
        one, several = lexicon.GARMENTS[person.kind]
        worn = sequence(colour, choose(several) if person.count > 1 else choose(one))
        if person.count == 1:
            worn = sequence(_article(colour), worn)
        forms += [(sequence("in", worn), 28), (sequence("wearing", worn), 20)]
    return choose(forms)
