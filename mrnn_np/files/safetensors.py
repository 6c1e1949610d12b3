"""Reading `.safetensors`: eight bytes that count the header, the header in JSON, then the arrays' bytes.

The package `safetensors` (0.8.0 was tried) reads 200 MB of weights into 380 MB of memory, where the views made
here take 10, and has no bfloat16 for NumPy: "data type 'bfloat16' not understood".
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mrnn_np.errors import UserError
from mrnn_np.files.npy_objects import MOST_DIMENSIONS
from mrnn_np.files.reading import open_file

_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "?",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1",
}  # fmt: skip
LONGEST_HEADER = 25_000_000
"""Bytes that a header may have, enough for 200,000 arrays; what its JSON describes may take thirty times as many."""

Bytes = npt.NDArray[np.uint8]


def read_safetensors(path: str | Path) -> dict[str, npt.NDArray[Any]]:
    """Read all arrays, as views of the file that are read when they are touched; bfloat16 becomes float32.

    Raises UserError when the file cannot be read, is damaged, or is of another format.
    """
    with open_file(path) as file:
        try:
            raw = np.memmap(file, np.uint8, "r")
            start = 8 + int.from_bytes(raw[:8].tobytes(), "little")
            if start > min(len(raw), 8 + LONGEST_HEADER):
                raise ValueError(f"its header of {start - 8:,} bytes is cut short or too long")
            header = json.loads(raw[8:start].tobytes().decode(), object_pairs_hook=_object)
            header.pop("__metadata__", None)
            _require_side_by_side([entry["data_offsets"] for entry in header.values()], len(raw) - start)
            return {name: _array(raw[start:], **entry) for name, entry in header.items()}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OSError) as error:
            reason = " ".join(str(error).split())
            raise UserError(f"{path}: is damaged or no .safetensors file ({reason}); get it again") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; of two entries with one name the first would be lost."""
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise ValueError("it names something twice")
    return entries


def _require_side_by_side(places: list[Any], size: int) -> None:
    """Raise ValueError unless arrays lie behind each other from the first to the last byte, as the format has them."""
    position = 0
    for begin, end in sorted(places):
        if not 0 <= begin <= end <= size:
            raise ValueError(f"an array lies at bytes {begin} to {end} of {size}")
        if begin != position:
            raise ValueError(f"an array begins at byte {begin}, the one before ends at {position}")
        position = end
    if position != size:
        raise ValueError(f"its arrays end at byte {position} of {size}")


def _array(raw: Bytes, dtype: str, shape: list[int], data_offsets: list[int]) -> npt.NDArray[Any]:
    begin, end = data_offsets
    if dtype not in _TYPES:
        raise ValueError(f"arrays of type {dtype} are not read here")
    if len(shape) > MOST_DIMENSIONS or not all(type(n) is int and 0 <= n <= len(raw) for n in shape):
        raise ValueError(f"an array has the shape {str(shape)[:60]}")
    if math.prod(shape) * np.dtype(_TYPES[dtype]).itemsize != end - begin:
        raise ValueError(f"cannot reshape {end - begin} bytes to {dtype} of shape {shape}")
    array = raw[begin:end].view(_TYPES[dtype]).reshape(shape)
    return float32_of_bfloat16(array) if dtype == "BF16" else array


def float32_of_bfloat16(bits: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Return the numbers whose bfloat16 bits are given as uint16: a bfloat16 is the upper half of a float32."""
    return (bits.astype(np.uint32) << 16).view(np.float32)
