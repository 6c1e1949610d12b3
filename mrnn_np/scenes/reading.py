"""Read a caption of a scene as people do in passing: which things it mentions, and what it states of them.

The reader goes through the words once, left to right, and takes the longest phrase it knows at each. It does not ask
for a well-formed sentence, because a network's are not always; it asks what each phrase is about. What fits nowhere
becomes a statement of the kind "unparsable".
"""

from collections.abc import Container
from dataclasses import dataclass

from mrnn_np.scenes import meanings
from mrnn_np.scenes.meanings import Meaning, Table
from mrnn_np.scenes.world import DEEDS


@dataclass(frozen=True)
class Statement:
    """What the words from `start` to `end` (not included) state of things, numbered in order of their mention.

    `meaning` holds all that would make it true: keys of the lexicon's nouns (a thing), numbers (a count), colours (of
    garments as "colour kind", after who wears them), sizes, actions, relations in which the things before the last
    stand to the last (or OVERHEAD, of all of them), settings, or skies as "time sky".
    """

    kind: str
    start: int
    end: int
    mentions: tuple[int, ...] = ()
    meaning: Meaning = frozenset()


@dataclass
class _Noun:
    """A noun phrase: where it is, the numbers its determiner allows, its adjectives, its noun and what that may be."""

    start: int
    noun_start: int
    end: int
    numbers: Meaning | None
    adjectives: list[tuple[int, int]]
    sort: str  # thing, place, sky, garment, or "" where no noun follows


def read(words: tuple[str, ...]) -> list[Statement]:
    """Return what a caption states, in the order of its words."""
    reader = _Reader(words)
    while reader.at < len(words):
        reader.step()
    return reader.statements


class _Reader:
    """Where in the caption the reader is, and whom the caption is about there."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words
        self.at = 0
        self.statements: list[Statement] = []
        self.mentioned = 0
        self.begin_clause(())

    def begin_clause(self, subjects: tuple[int, ...]) -> None:
        """Be about `subjects` from here on, who have not done anything yet."""
        self.subjects = subjects
        self.deed: Meaning = frozenset()  # what they do to someone not mentioned yet
        self.acted = self.joining = False

    def step(self) -> None:
        """Read one phrase."""
        word = self.words[self.at]
        if silent := self.longest(meanings.SILENT):
            self.at += silent
        elif word == "and":
            self.joining = True
            self.at += 1
        elif word == "while":
            self.begin_clause(())
            self.at += 1
        elif length := self.longest(meanings.ACTIONS):
            self.read_verb(length)
        elif length := self.longest(_INTRODUCTIONS):
            self.read_prepositional(length)
        elif (noun := self.noun_phrase(self.at)) and noun.sort == "thing":
            self.read_thing(noun)
        else:
            self.give_up(noun.end if noun else self.at + 1)

    def longest(self, table: Container[tuple[str, ...]], at: int | None = None) -> int:
        """Return how many words the longest phrase of `table` has that stands here, or 0."""
        at = self.at if at is None else at
        return next((n for n in (4, 3, 2, 1) if len(self.words) >= at + n and self.words[at : at + n] in table), 0)

    def state(
        self, kind: str, start: int, end: int, mentions: tuple[int, ...] = (), meaning: Meaning = frozenset()
    ) -> None:
        self.statements.append(Statement(kind, start, end, mentions, meaning))

    def give_up(self, end: int) -> None:
        """Leave the words from here to `end` unparsed."""
        self.state("unparsable", self.at, end)
        self.at = end

    def noun_phrase(self, start: int) -> _Noun | None:
        """Return the noun phrase that starts here, if one does."""
        at, numbers = start, None
        adjectives: list[tuple[int, int]] = []
        if length := self.longest(meanings.NUMBERS, at):
            numbers = meanings.NUMBERS[self.words[at : at + length]]
            at += length
        while True:
            for sort, table in _SORTS.items():
                if length := self.longest(table, at):
                    return _Noun(start, at, at + length, numbers, adjectives, sort)
            if not (length := self.longest(_ADJECTIVES, at)):
                break
            adjectives.append((at, at + length))
            at += length
        return _Noun(start, at, at, numbers, adjectives, "") if at > start else None

    def mention(self, noun: _Noun) -> int:
        """State what a noun phrase says of a thing, and return the number of its mention."""
        number = self.mentioned
        self.mentioned += 1
        said = self.words[noun.noun_start : noun.end]
        self.state("thing", noun.noun_start, noun.end, (number,), meanings.THINGS[said])
        many = meanings.NOUN_NUMBERS[said] & (noun.numbers or meanings.NOUN_NUMBERS[said])
        if len(many) < 4:
            self.state("count", noun.start, noun.end, (number,), many)
        for start, end in noun.adjectives:
            adjective = self.words[start:end]
            kind = "colour" if adjective in meanings.PAINTS else "size" if adjective in meanings.SIZES else "unparsable"
            self.state(kind, start, end, (number,), _ADJECTIVES[adjective])
        self.at = noun.end
        return number

    def read_thing(self, noun: _Noun) -> None:
        """Read a thing that no preposition introduces: someone who does something, or to whom it is done."""
        start = noun.start
        number = self.mention(noun)
        if self.deed:
            self.state("relation", start, self.at, (*self.subjects, number), self.deed)
            self.deed = frozenset()
        elif self.joining and not self.acted:
            self.subjects += (number,)
        elif self.joining or not self.subjects:
            self.begin_clause((number,))
        else:
            self.state("unparsable", start, self.at)
        self.joining = False

    def read_verb(self, length: int) -> None:
        """Read what the subjects do."""
        end = self.at + length
        if not self.subjects:
            return self.give_up(end)
        actions = meanings.ACTIONS[self.words[self.at : end]]
        self.state("action", self.at, end, self.subjects, actions)
        self.deed, self.acted = actions & frozenset(DEEDS), True
        self.at = end
        return None

    def read_prepositional(self, length: int) -> None:
        """Read where something is, when it is, what someone wears, or who is near."""
        start, after = self.at, self.at + length
        preposition = self.words[start:after]
        relations = meanings.PREPOSITIONS.get(preposition, frozenset())
        noun = self.noun_phrase(after)
        if noun is None:
            if "above" in relations and self.subjects:
                self.state("relation", start, after, self.subjects, meanings.OVERHEAD)
                self.at = after
            else:
                self.give_up(after)
        elif noun.sort == "thing":
            self.read_neighbour(preposition, noun)
        elif noun.sort in ("place", "sky") and preposition in meanings.PLACED:
            self.read_setting(preposition, noun)
        elif not self.read_adjectives(preposition, noun):
            self.give_up(noun.end)

    def read_neighbour(self, preposition: tuple[str, ...], noun: _Noun) -> None:
        """Read a thing after a preposition."""
        start = self.at
        number = self.mention(noun)
        others = (*(self.subjects or (0,)), number)
        self.deed = frozenset()
        if preposition == ("with",) and self.longest((meanings.IN_THE_BACKGROUND,)):
            self.at += len(meanings.IN_THE_BACKGROUND)
            self.state("relation", start, self.at, others, frozenset({"front"}))
        elif preposition == ("with",) and self.longest(meanings.ACTIONS):
            self.begin_clause((number,))
        elif self.subjects and meanings.PREPOSITIONS.get(preposition):
            self.state("relation", start, self.at, others, meanings.PREPOSITIONS[preposition])
        else:
            self.state("unparsable", start, self.at)

    def read_setting(self, preposition: tuple[str, ...], noun: _Noun) -> None:
        """Read a place, or a time or sky."""
        said = self.words[noun.noun_start : noun.end]
        meaning = meanings.SKIES[said] if noun.sort == "sky" else meanings.PLACES[said]
        if preposition in meanings.BESIDE and "sea" in meaning:
            meaning = meanings.BY_THE_SEA
        if said != ("sky",):
            self.state("setting", self.at, noun.end, (), meaning)
        elif self.subjects and preposition != ("under",):
            self.state("relation", self.at, noun.end, self.subjects, meanings.OVERHEAD)
        for start, end in noun.adjectives:
            light = meanings.LIGHTS.get(self.words[start:end])
            self.state("setting" if light else "unparsable", start, end, (), light or frozenset())
        self.at = noun.end

    def read_adjectives(self, preposition: tuple[str, ...], noun: _Noun) -> bool:
        """Read what someone wears ("in a red shirt", "dressed in red"), or "in the dark"; return whether it is one."""
        adjectives = [(start, end, self.words[start:end]) for start, end in noun.adjectives]
        colours = [(start, end, meanings.PAINTS[said]) for start, end, said in adjectives if said in meanings.PAINTS]
        lights = [(start, end, meanings.LIGHTS[said]) for start, end, said in adjectives if said in meanings.LIGHTS]
        if preposition in meanings.CLOTHED and self.mentioned and len(colours) == len(adjectives) > 0:
            for start, end, meaning in colours:
                if wearers := meanings.GARMENTS.get(self.words[end : noun.end]):
                    meaning, end = frozenset(f"{colour} {kind}" for colour in meaning for kind in wearers), noun.end
                self.state("colour", start, end, (self.mentioned - 1,), meaning)
        elif len(lights) == len(adjectives) > 0 and not noun.sort:
            for start, end, meaning in lights:
                self.state("setting", start, end, (), meaning)
        else:
            return False
        self.at = noun.end
        return True


_SORTS: dict[str, Table] = {
    "place": meanings.PLACES,
    "sky": meanings.SKIES,
    "thing": meanings.THINGS,
    "garment": meanings.GARMENTS,
}
_ADJECTIVES: Table = meanings.PAINTS | meanings.SIZES | meanings.LIGHTS
_INTRODUCTIONS = frozenset(meanings.PREPOSITIONS) | frozenset(meanings.CLOTHED)
