"""Captions in which nobody has divided the words: Chinese, Japanese, Thai and others are written without spaces."""

import re
from collections import Counter

# Letters of a script, and how long its words are on average at most where they are divided; sentences are far longer.
_SCRIPTS = (
    (
        re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003fffd]"),
        2.5,
    ),  # Han, kana
    (re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"), 10.0),  # Thai, Lao, Burmese, Khmer
)
_SHARE = 0.1  # of all that is said


def undivided(words: Counter[str]) -> str | None:
    """Return what is wrong, and what to do, if many of the words said are whole sentences; None if they are not."""
    for script, longest in _SCRIPTS:
        of_script = {word: count for word, count in words.items() if script.search(word)}
        said = sum(of_script.values())
        letters = sum(len(word) * count for word, count in of_script.items())
        if said > _SHARE * words.total() and letters > longest * said:
            example = max(of_script, key=len)[:40]
            advice = "put spaces between words, as jieba does for Chinese, MeCab for Japanese, PyThaiNLP for Thai"
            return f"the captions are not divided into words, {example!r} would be one; {advice}"
    return None
