"""JSON files read so that whatever is not as expected is named: the file, the record, and what was expected there."""

import dataclasses
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from mrnn_np.errors import UserError
from mrnn_np.files.reading import read_lines

_CALLED = {dict: "an object", list: "a list", str: "a text", int: "a whole number", float: "a finite number"}

LARGEST_OWN = 2**24
"""Bytes that a file of our own may hold: as lists of nothing they take 20 times as much memory."""


def read_json(path: str | Path) -> Any:
    """Return the value that a JSON file holds.

    Raises UserError when it cannot be read or is not UTF-8, and with the line where it is no JSON.
    """
    return _parsed("\n".join(read_lines(path)), path, 1)


def read_own_json(path: str | Path, kind: Any) -> Any:
    """Return what one of this package's own JSON files holds, as the `kind` that `checked` is given.

    Raises UserError as `read_json` and `checked` do, and when the file is larger than any of these.
    """
    if os.path.isfile(path) and os.path.getsize(path) > LARGEST_OWN:
        raise UserError(f"{path}: holds {os.path.getsize(path):,} bytes; expected {LARGEST_OWN:,} at most")
    return checked(read_json(path), kind, str(path))


def parse_json(text: str, where: str | Path) -> Any:
    """Return the value of a JSON text in a file of our own.

    Raises UserError, beginning with `where`, where it is no JSON, or longer than any of these.
    """
    if len(text) > LARGEST_OWN:
        raise UserError(f"{where}: holds JSON of {len(text):,} characters; expected {LARGEST_OWN:,} at most")
    return _parsed(text, where, 1)


def read_json_lines(path: str | Path) -> Iterator[tuple[str, Any]]:
    """Yield the value of each line that is not blank, behind its place, "file:line".

    Raises UserError as `read_json` does.
    """
    for number, line in enumerate(read_lines(path), 1):
        if line.strip():
            yield f"{path}:{number}", _parsed(line, path, number)


def checked(value: Any, kind: Any, where: str) -> Any:
    """Return a value of JSON as what it is declared to be, to be trusted from then on.

    `kind` is int, float, str, list[...], dict[str, ...], a dataclass of such fields, or Any.  Fields that are not there
    have the dataclass's default.  An int is a float too, but a bool is no number, nor are NaN and infinity.

    Raises UserError, beginning with `where`, at the first thing that is otherwise, and whenever a dataclass does.
    """
    if dataclasses.is_dataclass(kind):
        return _record(value, kind, where)
    if kind is Any:
        return value
    container, parts = get_origin(kind) or kind, get_args(kind)
    allowed: Any = (int, float) if container is float else container
    if not isinstance(value, allowed) or isinstance(value, bool):
        raise UserError(f"{where} is {_short(value)}; expected {_CALLED[container]}")
    if container is float and not abs(value) <= sys.float_info.max:
        raise UserError(f"{where} is {value!s:.60}; expected {_CALLED[container]}")
    if container is list:
        return [checked(item, parts[0], f"{where}[{number}]") for number, item in enumerate(value)]
    if container is dict:
        return {key: checked(item, parts[1], f"{where}[{_short(key)}]") for key, item in value.items()}
    return value


def _record(value: Any, kind: Any, where: str) -> Any:
    values, kinds = checked(value, dict[str, Any], where), get_type_hints(kind)
    required = {field.name for field in dataclasses.fields(kind) if _is_required(field)}
    if unfit := [*sorted(values.keys() - kinds.keys()), *sorted(required - values.keys())]:
        reason = "is missing" if unfit[0] in required else "is not an option of this version"
        raise UserError(f"{where}: {unfit[0]!r} {reason}")
    return kind(**{name: checked(item, kinds[name], f"{where}: {name}") for name, item in values.items()})


def _is_required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def field(record: Any, key: str, kind: type, where: str) -> Any:
    """Return what an object of JSON holds under `key`; raise UserError, beginning with `where`, unless of that kind."""
    if not isinstance(record, dict):
        raise UserError(f"{where}: {_short(record)} is no object; expected one with {key!r}")
    value = record.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        found = f"is {_short(value)}" if key in record else f"is missing from {_short(list(record))}"
        raise UserError(f"{where}: {key!r} {found}; expected {_CALLED[kind]}")
    return value


def _parsed(text: str, path: str | Path, first_line: int) -> Any:
    def once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Refuse what Python would read as the last of several values, as if the others were not there."""
        found = dict(pairs)
        if len(found) < len(pairs):
            key, times = Counter(key for key, _ in pairs).most_common(1)[0]
            raise UserError(f"{path}: an object has {_short(key)} {times:,} times; expected each key once")
        return found

    try:
        return json.loads(text, object_pairs_hook=once_each)
    except json.JSONDecodeError as error:
        where = f"{path}:{first_line + error.lineno - 1}"
        raise UserError(f"{where}: not JSON ({error.msg} at column {error.colno}); get the file again") from None
    except (RecursionError, ValueError):  # nested a thousand deep, or a number of thousands of digits
        raise UserError(f"{path}:{first_line}: not JSON of a sensible form; get the file again") from None


def _short(value: Any) -> str:
    """Return the beginning of a value as JSON; the rest, which may be long, deep or have no end, is not written."""
    text = ""
    encoder = json.JSONEncoder(ensure_ascii=False, default=repr, skipkeys=True, check_circular=False)
    for part in encoder.iterencode(value):
        text += part
        if len(text) > 60:
            return f"{text[:60]}..."
    return text
