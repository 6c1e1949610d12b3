"""Damage done to a file, the same for the same generator: what disks, networks, editors and bad faith leave behind."""

import io
import json
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Rng = np.random.Generator

HUGE = (2**31 - 1, 2**32 - 1, 2**40, 2**63 - 1, 2**64 - 1)
HOSTILE: tuple[Any, ...] = (
    None, True, -1, 0, 10**12, 10**400, 1e308, float("nan"), float("inf"), "", "\x1b[31m\x00\r\nred", "x" * 100_000,
    "\ud800", [], {}, [[]], {"a": 1}, [None], ["\u202e"],
)  # fmt: skip
DTYPES = ("U5", "S3", "f2", "f8", "i8", "u1", "?", "c8", "M8[s]", ">f4")


def put_something_else(path: Path, number: int) -> None:
    """Put something that is no file in the place of one: a pipe that nobody writes to, an endless device, ..."""
    path.unlink()
    match number:
        case 0:
            os.mkfifo(path)
        case 1:
            path.mkdir()
        case 2:
            path.symlink_to("/dev/zero")
        case 3:
            path.symlink_to(path)


OTHER_THINGS = range(5)
"""What `put_something_else` knows; the last is nothing."""


def damage(path: Path, rng: Rng) -> None:
    """Change the file in one of the ways that its kind can be changed in."""
    kinds = [*_OF_BYTES]
    match path.suffix:
        case ".json" | ".jsonl" | ".names":
            kinds += [*_OF_TEXT, *[_json_value] * 8]
        case ".txt" | ".csv" | ".token" | ".eng":
            kinds += _OF_TEXT * 2
        case ".npz":
            kinds += [_npz_array] * 12
        case ".npy":
            kinds += [_npy_header] * 6
        case ".pth" if zipfile.is_zipfile(path):
            kinds += [_zip_member] * 6
        case ".safetensors":
            kinds += [_safetensors_header] * 8
    before = path.read_bytes()
    path.write_bytes(kinds[rng.integers(len(kinds))](before, rng))


def _place(raw: bytes, rng: Rng) -> int:
    """Return a place in the file, in every other case one near its beginning, where headers are."""
    return int(rng.integers(min(len(raw), 256) if rng.random() < 0.5 else len(raw))) if raw else 0


def _flip(raw: bytes, rng: Rng) -> bytes:
    damaged = bytearray(raw)
    for _ in range(2 ** int(rng.integers(4))):
        damaged[_place(raw, rng)] ^= 1 << int(rng.integers(8))
    return bytes(damaged)


def _cut(raw: bytes, rng: Rng) -> bytes:
    return raw[: _place(raw, rng)]


def _behead(raw: bytes, rng: Rng) -> bytes:
    return raw[_place(raw, rng) :]


def _splice(raw: bytes, rng: Rng) -> bytes:
    at, other, length = _place(raw, rng), _place(raw, rng), int(rng.integers(1, 200))
    return raw[:at] + raw[other : other + length] + raw[at + int(rng.integers(2)) * length :]


def _noise(raw: bytes, rng: Rng) -> bytes:
    at, length = _place(raw, rng), int(rng.integers(1, 100))
    return raw[:at] + rng.bytes(length) + raw[at + length :]


def _zeros(raw: bytes, rng: Rng) -> bytes:
    at, length = _place(raw, rng), int(2 ** rng.integers(1, 13))
    return raw[:at] + bytes(len(raw[at : at + length])) + raw[at + length :]


def _repeat(raw: bytes, rng: Rng) -> bytes:
    at, length = _place(raw, rng), int(rng.integers(1, 50))
    return raw[:at] + raw[at : at + length] * int(rng.integers(2, 2000)) + raw[at:]


def _huge_number(raw: bytes, rng: Rng) -> bytes:
    at, size = _place(raw, rng), int(rng.choice([2, 4, 8]))
    number = int(rng.choice(np.array(HUGE, np.uint64))) % 2 ** (8 * size)
    return raw[:at] + number.to_bytes(size, "little" if rng.random() < 0.7 else "big") + raw[at + size :]


_OF_BYTES = [_flip, _flip, _cut, _behead, _splice, _noise, _zeros, _repeat, _huge_number, _huge_number]


def _number_in_text(raw: bytes, rng: Rng) -> bytes:
    found = [*re.finditer(rb"-?[0-9]+(\.[0-9]+)?", raw)]
    if not found:
        return raw + b"7"
    number = found[rng.integers(len(found))]
    others = (b"-1", b"1e400", b"9" * 30, b"9" * 5000, b"NaN", b"-Infinity", b"0", b"1.5", b"0x10", b"")
    return raw[: number.start()] + others[rng.integers(len(others))] + raw[number.end() :]


def _odd_text(raw: bytes, rng: Rng) -> bytes:
    at = _place(raw, rng)
    texts = (
        b"\x00", b"\x1b[31m", b"\r", b"\x85", b"\xff", b"\xef\xbb\xbf", b'"', b"\\", b"[" * 100_000, b'{"a":' * 10_000,
        "\u2028\u202e\u0301".encode(), b"x" * 1_000_000, b"\n" * 1000, b"\t", b",", b"#99999999999", b"\\ud800",
    )  # fmt: skip
    return raw[:at] + texts[rng.integers(len(texts))] + raw[at:]


def _lines(raw: bytes, rng: Rng) -> bytes:
    lines = raw.split(b"\n")
    i, j = rng.integers(len(lines), size=2)
    if rng.random() < 0.5:
        lines[i], lines[j] = lines[j], lines[i]
    else:
        lines[i] = b"" if rng.random() < 0.5 else lines[j]
    return (b"\r" if rng.random() < 0.2 else b"\n").join(lines)


def _other_encoding(raw: bytes, rng: Rng) -> bytes:
    return raw.decode(errors="replace").encode(("utf-16", "cp1252", "utf-8-sig")[rng.integers(3)], errors="replace")


_OF_TEXT = [_number_in_text, _number_in_text, _odd_text, _odd_text, _lines, _other_encoding]


def _json_value(raw: bytes, rng: Rng) -> bytes:
    """Change one value of a JSON file, or of one line of one."""
    try:
        return json.dumps(_altered(json.loads(raw), rng)).encode()
    except ValueError:
        lines = raw.split(b"\n")
        i = rng.integers(len(lines))
        try:
            lines[i] = json.dumps(_altered(json.loads(lines[i]), rng)).encode()
        except ValueError:
            lines[i] = b"null"
        return b"\n".join(lines)


def _altered(tree: Any, rng: Rng) -> Any:
    """Put another value in the place of one, or take it away; the shallower it stands, the likelier it is chosen."""
    if not isinstance(tree, (dict, list)) or not tree or rng.random() < 0.15:
        return _hostile(tree, rng)
    keys = [*tree] if isinstance(tree, dict) else range(len(tree))
    key = keys[rng.integers(len(keys))]
    if rng.random() < 0.1:
        del tree[key]
    elif isinstance(tree, dict) and rng.random() < 0.1:
        tree[f"{key}\x1b[2J"] = tree.pop(key)
    else:
        tree[key] = _altered(tree[key], rng)
    return tree


def _hostile(value: Any, rng: Rng) -> Any:
    if isinstance(value, (int, float)) and rng.random() < 0.4:
        return (-value, value + 1, 10**9, 0.5, str(value))[rng.integers(5)]
    if rng.random() < 0.1:
        for _ in range(200):
            value = [value]
        return value
    return HOSTILE[rng.integers(len(HOSTILE))]


def _npz_array(raw: bytes, rng: Rng) -> bytes:
    """Write the archive anew, with sound checksums, and one array changed."""
    arrays = dict(np.load(io.BytesIO(raw), allow_pickle=False))
    name = [*arrays][rng.integers(len(arrays))]
    array = arrays[name]
    if array.dtype.kind == "U" and array.ndim == 0 and rng.random() < 0.8:
        text = str(array).encode()
        kind = _json_value if text.startswith((b"{", b"[")) and rng.random() < 0.8 else _OF_TEXT[rng.integers(6)]
        arrays[name] = np.array(kind(text, rng).decode(errors="replace"))
    else:
        arrays[name] = _OF_ARRAYS[rng.integers(len(_OF_ARRAYS))](array, rng)
    if rng.random() < 0.1:
        arrays = {f"{name}\x1b[31m": array, **arrays} if rng.random() < 0.5 else {"": array, **arrays}
    if rng.random() < 0.15:
        del arrays[name]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if rng.random() < 0.3 else zipfile.ZIP_STORED) as archive:
        for key, value in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(value), allow_pickle=True)
            contents = member.getvalue()
            if key == name and rng.random() < 0.15:
                contents = _npy_header(contents, rng)
            archive.writestr(f"{key}.npy", contents)
    return file.getvalue()


def _other_dtype(array: Any, rng: Rng) -> Any:
    try:
        return array.astype(DTYPES[rng.integers(len(DTYPES))])
    except (ValueError, TypeError):
        return np.zeros(array.shape, "?")


def _bad_number(array: Any, rng: Rng) -> Any:
    if array.dtype.kind not in "fiu" or not array.size:
        return np.zeros(0)
    numbers = (np.nan, np.inf, -1, 1e30, 0) if array.dtype.kind == "f" else (-1 if array.dtype.kind == "i" else 0, 127)
    changed = array.copy()
    changed.reshape(-1)[rng.integers(array.size)] = numbers[rng.integers(len(numbers))]
    return changed


_OF_ARRAYS: list[Callable[[Any, Rng], Any]] = [
    _other_dtype,
    _other_dtype,
    _bad_number,
    _bad_number,
    lambda array, rng: array.reshape(-1)[: array.size // 2],
    lambda array, rng: array[None],
    lambda array, rng: array.reshape(-1),
    lambda array, rng: array.T,
    lambda array, rng: np.zeros(0, array.dtype),
    lambda array, rng: np.repeat(array, 2),
    lambda array, rng: np.array(array.tolist(), object),
    lambda array, rng: np.array([("a", 1)], "U3,i4"),
    lambda array, rng: np.array("\x1b[31m" * 100),
]


def _npy_header(raw: bytes, rng: Rng) -> bytes:
    """Let the header of an .npy claim another shape or dtype."""
    texts = (
        (rb"'shape': \([^)]*\)", (b"(99999999999,)", b"(-1, 4)", b"(1000000, 1000000)", b"()", b"(3,)", b"('a',)")),
        (rb"'descr': '[^']*'", (b"'|O'", b"'<f2'", b"'<U99999999'", b"'|V0'", b"[('a', '<f4')]", b"'<c16'", b"7")),
        (rb"'fortran_order': \w+", (b"True", b"3", b"None")),
    )
    pattern, values = texts[rng.integers(3)]
    header = re.search(pattern, raw)
    if not header:
        return _flip(raw, rng)
    key = header[0].partition(b":")[0]
    text = key + b": " + values[rng.integers(len(values))]
    end = raw.index(b"\n", 8)
    changed = (raw[10 : header.start()] + text + raw[header.end() : end]).rstrip().ljust(end - 10)
    return raw[:8] + len(changed + b"\n").to_bytes(2, "little") + changed + raw[end:]


def _zip_member(raw: bytes, rng: Rng) -> bytes:
    """Write the archive anew, with sound checksums, and one member damaged, left out, twice or compressed."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = [*members][rng.integers(len(members))]
    if rng.random() < 0.7:
        name = next((name for name in members if name.endswith("data.pkl")), name)
    members[name] = _OF_BYTES[rng.integers(len(_OF_BYTES))](members[name] or b"\0", rng)
    if rng.random() < 0.1:
        del members[name]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if rng.random() < 0.1 else zipfile.ZIP_STORED) as archive:
        for key, contents in members.items():
            archive.writestr(key, contents)
    return file.getvalue()


def _safetensors_header(raw: bytes, rng: Rng) -> bytes:
    end = 8 + int.from_bytes(raw[:8], "little")
    header = (_json_value if rng.random() < 0.7 else _OF_TEXT[rng.integers(6)])(raw[8:end], rng)
    return len(header).to_bytes(8, "little") + header + raw[end:]
