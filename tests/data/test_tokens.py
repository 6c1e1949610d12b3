"""The tokenising rule, clause by clause."""

import unicodedata

import pytest

from mrnn_np.data.tokens import tokenize


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" .,;!?-'\"\u2026 ", []),
        ("A dog runs .", ["a", "dog", "runs"]),
        ("dog,cat;bird", ["dog", "cat", "bird"]),
        ("it's", ["it's"]),
        ("It\u2019s", ["it's"]),
        ("it\u02bcs", ["it's"]),
        ("dogs'", ["dogs"]),
        ("'tis", ["tis"]),
        ("'quoted'", ["quoted"]),
        ("\u2018quoted\u2019", ["quoted"]),
        ("rock'n'roll", ["rock'n'roll"]),
        ("it''s", ["it", "s"]),
        ("tri-colored", ["tri", "colored"]),
        ("snake_case", ["snake", "case"]),
        ("a\ttab\nand\u00a0more", ["a", "tab", "and", "more"]),
        ("3 dogs, 1.5 m, 1,000 cats, 2nd", ["3", "dogs", "1", "5", "m", "1", "000", "cats", "2nd"]),
        ("<start> & <unk>", ["start", "unk"]),
        ("CAF\u00c9", ["caf\u00e9"]),
        ("cafe\u0301", ["caf\u00e9"]),
        (
            "\u0421\u043e\u0431\u0430\u043a\u0430 \u0431\u0435\u0436\u0438\u0442",
            ["\u0441\u043e\u0431\u0430\u043a\u0430", "\u0431\u0435\u0436\u0438\u0442"],
        ),
        (
            "\u0915\u0941\u0924\u094d\u0924\u093e \u0939\u0948",
            ["\u0915\u0941\u0924\u094d\u0924\u093e", "\u0939\u0948"],
        ),
        ("\U0001f415 dog", ["dog"]),
    ],
)
def test_tokenize(text: str, words: list[str]):
    assert tokenize(text) == words


def test_words_are_stable():
    words = tokenize("\u0130stanbul's CAFE\u0301 - \u2018It\u2019s\u2019 \u0915\u0941\u0924\u094d \u00bd x\u00b2")
    assert len(words) == 6
    assert tokenize(" ".join(words)) == words


def test_endless_words_take_neither_time_nor_memory():
    for word in ("a" * 1_000_000, "a'" * 100_000 + "a", "a" + "\u0301" * 1_000_000):
        assert [len(found) for found in tokenize(word)] == [len(unicodedata.normalize("NFC", word))]
