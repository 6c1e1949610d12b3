"""Reading `.safetensors`: eight bytes that count the header, the header in JSON, then the arrays' bytes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mrnn_np.errors import UserError

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "U8": "u1"}

Bytes = npt.NDArray[np.uint8]


def read_safetensors(path: str | Path) -> dict[str, npt.NDArray[Any]]:
    """Read all arrays, as views of the file that are read when they are touched; bfloat16 becomes float32.

    Raises
    ------
    UserError : the file is damaged or of another format
    OSError : it cannot be opened
    """
    try:
        raw = np.memmap(path, np.uint8, "r")
        start = 8 + int.from_bytes(raw[:8].tobytes(), "little")
        if start > len(raw):
            raise ValueError("its header is cut short")
        header = json.loads(raw[8:start].tobytes())
        header.pop("__metadata__", None)
        return {name: _array(raw[start:], **entry) for name, entry in header.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: is damaged or no .safetensors file ({reason}); get it again") from None


def _array(raw: Bytes, dtype: str, shape: list[int], data_offsets: tuple[int, int]) -> npt.NDArray[Any]:
    begin, end = data_offsets
    if not 0 <= begin <= end <= len(raw):
        raise ValueError(f"an array lies at bytes {begin} to {end} of {len(raw)}")
    if dtype not in _TYPES:
        raise ValueError(f"arrays of type {dtype} are not read here")
    array = raw[begin:end].view(_TYPES[dtype]).reshape(shape)
    return float32_of_bfloat16(array) if dtype == "BF16" else array


def float32_of_bfloat16(bits: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Return the numbers whose bfloat16 bits are given as uint16: a bfloat16 is the upper half of a float32."""
    return (bits.astype(np.uint32) << 16).view(np.float32)
