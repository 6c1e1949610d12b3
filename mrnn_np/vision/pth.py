"""Reading what `torch.save` writes, without PyTorch and without running anything the file says.

Since 2020 such a file is a zip archive: `data.pkl` describes the tensors, and `data/KEY` holds the numbers of each
storage.  The older form is four pickles in a row (a magic number, a version, the machine, the description), a fifth
that lists the storages' keys, then each storage as its count and its numbers.
"""

import math
import mmap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from mrnn_np.errors import UserError
from mrnn_np.safetensors import float32_of_bfloat16
from mrnn_np.vision.torch_pickle import Storage, Tensor, read_torch_pickle

_MAGIC = 0x1950A86A20F9469CFC6C
_LOCAL_HEADER = 30  # bytes before the name in a zip archive's header of one member

Numbers = npt.NDArray[Any]
FindStorage = Callable[[Storage], Numbers]


def read_pth(path: str | Path) -> dict[str, Numbers]:
    """Read the weights in a file of `torch.save`: a dictionary of tensors, or a checkpoint that holds one.

    A checkpoint's weights are looked for under "state_dict", "model_state_dict" and "model".  The arrays are views of
    the file, read when they are touched; they cannot be written to.  bfloat16 becomes float32.

    Raises
    ------
    UserError : the file is damaged, holds no dictionary of tensors, or wants code to be run
    OSError : it cannot be opened
    """
    with open(path, "rb") as file:
        try:
            contents, find = _read_zip(file) if zipfile.is_zipfile(file) else _read_legacy(file)
            tensors = _tensors_of(contents)
            return {name: _array(tensor, find(tensor.storage)) for name, tensor in tensors.items()}
        except (
            ValueError, IndexError, LookupError, TypeError, AttributeError, ArithmeticError, MemoryError,
            NotImplementedError, RuntimeError, zipfile.BadZipFile,
        ) as error:  # fmt: skip
            reason = " ".join(str(error).split())
            advice = "save the model's state_dict() and nothing else"
            raise UserError(f"{path}: is not a PyTorch file of plain tensors ({reason}); {advice}") from None


def _read_zip(file: BinaryIO) -> tuple[Any, FindStorage]:
    raw = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    archive = zipfile.ZipFile(file)
    members = {info.filename: info for info in archive.infolist()}
    descriptions = [name for name in members if name.endswith("/data.pkl")]
    if len(descriptions) != 1:
        raise ValueError(f"it holds {len(descriptions)} files data.pkl")
    folder = descriptions[0].removesuffix("data.pkl")

    def member(name: str) -> tuple[int, int]:
        """Where a member's bytes begin, and how many there are."""
        info = members[name]
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            raise ValueError(f"{name} is compressed or encrypted")
        header = raw[info.header_offset : info.header_offset + _LOCAL_HEADER]
        names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        return info.header_offset + _LOCAL_HEADER + names, info.file_size

    def find(storage: Storage) -> Numbers:
        start, size = member(f"{folder}data/{storage.key}")
        return _numbers(raw, start, size // _item_size(storage.dtype), storage.dtype)

    if f"{folder}byteorder" in members:
        start, size = member(f"{folder}byteorder")
        _require_little_endian(raw[start : start + size] == b"little")
    start, size = member(descriptions[0])
    contents, _ = read_torch_pickle(raw[start : start + size])
    return contents, find


def _read_legacy(file: BinaryIO) -> tuple[Any, FindStorage]:
    raw = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    magic, _ = read_torch_pickle(raw)
    if magic != _MAGIC:
        raise ValueError("it does not begin as torch.save begins a file")
    read_torch_pickle(raw)
    machine, _ = read_torch_pickle(raw)
    _require_little_endian(machine["little_endian"])
    contents, storages = read_torch_pickle(raw)
    keys, _ = read_torch_pickle(raw)
    position, starts = raw.tell(), {}
    for key in keys:
        count, item_size = (
            int.from_bytes(raw[position : position + 8], "little"),
            _item_size(storages[key].dtype),
        )
        starts[key] = position + 8
        position += 8 + count * item_size

    def find(storage: Storage) -> Numbers:
        return _numbers(raw, starts[storage.key], storage.length, storage.dtype)

    return contents, find


def _tensors_of(contents: Any) -> dict[str, Tensor]:
    """Return the dictionary of tensors that a file's contents are or hold."""
    for key in (None, "state_dict", "model_state_dict", "model"):
        state = contents if key is None else contents.get(key, {})
        tensors = {name: value for name, value in state.items() if isinstance(value, Tensor)}
        if tensors:
            return tensors
    raise ValueError("it holds no dictionary of tensors")


def _array(tensor: Tensor, storage: Numbers) -> Numbers:
    """Return the array that a tensor describes, as a view of its storage where NumPy has its dtype."""
    shape, strides, offset = tensor.shape, tensor.strides, tensor.offset
    size = math.prod(shape)
    last = offset + sum((n - 1) * stride for n, stride in zip(shape, strides, strict=True))
    if min(offset, 0, *shape, *strides) < 0 or size > len(storage) or (size and last >= len(storage)):
        raise ValueError(f"a tensor of shape {shape} does not fit its storage of {len(storage)} numbers")
    byte_strides = [stride * storage.itemsize for stride in strides]
    view = np.lib.stride_tricks.as_strided(storage[offset:], shape, byte_strides, writeable=False)
    return float32_of_bfloat16(view) if tensor.storage.dtype == "bfloat16" else view


def _numbers(raw: mmap.mmap, start: int, count: int, dtype: str) -> Numbers:
    return np.frombuffer(raw, "<u2" if dtype == "bfloat16" else dtype, count, start)


def _item_size(dtype: str) -> int:
    return 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize


def _require_little_endian(yes: bool) -> None:
    if not yes:
        raise ValueError("its numbers are big-endian")
