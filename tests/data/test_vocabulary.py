"""Words and ids: a stable order, round trips, and what is refused."""

import numpy as np
import pytest

from mrnn_np.data.vocabulary import END, SPECIAL, START, UNK, Vocabulary
from mrnn_np.errors import UserError

SENTENCES = [["a", "dog", "runs"], ["a", "cat", "runs"], ["a", "zebra"]]


def test_order_is_by_count_then_alphabet():
    vocabulary = Vocabulary.build(SENTENCES, min_count=1)
    assert vocabulary.words == ("<start>", "<end>", "<unk>", "a", "runs", "cat", "dog", "zebra")
    assert vocabulary == Vocabulary.build(reversed(SENTENCES), min_count=1)
    assert len(vocabulary) == 8


def test_special_words_have_the_ids_of_their_constants():
    assert (SPECIAL[START], SPECIAL[END], SPECIAL[UNK]) == ("<start>", "<end>", "<unk>")


def test_rare_words_are_left_out():
    assert Vocabulary.build(SENTENCES, min_count=2).words[3:] == ("a", "runs")
    assert Vocabulary.build([["five"] * 5, ["four"] * 4]).words[3:] == ("five",)


def test_encode():
    ids = Vocabulary.build(SENTENCES, min_count=2).encode(["a", "dog", "runs"])
    assert ids.dtype == np.int32
    assert ids.tolist() == [3, UNK, 4, END]


def test_encode_of_no_words_is_end():
    ids = Vocabulary.build(SENTENCES, min_count=2).encode([])
    assert ids.dtype == np.int32
    assert ids.tolist() == [END]


def test_decode():
    vocabulary = Vocabulary.build(SENTENCES, min_count=1)
    assert vocabulary.decode(vocabulary.encode(["a", "dog", "flies"])) == "a dog <unk>"
    assert vocabulary.decode([START, 3, 4, END, 5]) == "a runs"
    assert vocabulary.decode(np.array([3, 4])) == "a runs"
    assert vocabulary.decode([END, 3]) == ""


def test_text_round_trip():
    vocabulary = Vocabulary.build([["caf\u00e9", "it's", "\u72d7"]], min_count=1)
    text = vocabulary.to_text()
    assert text == "<start>\n<end>\n<unk>\ncaf\u00e9\nit's\n\u72d7\n"
    assert Vocabulary.from_text(text) == vocabulary
    assert Vocabulary.from_text(text.removesuffix("\n")) == vocabulary


def test_build_without_frequent_words():
    with pytest.raises(UserError, match=r"^vocabulary: none of the 5 different words occurs 9 times or more; lower"):
        Vocabulary.build(SENTENCES, min_count=9)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the first words are ''; expected '<start> <end> <unk>'"),
        ("<start>\n<unk>\n<end>\na\n", "the first words are '<start> <unk> <end>'; expected"),
        ("a\nb\n", "the first words are 'a b'; expected"),
        ("<start>\n<end>\n<unk>\na\nb\na\n", "line 6 repeats 'a'; expected each word once"),
        ("<start>\n<end>\n<unk>\n<end>\n", "line 4 repeats '<end>'; expected each word once"),
        ("<start>\n<end>\n<unk>\na\n\nb\n", "line 5 is ''; expected one word without spaces"),
        ("<start>\n<end>\n<unk>\na b\n", "line 4 is 'a b'; expected one word without spaces"),
        ("<start>\n<end>\n<unk>\na\r\n", r"line 4 is 'a\\r'; expected one word without spaces"),
    ],
)
def test_text_that_is_no_vocabulary(text: str, message: str):
    with pytest.raises(UserError, match=f"^vocabulary: {message}"):
        Vocabulary.from_text(text)
