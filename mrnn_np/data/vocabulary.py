"""Words to integers and back: the M words that layer I looks up and the softmax chooses from."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mrnn_np.errors import UserError

START, END, UNK = 0, 1, 2
SPECIAL = ("<start>", "<end>", "<unk>")


@dataclass(frozen=True)
class Vocabulary:
    """The known words; a word's id is its place in `words`.

    The first three are not words of the language.  START begins every sentence as the model's first input,
    END is the last word it predicts, UNK stands for any word that is not in the vocabulary.

    Raises UserError when these three do not come first, or when a word occurs twice, is empty or holds a
    space.
    """

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse words that could not be told apart or written one a line."""
        if self.words[: len(SPECIAL)] != SPECIAL:
            found, expected = " ".join(self.words[: len(SPECIAL)])[:60], " ".join(SPECIAL)
            raise UserError(f"vocabulary: the first words are {found!r}; expected {expected!r}")
        seen: set[str] = set()
        for line, word in enumerate(self.words, 1):
            if word.split() != [word]:
                raise UserError(f"vocabulary: line {line} is {word[:60]!r}; expected one word without spaces")
            if word in seen:
                raise UserError(f"vocabulary: line {line} repeats {word[:60]!r}; expected each word once")
            seen.add(word)

    @classmethod
    def build(cls, sentences: Iterable[Sequence[str]], min_count: int = 5) -> "Vocabulary":
        """Return the vocabulary of the words that occur `min_count` times or more in `sentences`.

        The order is stable: most frequent first, words of equal count alphabetically.

        Raises UserError when no word is frequent enough.
        """
        counts = Counter(word for sentence in sentences for word in sentence)
        kept = [word for word, count in counts.items() if count >= min_count]
        if not kept:
            found = f"none of the {len(counts):,} different words occurs {min_count} times or more"
            raise UserError(f"vocabulary: {found}; lower the minimum count or give more captions")
        return cls((*SPECIAL, *sorted(kept, key=lambda word: (-counts[word], word))))

    @cached_property
    def id_of(self) -> dict[str, int]:
        """The id of every word, as a dictionary."""
        return {word: number for number, word in enumerate(self.words)}

    def encode(self, words: Sequence[str]) -> npt.NDArray[np.int32]:
        """Return the ids of a sentence's `words` and END: int32 (len(words) + 1,).

        START is not among them: these are the words to predict.  Unknown words become UNK.
        """
        return np.array([*(self.id_of.get(word, UNK) for word in words), END], np.int32)

    def decode(self, ids: Iterable[int]) -> str:
        """Return the words of `ids` with a space between them, up to the first END and without START."""
        words = []
        for number in ids:
            if number == END:
                break
            if number != START:
                words.append(self.words[number])
        return " ".join(words)

    def __len__(self) -> int:
        """Return M, the number of words with the three special ones."""
        return len(self.words)

    def to_text(self) -> str:
        """Return the text a checkpoint stores: one word a line, in the order of the ids."""
        return "".join(f"{word}\n" for word in self.words)

    @classmethod
    def from_text(cls, text: str) -> "Vocabulary":
        """Return the vocabulary that `to_text` wrote as `text`; raise UserError as the class does."""
        return cls(tuple(text.removesuffix("\n").split("\n")))
