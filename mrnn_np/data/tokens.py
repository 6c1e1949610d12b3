"""Text to words: the one rule by which every caption becomes a sequence of words, and what it cannot divide."""

import re
import unicodedata
from collections import Counter

_ONE_SPELLING = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc", "'") | {"_": " "})

# Vowel signs and accents that stand as characters of their own (Hindi, Thai, Hebrew): `\w` leaves them out.
_MARKS = "".join(c for c in map(chr, range(0x300, 0x10000)) if unicodedata.category(c).startswith("M"))

_LETTERS = rf"\w[\w{_MARKS}]*"
_WORD = re.compile(rf"{_LETTERS}(?:'{_LETTERS})*")

# Scripts that are written without spaces: their letters, and the most letters that a word has on average where somebody
# has divided the words.  Whole sentences, taken for words, are far longer.
_HAN_AND_KANA = "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003fffd]"
_THAI_LAO_BURMESE_KHMER = "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
_SCRIPTS = ((re.compile(_HAN_AND_KANA), 2.5), (re.compile(_THAI_LAO_BURMESE_KHMER), 10.0))
_SHARE_OF_WORDS = 0.1
"""From which share of all words said a script's are looked at."""


def tokenize(text: str) -> list[str]:
    """Return the words of `text`, in order, lower case.

    The rule, in full:

    1. Lower case; Unicode's composed form (NFC), so that two encodings of one accented letter are one letter;
       curly apostrophes become straight ones.
    2. A word is a longest run of letters and digits of any script, each with its marks.  An apostrophe
       belongs to the word when a letter or digit stands on both sides: "it's" is one word, "dogs'" is
       "dogs", "'quoted'" is "quoted".
    3. Everything else (spaces, hyphens, punctuation, underscores, symbols) separates words and is dropped:
       "tri-colored" is two words, and so is "1.5".

    No word therefore contains a space or an angle bracket, so none can be mistaken for "<start>" or "<end>".
    """
    return _WORD.findall(unicodedata.normalize("NFC", text.lower()).translate(_ONE_SPELLING))


def undivided(words: Counter[str]) -> str | None:
    """Return what is wrong, and what to do, if many of the words said are whole sentences; None if they are not."""
    for script, longest in _SCRIPTS:
        of_script = {word: count for word, count in words.items() if script.search(word)}
        said = sum(of_script.values())
        letters = sum(len(word) * count for word, count in of_script.items())
        if said > _SHARE_OF_WORDS * words.total() and letters > longest * said:
            example = max(of_script, key=len)[:40]
            advice = "put spaces between words, as jieba does for Chinese, MeCab for Japanese, PyThaiNLP for Thai"
            return f"the captions are not divided into words, {example!r} would be one; {advice}"
    return None
