"""JSON: what is not JSON, or not what was expected, is named with its place."""

from pathlib import Path

import pytest

from mrnn_np.data.json_files import field, read_json, read_json_lines
from mrnn_np.errors import UserError


def test_values(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text('{"a":\n ["caf\u00e9", 1]}', "utf-8")
    assert read_json(path) == {"a": ["caf\u00e9", 1]}
    path.write_text('{"a": 1}\n\n[2]\n')
    assert list(read_json_lines(path)) == [(f"{path}:1", {"a": 1}), (f"{path}:3", [2])]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"a\.json:1: not JSON \(Expecting value at column 1\)"),
        (b'{"a": 1\n,\n}', r"a\.json:3: not JSON \("),
        (b"caf\xe9", r"a\.json:1: byte 0xe9 at column 4; expected UTF-8"),
        (
            b'{"train": [1], "val": [2], "train": [3]}',
            r'a\.json: an object has "train" 2 times; expected each key once',
        ),
        (b"[" * 100_000, r"a\.json:1: not JSON of a sensible form"),
        (b"9" * 5000, r"a\.json:1: not JSON of a sensible form"),
    ],
)
def test_what_is_not_json(tmp_path: Path, content: bytes, message: str):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        read_json(path)


def test_a_line_that_is_not_json(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n{"a"\n')
    with pytest.raises(UserError, match=r"a\.jsonl:2: not JSON \(.* at column 5\)"):
        list(read_json_lines(path))


def test_values_without_an_end():
    endless: list[object] = []
    endless.append(endless)
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    for value in (endless, deep, [[0] * 10_000_000]):
        with pytest.raises(UserError, match=r"^here: 'a' is \[[\[0, ]{59}\.\.\.; expected a text$"):
            field({"a": value}, "a", str, "here")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ([1], "^here: \\[1\\] is no object; expected one with 'a'$"),
        ({}, "^here: 'a' is missing from \\[\\]; expected a text$"),
        ({"a": None}, "^here: 'a' is null; expected a text$"),
        ({"a": b"bytes"}, "^here: 'a' is \"b'bytes'\"; expected a text$"),
        ({"a": ["x" * 100]}, "^here: 'a' is \\[\"x{58}...; expected a text$"),
    ],
)
def test_fields(record: object, message: str):
    with pytest.raises(UserError, match=message):
        field(record, "a", str, "here")
