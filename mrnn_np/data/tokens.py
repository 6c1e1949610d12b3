"""Text to words: the one rule by which every caption, of every data set, becomes a sequence of words."""

import re
import unicodedata

_ONE_SPELLING = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc", "'") | {"_": " "})

# Vowel signs and accents that stand as characters of their own (Hindi, Thai, Hebrew): `\w` leaves them out.
_MARKS = "".join(c for c in map(chr, range(0x300, 0x10000)) if unicodedata.category(c).startswith("M"))

_LETTERS = rf"\w[\w{_MARKS}]*"
_WORD = re.compile(rf"{_LETTERS}(?:'{_LETTERS})*")


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
