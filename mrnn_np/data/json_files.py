"""JSON files read so that whatever is not as expected is named: the file, the record, and what was expected there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mrnn_np.errors import UserError
from mrnn_np.text_files import read_lines

_CALLED = {dict: "an object", list: "a list", str: "a text", int: "a number"}


def read_json(path: str | Path) -> Any:
    """Return the value that a JSON file holds.

    Raises UserError when it cannot be read or is not UTF-8, and with the line where it is no JSON.
    """
    return _parsed("\n".join(read_lines(path)), path, 1)


def read_json_lines(path: str | Path) -> Iterator[tuple[str, Any]]:
    """Yield the value of each line that is not blank, behind its place, "file:line".

    Raises UserError as `read_json` does.
    """
    for number, line in enumerate(read_lines(path), 1):
        if line.strip():
            yield f"{path}:{number}", _parsed(line, path, number)


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
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"{path}:{first_line + error.lineno - 1}"
        raise UserError(f"{where}: not JSON ({error.msg} at column {error.colno}); get the file again") from None
    except (RecursionError, ValueError):  # nested a thousand deep, or a number of thousands of digits
        raise UserError(f"{path}:{first_line}: not JSON of a sensible form; get the file again") from None


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr, skipkeys=True)
    return text if len(text) <= 60 else f"{text[:60]}..."
