"""Image names as people write them: one image is COCO_val2014_000000000042.jpg here, val2014/42 or just 42 there."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

_SUFFIX = re.compile(r"\.(?:jpe?g|png|gif|bmp|tiff?|webp)$", re.IGNORECASE)
_COCO = re.compile(r"COCO_[a-z]+[0-9]{4}_(?=[0-9]{12}$)")
_NUMBER = re.compile(r"0*([0-9]+)")


class NameIndex(Mapping[str, int]):
    """The row of every image, by any name that can only mean that one.

    A name is looked up as it is written.  If there is none like it, it means the one image whose name is the same but
    for what either of the two leaves out:

    * folders, as in "42.jpg" and "train/42.jpg", which are not both in folders of different names;
    * the suffix of an image file, as in "42" and "42.jpg";
    * COCO's prefix and leading zeros, as in "42" and "COCO_val2014_000000000042.jpg".

    Where several images could be meant there is no such name.
    """

    def __init__(self, names: Sequence[str]) -> None:
        """Number the `names`; of equal ones the last one counts."""
        self._names = names
        self._rows = {name: row for row, name in enumerate(names)}

    def __getitem__(self, name: str) -> int:
        """Return the row of the image that `name` means; raise KeyError when there is none or more than one."""
        row = self._rows.get(name)
        if row is not None:
            return row
        meant = [row for row in self._alike.get(_core(name), ()) if _agree(name, self._names[row])]
        if len(meant) != 1:
            raise KeyError(name)
        return meant[0]

    def __iter__(self) -> Iterator[str]:
        """Yield the names as they are written."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Return the number of different names."""
        return len(self._rows)

    @cached_property
    def _alike(self) -> dict[str, list[int]]:
        """The rows of the names that have the same core."""
        alike: dict[str, list[int]] = {}
        for name, row in self._rows.items():
            alike.setdefault(_core(name), []).append(row)
        return alike


def _core(name: str) -> str:
    """Return what is left of a name without folders, suffix, COCO's prefix and leading zeros."""
    stem = _COCO.sub("", _SUFFIX.sub("", name.rpartition("/")[2]))
    number = _NUMBER.fullmatch(stem)
    return number[1] if number else stem


def _agree(one: str, other: str) -> bool:
    """Whether two names of the same core contradict each other in nothing that both of them say."""
    for part in (_folders, _suffix, _prefix):
        first, second = sorted((part(one), part(other)), key=len)
        if not second.endswith(first):
            return False
    return True


def _folders(name: str) -> str:
    folders = name.rpartition("/")[0]
    return f"/{folders}" if folders else ""


def _suffix(name: str) -> str:
    found = _SUFFIX.search(name)
    return found[0].lower().replace("jpeg", "jpg") if found else ""


def _prefix(name: str) -> str:
    found = _COCO.match(_SUFFIX.sub("", name.rpartition("/")[2]))
    return found[0] if found else ""
