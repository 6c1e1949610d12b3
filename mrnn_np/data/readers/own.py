"""People's own data: a table in CSV, or JSON line by line.

    image,caption,split                                   {"image": "42.jpg", "caption": "A dog.", "split": "train"}
    42.jpg,A dog.,train                                   {"image": "43.jpg", "captions": ["A cat.", "One cat."]}

The split may be left out, but for all images alike.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mrnn_np.data.readers.corpus import Caption, Corpus, named, split_by_name, tokens_by_image
from mrnn_np.data.readers.splits import split_name
from mrnn_np.errors import UserError
from mrnn_np.files import read_lines
from mrnn_np.files.json_files import field, read_json, read_json_lines

_DIVIDERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
"""What may stand between columns."""
_DIVIDER_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


def read_csv(path: Path) -> Corpus:
    """Read a table whose first line names the columns: image, caption and perhaps split, in any order, others ignored.

    Columns are divided by commas, or by what the first line is divided by: semicolons where Excel takes the comma for
    decimals, tabs in its "Unicode text", bars.  A caption that holds a divider stands in double quotes.  Blank lines
    and Excel's line sep=; before the first one are passed over.

    An image has a line for each of its captions.  The splits are those of the file as `split_name` reads them, or else
    made by a hash of the images' names.

    Raises UserError with file and line when something is missing or an image stands in two splits.
    """
    return _corpus(path, ((record["image"], record["caption"], record.get("split"), w) for w, record in _rows(path)))


def read_jsonl(path: Path) -> Corpus:
    """Read a JSON object a line, with the image's name or number, its caption or captions, and perhaps its split.

    A file that is one list of such objects is read as well.

    The splits are those of the file, or made, as `read_csv` says, and so is what it raises.
    """
    return _corpus(path, _objects(path))


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of a table with their places, "file:line" of their last line."""
    lines = read_lines(path)
    number, divider, columns = _first_line(path, lines)
    reader = csv.reader((f"{line}\n" for line in lines[number:]), delimiter=divider, strict=True)
    try:
        for row in reader:
            where = f"{path}:{number + reader.line_num}"
            if not any(map(str.strip, row)):
                continue
            if len(row) != len(columns):
                found = f"{len(row)} columns and not {len(columns)}"
                raise UserError(f"{where}: {found}; put captions that hold {_DIVIDERS[divider]} in double quotes")
            yield where, dict(zip(columns, row, strict=True))
    except csv.Error as error:
        where = f"{path}:{number + reader.line_num}"
        raise UserError(f"{where}: not CSV ({error}); double the quotes within quotes") from None


def _first_line(path: Path, lines: list[str]) -> tuple[int, str, list[str]]:
    """Return the number of the line that names the columns, what divides them, and their names."""
    filled = (number for number, line in enumerate(lines, 1) if line.strip())
    number = next(filled, 1)
    said = _DIVIDER_LINE.fullmatch(lines[number - 1]) if lines else None
    if said:
        number = next(filled, number)
    line = lines[number - 1] if lines else ""
    columns_by = {
        divider: [name.strip().strip('"').strip().lower() for name in line.split(divider)]
        for divider in (said[1] if said else _DIVIDERS)
    }
    divider, columns = max(columns_by.items(), key=lambda found: len({"image", "caption"}.intersection(found[1])))
    if missing := [name for name in ("image", "caption") if name not in columns]:
        found = f"no column {missing[0]!r} among {', '.join(columns)[:60] or 'none'}"
        raise UserError(f"{path}:{number}: {found}; expected a first line such as image,caption,split")
    if doubled := [name for name in ("image", "caption", "split") if columns.count(name) > 1]:
        raise UserError(f"{path}:{number}: several columns are called {doubled[0]!r}; expected one")
    return number, divider, columns


def _records(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield what should be objects with their places."""
    first = next((line for line in read_lines(path) if line.strip()), "")
    if not first.lstrip().startswith("["):
        yield from read_json_lines(path)
        return
    for number, record in enumerate(read_json(path), 1):
        yield f"{path}: record {number:,}", record


def _objects(path: Path) -> Iterator[tuple[str, str, str | None, str]]:
    """Yield image, caption, split and place for each caption."""
    for where, record in _records(path):
        image: Any = record.get("image") if isinstance(record, dict) else None
        if not isinstance(image, int) or isinstance(image, bool):
            image = field(record, "image", str, where)
        split = field(record, "split", str, where) if "split" in record else None
        if "captions" in record:
            captions = field(record, "captions", list, where)
            if not all(isinstance(caption, str) for caption in captions):
                raise UserError(f"{where}: 'captions' holds something other than texts; expected a list of texts")
        else:
            captions = [field(record, "caption", str, where)]
        for caption in captions:
            yield str(image), caption, split, where


def _corpus(path: Path, records: Iterable[tuple[str, str, str | None, str]]) -> Corpus:
    """Gather captions, each with its image, its split and its place in the file."""
    captions: list[Caption] = []
    split_of: dict[str, str | None] = {}
    for image, text, given, where in records:
        image = named(image, where)
        if given is not None and not given.strip():
            raise UserError(f"{where}: the split of {image!r} is empty; give one for each caption, or for none")
        split = given if given is None else split_name(given, where)
        if split_of.setdefault(image, split) != split:
            found = f"{image!r} is in {split_of[image]!r} above and in {split!r} here"
            raise UserError(f"{where}: {found}; expected each image in one split")
        captions.append(Caption(image, text, where))
    if not captions:
        raise UserError(f"{path}: holds no caption; expected an image and a caption a line")
    tokens, notes = tokens_by_image(captions)
    given_splits = {split for split in split_of.values() if split is not None}
    if given_splits and None in split_of.values():
        image = next(image for image, split in split_of.items() if split is None)
        raise UserError(f"{path}: {image!r} has no split but others have; give one for each caption, or for none")
    if not given_splits:
        splits, note = split_by_name(list(tokens))
        return Corpus(splits, tokens, (f"{path}: {note}", *notes))
    splits = {split: tuple(image for image, its in split_of.items() if its == split) for split in sorted(given_splits)}
    return Corpus(splits, tokens, notes)
