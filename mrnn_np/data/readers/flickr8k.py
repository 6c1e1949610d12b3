"""Flickr8k as its authors distribute it: one file of captions and three lists of images.

    Flickr8k.token.txt           name.jpg#k<TAB>caption     the k-th caption of a photograph
    Flickr_8k.trainImages.txt    name.jpg                   a photograph a line; also devImages, testImages

M. Hodosh, P. Young, J. Hockenmaier: Framing image description as a ranking task, JAIR 47, 2013.
"""

import os
import re
from pathlib import Path

from mrnn_np.data.readers.corpus import Splits, Tokens, named, require_once
from mrnn_np.data.readers.splits import Entries, match_lists
from mrnn_np.data.tokens import tokenize
from mrnn_np.errors import UserError
from mrnn_np.files import read_lines

_CAPTION = re.compile(r"(?P<image>[^\t]+)#(?P<k>[0-9]{1,9})\t(?P<text>.*)")


def read_flickr8k(folder: Path) -> tuple[Splits, Tokens]:
    """Read the splits and the captions of Flickr8k from a folder.

    Returns the images' names per split ("train", and "dev" and "test" where their lists exist), and the
    tokenised captions per image, both in the order of the files.  The lists may name an image in any of the ways that
    `NameIndex` understands.

    Raises UserError when the folder, the captions or the list of training images is missing, and with file
    and line when a line is not what it should be, an image is listed twice, or a caption has no words or is
    given twice.
    """
    if not os.path.isdir(folder):
        raise UserError(f"{folder}: no such folder; expected one that holds Flickr8k.token.txt")
    lists = _read_lists(folder)
    captions = _read_captions(folder / "Flickr8k.token.txt")
    return match_lists(lists, captions), captions


def _read_lists(folder: Path) -> dict[str, Entries]:
    lists: dict[str, Entries] = {}
    for split in ("train", "dev", "test"):
        path = folder / f"Flickr_8k.{split}Images.txt"
        if split != "train" and not os.path.exists(path):
            continue
        images = read_lines(path)
        for number, image in enumerate(images, 1):
            if not image.strip():
                raise UserError(f"{path}:{number}: the line is empty; expected the name of an image")
        if not images:
            raise UserError(f"{path}: the file is empty; expected the name of an image a line")
        lists[split] = [(f"{path}:{number}", image) for number, image in enumerate(images, 1)]
    return lists


def _read_captions(path: Path) -> Tokens:
    captions: Tokens = {}
    line_of: dict[tuple[str, int], int] = {}
    for number, line in enumerate(read_lines(path), 1):
        parts = _CAPTION.fullmatch(line)
        if parts is None:
            raise UserError(f"{path}:{number}: {line[:60]!r}; expected name.jpg#k, a tab and a caption")
        words = tokenize(parts["text"])
        if not words:
            raise UserError(f"{path}:{number}: {parts['text'][:60]!r} has no words; expected a caption")
        image, k = named(parts["image"], f"{path}:{number}"), int(parts["k"])
        require_once(line_of, image, k, path, number)
        captions.setdefault(image, []).append(words)
    return captions
