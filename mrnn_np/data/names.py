"""Image names as people write them: one image is COCO_val2014_000000000042.jpg here, val2014/42 or just 42 there."""

import posixpath
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice

_SUFFIX = re.compile(
    r"\.(?:jpe?g|jpe|jfif|png|gif|bmp|webp|tiff?|p[pgb]m|avif|hei[cf]|jp2|j2k|jpx|tga)$", re.IGNORECASE
)
_COCO = re.compile(r"COCO_[a-z]+[0-9]{4}_(?=[0-9]{12}$)")


def image_name(written: str) -> str:
    """Return the one spelling in which names are compared, "" where there is no name.

    It is Unicode's composed form (NFC), because a Mac's file system writes an accent behind its letter; "/" stands
    between folders, "./" nowhere, and no white space or byte order mark around it.  A URL stays as it is.
    """
    written = unicodedata.normalize("NFC", written).replace("\ufeff", "").strip()
    name = written if "://" in written else posixpath.normpath(written.replace("\\", "/"))
    return name if name.strip("./") else ""


class NameIndex(Mapping[str, int]):
    """The row of every image, by any name that can only mean that one.

    A name is looked up as `image_name` spells it.  If there is none like it, it means the one image whose name is the
    same but for what either of the two leaves out:

    * folders, as in "42.jpg" and "train/42.jpg", which are not both in folders of different names;
    * the suffix of an image file, as in "42" and "42.jpg";
    * COCO's prefix and leading zeros, as in "42" and "COCO_val2014_000000000042.jpg".

    Where several images could be meant there is no such name.
    """

    def __init__(self, names: Sequence[str]) -> None:
        """Number the `names`; of equal ones the last one counts."""
        self._rows = {image_name(name): row for row, name in enumerate(names)}

    def __getitem__(self, name: str) -> int:
        """Return the row of the image that `name` means; raise KeyError when there is none or more than one."""
        row = self._rows.get(image_name(name))
        if row is not None:
            return row
        meant = list(islice(self.alike(name), 2))
        if len(meant) != 1:
            raise KeyError(name)
        return self._rows[meant[0]]

    def __iter__(self) -> Iterator[str]:
        """Yield the names as `image_name` spells them."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Return the number of different names."""
        return len(self._rows)

    def alike(self, name: str) -> Iterator[str]:
        """Yield the names that could mean the same image as `name`, that name itself included."""
        name = image_name(name)
        ending_in, named_whole = self._by_tails
        *tails, whole = _tails(name)
        longer, shorter = ending_in.get(whole, ()), (named_whole.get(tail, ()) for tail in tails)
        for other in chain(longer, *shorter):
            if other == name or _agree(name, other):
                yield other

    @cached_property
    def _by_tails(self) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
        """The names by each of their tails, and by the whole: of a thousand folders' 1.jpg one is found at once."""
        ending_in: dict[int, list[str]] = {}
        named_whole: dict[int, list[str]] = {}
        for name in self._rows:
            tails = _tails(name)
            for tail in tails:
                ending_in.setdefault(tail, []).append(name)
            named_whole.setdefault(tails[-1], []).append(name)
        return ending_in, named_whole


def _tails(name: str) -> list[int]:
    """Return the hashes of a name's core alone, with the last of its folders, with the last two, and so on."""
    tails = [hash(_core(name))]
    for folder in reversed(name.split("/")[:-1]):
        tails.append(hash((folder, tails[-1])))
    return tails


def _core(name: str) -> str:
    """Return what is left of a name without folders, suffix, COCO's prefix and leading zeros."""
    stem = _COCO.sub("", _SUFFIX.sub("", name.rpartition("/")[2]))
    return stem.lstrip("0") or "0" if stem.isascii() and stem.isdigit() else stem


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
