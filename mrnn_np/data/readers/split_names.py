"""Names of splits as people write them: one split is train here, Training or TRAIN2014 there."""

import re
from pathlib import Path

from mrnn_np.errors import UserError

KNOWN_SPLITS = ("train", "restval", "val", "dev", "crVal", "test")
"""The splits that something is done with, or that are known to be there for another use."""

_MEANT = {
    "train": "train",
    "training": "train",
    "restval": "restval",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "dev",
    "devel": "dev",
    "development": "dev",
    "test": "test",
    "testing": "test",
}
_MORE = re.compile(r"[ _-]?(?:set|split|images|[0-9]{4})$")
_FIRST_WORDS = re.compile(r"(?<![A-Za-z])(?:[A-Z]?[a-z]+|[A-Z]+(?![a-z]))")
_LONGEST = 40


def split_name(written: str, where: str) -> str:
    """Return the one name of a split that is meant: "val" for "Validation" or "VAL2014", any other in lower case.

    Raises UserError, beginning with `where`, when that can be no name.
    """
    name = written.strip().lower()
    if not name or len(name) > _LONGEST or not name.isprintable():
        raise UserError(f"{where}: the split is {written[:_LONGEST]!r}; expected train, val, test or the like")
    return _MEANT.get(_MORE.sub("", name), name)


def split_in_name(path: Path) -> str | None:
    """Return the split that a file's name tells: "dev" of "Flickr_8k.devImages.txt", None of "readme.txt"."""
    words = (word.lower() for word in _FIRST_WORDS.findall(path.stem))
    found = {_MEANT[word] for word in words if word in _MEANT}
    return found.pop() if len(found) == 1 else None
