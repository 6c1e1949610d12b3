"""Words, in every script that divides them, and captions in which nobody has divided them."""

import unicodedata
from collections import Counter

import pytest

from mrnn_np.data.tokens import tokenize, undivided


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


ENGLISH = ["A dog runs across the grass.", "Two men wait at a bus stop in the rain."] * 5


@pytest.mark.parametrize(
    ("captions", "example"),
    [
        (["一个男人在草地上奔跑。", "两只狗在雪地里玩耍\uff0c很开心。"], "一个男人在草地上奔跑"),
        (["一只猫"], "一只猫"),
        (["2只狗在雪地里玩耍"], "2只狗在雪地里玩耍"),
        (["草の上を走る犬", "赤いスケートボードに乗る男の子"], "赤いスケートボードに乗る男の子"),
        (["ผู้ชายกำลังวิ่งบนสนามหญ้า", "สุนัขสองตัวเล่นในหิมะ"], "ผู้ชายกำลังวิ่งบนสนามหญ้า"),
        (["បុរសម្នាក់កំពុងរត់លើស្មៅ"], "បុរសម្នាក់កំពុងរត់លើស្មៅ"),
        ([*ENGLISH, *["两只狗在雪地里玩耍"] * 20], "两只狗在雪地里玩耍"),
    ],
)
def test_sentences_that_became_words(captions: list[str], example: str):
    problem = undivided(Counter(word for text in captions for word in tokenize(text)))
    assert problem is not None
    assert f"the captions are not divided into words, '{example}' would be one; put spaces between words" in problem


@pytest.mark.parametrize(
    "captions",
    [
        ENGLISH,
        ["一个 男人 在 草地 上 奔跑 。", "两 只 狗 在 雪地 里 玩耍 \uff0c 很 开心 。"],
        [" ".join("一个男人在草地上奔跑")],
        ["草 の 上 を 走る 犬", "赤い スケートボード に 乗る 男の子"],
        ["ผู้ชาย กำลัง วิ่ง บน สนาม หญ้า"],
        ["남자가 잔디 위를 달리고 있다", "ein Donaudampfschifffahrtsgesellschaftskapitän", "घास पर दौड़ता कुत्ता"],
        [*ENGLISH, "中华人民共和国万岁"],
        [],
    ],
)
def test_words_that_are_words(captions: list[str]):
    assert undivided(Counter(word for text in captions for word in tokenize(text))) is None
