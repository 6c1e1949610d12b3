"""What every reader of a data set returns, and what readers share on the way to it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from mrnn_np.data.names import image_name
from mrnn_np.data.tokens import tokenize
from mrnn_np.errors import UserError

Splits = dict[str, tuple[str, ...]]
"""The names of the images of each split."""
Tokens = dict[str, list[list[str]]]
"""The captions of each image, each a list of words."""


class Corpus(NamedTuple):
    """The splits and the captions of a data set as its files have them; `notes` says what was done to them.

    `ids` holds the number of each image where the data set numbers them, as COCO does.
    """

    splits: Splits
    captions: Tokens
    notes: tuple[str, ...] = ()
    ids: Mapping[str, int] = MappingProxyType({})


class Caption(NamedTuple):
    """One caption as it is written, its image as `named` calls it, and where it stands, "file:line" or the like."""

    image: str
    text: str
    where: str


def named(written: str, where: str) -> str:
    """Return an image's name as `image_name` spells it; raise UserError, beginning with `where`, if there is none."""
    name = image_name(written)
    if not name:
        raise UserError(f"{where}: the image has no name; expected one")
    return name


def require_once(line_of: dict[tuple[str, int], int], image: str, k: int, path: Path, line: int) -> None:
    """Note in which line caption `k` of an image stands; raise UserError where it stands in another one already."""
    first = line_of.setdefault((image, k), line)
    if first != line:
        found = f"caption {k} of {image!r} stands in line {first} already"
        raise UserError(f"{path}:{line}: {found}; expected each caption once")


def tokens_by_image(captions: Iterable[Caption]) -> tuple[Tokens, tuple[str, ...]]:
    """Return the words of all captions, and a note where some have none; those are left out."""
    words_of: Tokens = {}
    empty = []
    for caption in captions:
        words = tokenize(caption.text)
        if words:
            words_of.setdefault(caption.image, []).append(words)
        else:
            empty.append(caption)
    if not empty:
        return words_of, ()
    found = f"{len(empty):,} captions without a word left out, the first {empty[0].text[:60]!r}"
    return words_of, (f"{empty[0].where}: {found}",)


def split_by_name(images: Sequence[str]) -> tuple[Splits, str]:
    """Divide images into "train", "val" and "test" where nobody else has, and return a note that says so.

    "val" and "test" get a tenth each, and no more than 1,000 images; where there are fewer than 3, all are "train".
    """
    splits: Splits = {"train": tuple(images)}
    if len(images) > 2:
        size = _tenth(images)
        test = _held_out(images, size)
        val = _held_out([image for image in images if image not in test], size)
        splits = {
            "train": tuple(image for image in images if image not in test | val),
            "val": tuple(image for image in images if image in val),
            "test": tuple(image for image in images if image in test),
        }
    sizes = ", ".join(f"{len(names):,} {split}" for split, names in splits.items())
    return splits, f"no official split, divided by a hash of the images' names: {sizes}"


def hold_out_val(splits: Splits) -> tuple[Splits, str]:
    """Move a tenth of "train", and no more than 1,000 images, to a new split "val"; return a note that says so."""
    val = _held_out(splits["train"], _tenth(splits["train"]))
    divided: Splits = {
        "train": tuple(image for image in splits["train"] if image not in val),
        "val": tuple(image for image in splits["train"] if image in val),
        **{split: images for split, images in splits.items() if split != "train"},
    }
    return divided, f"no official val split, {len(val):,} training images held out by a hash of their names"


def _tenth(images: Sequence[str]) -> int:
    return min(1000, max(1, len(images) // 10))


def _held_out(images: Sequence[str], size: int) -> set[str]:
    """Return `size` of the images: the same ones in every order, and mostly the same when some are added."""
    return set(sorted(images, key=lambda image: hashlib.sha256(image.encode("utf-8", "surrogatepass")).digest())[:size])
