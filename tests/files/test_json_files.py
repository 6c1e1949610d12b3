"""JSON: what is not JSON, or not what was expected, is named with its place."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from mrnn_np.errors import UserError
from mrnn_np.files import json_files
from mrnn_np.files.json_files import checked, field, read_json, read_json_lines, read_own_json


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


@dataclasses.dataclass
class Inner:
    """Something with a default."""

    share: float
    names: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Outer:
    """Something that holds another."""

    count: int
    inner: Inner
    others: dict[str, list[int]]
    anything: Any = None


SOUND = {"count": 3, "inner": {"share": 1}, "others": {"a": [1, 2]}}


def test_a_record_as_it_was_declared():
    assert checked(SOUND, Outer, "here") == Outer(3, Inner(1), {"a": [1, 2]})
    more = {**SOUND, "inner": {"share": 0.5, "names": ["x"]}, "anything": [None, {"y": True}]}
    assert checked(more, Outer, "here") == Outer(3, Inner(0.5, ["x"]), {"a": [1, 2]}, [None, {"y": True}])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"count": "3"}, '^here: count is "3"; expected a whole number$'),
        ({"count": True}, "^here: count is true; expected a whole number$"),
        ({"count": 3.0}, "^here: count is 3.0; expected a whole number$"),
        ({"count": None}, "^here: count is null; expected a whole number$"),
        ({"inner": {"share": float("nan")}}, "^here: inner: share is nan; expected a finite number$"),
        ({"inner": {"share": -float("inf")}}, "^here: inner: share is -inf; expected a finite number$"),
        ({"inner": {"share": 10**309}}, "^here: inner: share is 10{59}; expected a finite number$"),
        ({"inner": {"share": False}}, "^here: inner: share is false; expected a finite number$"),
        ({"inner": {"share": 1, "names": "xyz"}}, '^here: inner: names is "xyz"; expected a list$'),
        ({"inner": {"share": 1, "names": ["x", 2]}}, r"^here: inner: names\[1\] is 2; expected a text$"),
        ({"inner": {}}, "^here: inner: 'share' is missing$"),
        ({"inner": []}, r"^here: inner is \[\]; expected an object$"),
        ({"others": {"b": [1.5]}}, r'^here: others\["b"\]\[0\] is 1.5; expected a whole number$'),
        ({"more": 1}, "^here: 'more' is not an option of this version$"),
    ],
)
def test_a_record_that_is_otherwise(change: dict[str, Any], message: str):
    with pytest.raises(UserError, match=message):
        checked({**SOUND, **change}, Outer, "here")


def test_a_file_of_our_own_is_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.json"
    path.write_text("[1, 2]")
    assert read_own_json(path, list[int]) == [1, 2]
    monkeypatch.setattr(json_files, "LARGEST_OWN", 5)
    with pytest.raises(UserError, match=r"a\.json: holds 6 bytes; expected 5 at most"):
        read_own_json(path, list[int])
    with pytest.raises(UserError, match=r"b\.json: cannot be read \(No such file or directory\)"):
        read_own_json(tmp_path / "b.json", list[int])
