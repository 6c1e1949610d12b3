"""Captions in scripts without spaces: sentences that became words, and words that did not."""

from collections import Counter

import pytest

from mrnn_np.data.tokens import tokenize
from mrnn_np.data.undivided import undivided

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
