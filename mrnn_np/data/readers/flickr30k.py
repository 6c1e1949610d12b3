"""Flickr30k, in both forms in which it is passed on.

    results_20130124.token    name.jpg#k<TAB>caption       as its authors distribute it
    results.csv               name.jpg| k| caption         as Kaggle does, with a first line of column names

P. Young, A. Lai, M. Hodosh, J. Hockenmaier: From image descriptions to visual denotations, TACL 2, 2014.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from mrnn_np.data.readers.corpus import Caption, Corpus, named, require_once, split_by_name, tokens_by_image
from mrnn_np.data.readers.splits import read_split_lists
from mrnn_np.errors import UserError
from mrnn_np.files import find_files, read_lines

_TOKEN = re.compile(r"(?P<image>[^\t]+)#(?P<k>[0-9]{1,9})(?P<bar>\t)(?P<text>.*)")
# One line of results.csv, of 2199200615.jpg, has only the first of its two bars.
_CSV = re.compile(r"(?P<image>[^|]+)\|\s*(?P<k>[0-9]{1,9})\s*(?P<bar>\||(?<=\s))(?P<text>.*)")
_FORMS = {
    "results_20130124.token": (_TOKEN, "name.jpg#k, a tab and a caption"),
    "results.csv": (_CSV, "name.jpg| k| caption"),
}


def read_flickr30k(folder: Path, lists: Path | None) -> Corpus:
    """Read Flickr30k from a folder that holds results_20130124.token or results.csv.

    It has no official split.  The splits are those of the lists of images in `lists`, or in the folder itself (see
    `read_split_lists`); where there is none, they are made by a hash of the names, as large as the paper's.

    Raises UserError when the folder or the captions are missing, and with file and line when a line is not what it
    should be or a caption is given twice.
    """
    there = find_files(folder, "results*")
    path = next((folder / name for name in _FORMS if folder / name in there), None)
    if path is None:
        raise UserError(f"{folder}: holds no captions of Flickr30k; expected {' or '.join(_FORMS)} there")
    notes: list[str] = []
    tokens, empty = tokens_by_image(_read_captions(path, notes))
    splits = read_split_lists(lists or folder, tokens)
    if not splits:
        splits, note = split_by_name(list(tokens))
        notes.append(f"{folder}: {note}")
    return Corpus(splits, tokens, (*notes, *empty))


def _read_captions(path: Path, notes: list[str]) -> Iterator[Caption]:
    """Yield the captions of a file, and add a note on each line that had to be mended."""
    pattern, expected = _FORMS[path.name]
    line_of: dict[tuple[str, int], int] = {}
    for number, line in enumerate(read_lines(path), 1):
        if number == 1 and line.startswith("image_name"):
            continue
        parts = pattern.fullmatch(line)
        if parts is None:
            raise UserError(f"{path}:{number}: {line[:60]!r}; expected {expected}")
        image, k = named(parts["image"], f"{path}:{number}"), int(parts["k"])
        require_once(line_of, image, k, path, number)
        if not parts["bar"]:
            notes.append(f"{path}:{number}: no bar behind the number, read as caption {k} of {image!r}")
        yield Caption(image, parts["text"], f"{path}:{number}")
