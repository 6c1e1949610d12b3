"""What the words of scene captions mean, phrase by phrase, in the terms of scene descriptions.

Nouns and verbs come from the generator's own lexicon: a word means for the reader what it means for the writer. All
else (numbers, prepositions, places, skies) is written out here once more, so that a slip on either side does not go
unseen.
"""

from collections import defaultdict
from typing import TypeAlias

from mrnn_np.scenes import lexicon
from mrnn_np.scenes.world import COLOURS, PEOPLE

Meaning: TypeAlias = frozenset[str]
"""All that a phrase may mean: "some" is {"2", "3", "4"}."""
Table: TypeAlias = dict[tuple[str, ...], Meaning]
"""The meanings of phrases; a phrase is the tuple of its words."""


def _table(entries: dict[str, str]) -> Table:
    """Read {"some, a few": "2 3"} as {("some",): {"2", "3"}, ("a", "few"): {"2", "3"}}."""
    return {
        tuple(phrase.split()): frozenset(meaning.split())
        for phrases, meaning in entries.items()
        for phrase in phrases.split(", ")
    }


SEVERAL = frozenset({"2", "3", "4"})
NUMBERS = _table(
    {
        "a, an, one": "1",
        "two, a couple of, a pair of": "2",
        "three": "3",
        "four": "4",
        "some, several": "2 3 4",
        "a group of": "3 4",
        "the, his, her, their": "1 2 3 4",
    }
)
SIZES = _table({"small": "small", "big, large": "big", "little": "small boy girl", "young": "boy girl"})
PAINTS = {(colour,): frozenset({colour}) for colours in COLOURS.values() for colour in colours if colour}

# Relations, as things are to one another, that a preposition may stand for.
PREPOSITIONS = _table(
    {
        "next to, beside": "left right lead",
        "near, by, close to": "left right front behind under on lead",
        "to the left of, on the left of": "left",
        "to the right of, on the right of": "right",
        "in front of": "front",
        "behind": "behind",
        "under": "under",
        "above, overhead": "above",
        "over": "over above",
        "on": "on ride",
        "in": "row",
        "with": "left right lead",
        "across, along, through, down, at, during, as": "",
    }
)
PLACED = frozenset(PREPOSITIONS) - {("with",)}  # those that a place, a time or a sky may follow
OVERHEAD = frozenset({"overhead"})  # in the air, above whatever there is
IN_THE_BACKGROUND = ("in", "the", "background")
CLOTHED = (("in",), ("dressed", "in"), ("wearing",))

PLACES = _table(
    {
        "field, grassy field, green field, meadow": "field",
        "grass, green grass": "field park",
        "park, path, green park": "park",
        "beach, sandy beach, sand, shore": "beach",
        "street, city street, road, city": "street",
        "forest, green forest, woods": "forest",
        "snow, white snow, snowy field, snowy ground": "snow",
        "sea, blue sea, ocean, water": "sea",
        "sky": "field park beach street forest snow sea",
    }
)
BESIDE = (("by",), ("near",), ("close", "to"), ("beside",), ("next", "to"))
BY_THE_SEA = frozenset({"beach", "sea"})  # who is "by the sea" may be in the one or at the other

# Skies, as "time sky".
SKIES = {
    phrase: frozenset(times.replace("-", " ") for times in meaning)
    for phrase, meaning in _table(
        {
            "sun, sunshine, sun shines": "day-sun sunset-sun",
            "sunny day": "day-sun",
            "clouds, white clouds, cloudy sky, cloudy day": "day-clouds day-rain",
            "rain, rainy day, rainy sky, rain falls": "day-rain",
            "clear day, clear sky": "day-clear day-sun",
            "blue sky, clear blue sky": "day-clear day-sun",
            "day": "day-sun day-clouds day-clear day-rain",
            "sunset, dusk, evening, sun sets": "sunset-sun",
            "night": "night-moon night-stars",
            "moon, moonlight, moon shines": "night-moon",
            "stars, starry night, starry sky": "night-stars",
        }
    ).items()
}
LIGHTS: Table = {("sunny",): SKIES[("sun",)], ("dark",): SKIES[("night",)]}

# Words that claim nothing of themselves.
_MANNERS = {(manner,) for manners in lexicon.MANNERS.values() for manner in manners}
SILENT = {
    ("there", "is"),
    ("there", "are"),
    ("here", "is"),
    ("here", "are"),
    ("we", "see"),
    ("is",),
    ("are",),
} | _MANNERS


def _nouns() -> tuple[Table, Table]:
    """Return what each noun may name, as keys of the lexicon's NOUNS, and how many of it."""
    named: dict[tuple[str, ...], set[str]] = defaultdict(set)
    numbers: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for key, (one, several) in lexicon.NOUNS.items():
        for nouns, many in ((one, {"1"}), (several, SEVERAL)):
            for noun in nouns:
                named[(noun,)].add(key)
                numbers[(noun,)] |= many
    return {noun: frozenset(keys) for noun, keys in named.items()}, {noun: frozenset(n) for noun, n in numbers.items()}


def _garments() -> Table:
    """Return who wears each garment."""
    garments = {garment for forms in lexicon.GARMENTS.values() for nouns in forms for garment in nouns}
    return {
        (garment,): frozenset(
            kind for kind, forms in lexicon.GARMENTS.items() if any(garment in nouns for nouns in forms)
        )
        for garment in garments
    }


def _verbs() -> Table:
    """Return what each form of a verb may say that something does.

    For the writer a preposition may belong to the verb ("sits on"), for the reader it belongs to what follows, as long
    as the verb is one without it.
    """
    said = defaultdict(set)
    for key, forms in lexicon.VERBS.items():
        for form in (form.removeprefix("is ").removeprefix("are ") for verb in forms for form in verb.split("|")):
            said[tuple(form.split())].add(key.split()[-1])
    tied = {form for form in said if form[-1] in ("on", "in", "over", "with") and form[:1] in said}
    return {form: frozenset(actions) for form, actions in said.items() if form not in tied}


THINGS, NOUN_NUMBERS = _nouns()
for _word in ("person", "people"):  # children are people too, if rarely called so
    THINGS[(_word,)] = frozenset(PEOPLE)
GARMENTS = _garments()
ACTIONS = _verbs()
