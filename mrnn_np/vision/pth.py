"""Reading what `torch.save` writes, without PyTorch and without running anything the file says.

Since 2020 such a file is a zip archive: `data.pkl` describes the tensors, and `data/KEY` holds the numbers of each
storage.  The older form is four pickles in a row (a magic number, a version, the machine, the description), a fifth
that lists the storages' keys, then each storage as its count and its numbers.
"""

import functools
import math
import mmap
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from mrnn_np.errors import UserError
from mrnn_np.files import open_file
from mrnn_np.files.pickles import require
from mrnn_np.files.safetensors import float32_of_bfloat16
from mrnn_np.vision.torch_pickle import Storage, Tensor, read_torch_pickle

_MAGIC = 0x1950A86A20F9469CFC6C
_LOCAL_HEADER = 30  # bytes before the name in a zip archive's header of one member
_CHECKPOINT_KEYS = ("state_dict", "model_state_dict", "model", "model_state", "net", "network", "weights", "params")

LONGEST_NAME = 1000
"""Characters in the name of a dictionary or a tensor."""
MOST_SHARING = 20
"""Times that a file's numbers may stand in its tensors: honest ones share those of a layer or two."""

Numbers = npt.NDArray[Any]
FindStorage = Callable[[Storage], Numbers]


def read_pth(path: str | Path) -> dict[str, Numbers]:
    """Read the weights in a file of `torch.save`: a dictionary of tensors, or a checkpoint that holds one.

    A checkpoint's weights are looked for under the names that training programs give them, in dictionaries within
    dictionaries.  The arrays are views of the file, read when they are touched; they cannot be written to.  bfloat16
    becomes float32.  What a zip archive holds is checked against its checksums.

    Raises UserError when the file cannot be read, is damaged, holds no dictionary of tensors, or wants code to be run.
    """
    with open_file(path) as file:
        try:
            raw = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            contents, find = _read_zip(file, raw) if zipfile.is_zipfile(file) else _read_legacy(raw)
            tensors = _tensors_of(contents)
            views = {name: _view(tensor, find(tensor.storage)) for name, tensor in tensors.items()}
            if sum(view.nbytes for view in views.values()) > MOST_SHARING * len(raw):
                raise ValueError(f"its tensors hold more than {MOST_SHARING} times the numbers of the file")
            return {
                name: float32_of_bfloat16(view) if tensors[name].storage.dtype == "bfloat16" else view
                for name, view in views.items()
            }
        except Exception as error:  # zipfile and a damaged pickle raise a dozen kinds
            reason = " ".join(str(error).split()) or type(error).__name__
            advice = "get it again, or save the model's state_dict() and nothing else"
            raise UserError(f"{path}: is not a PyTorch file of plain tensors ({reason}); {advice}") from None


def _read_zip(file: BinaryIO, raw: mmap.mmap) -> tuple[Any, FindStorage]:
    archive = zipfile.ZipFile(file)
    infos = archive.infolist()
    members = {info.filename: info for info in infos}
    if len(members) < len(infos) or sum(info.file_size for info in infos) > len(raw):
        raise ValueError("two of its members have one name, or lie at one place")
    descriptions = [name for name in members if name.endswith("/data.pkl")]
    if len(descriptions) != 1:
        raise ValueError(f"it holds {len(descriptions)} files data.pkl")
    folder = descriptions[0].removesuffix("data.pkl")
    has_checksums = any(info.CRC for info in infos)  # PyTorch can be told to write none

    @functools.cache
    def member(name: str) -> memoryview:
        """The bytes of a member, which are what was written."""
        if name not in members:
            raise ValueError(f"{name} is missing from it")
        info = members[name]
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            raise ValueError(f"{name} is compressed or encrypted")
        archive.open(info).close()  # compares the member's own header with the archive's table
        header = raw[info.header_offset : info.header_offset + _LOCAL_HEADER]
        start = info.header_offset + _LOCAL_HEADER + sum(struct.unpack("<HH", header[26:]))
        found = memoryview(raw)[start : start + info.file_size]
        if len(found) < info.file_size or (has_checksums and zlib.crc32(found) != info.CRC):
            raise ValueError(f"{name} is damaged")
        return found

    def find(storage: Storage) -> Numbers:
        found, dtype = member(f"{folder}data/{storage.key}"), _dtype(storage)
        return np.frombuffer(found, dtype, len(found) // dtype.itemsize)

    if f"{folder}byteorder" in members:
        _require_little_endian(bytes(member(f"{folder}byteorder")) == b"little")
    contents, _ = read_torch_pickle(bytes(member(descriptions[0])))
    return contents, find


def _read_legacy(raw: mmap.mmap) -> tuple[Any, FindStorage]:
    if raw[:4] == b"PK\3\4":
        raise ValueError("it is cut short")
    magic, _ = read_torch_pickle(raw)
    if magic != _MAGIC:
        raise ValueError("it does not begin as torch.save begins a file")
    read_torch_pickle(raw)
    machine, _ = read_torch_pickle(raw)
    _require_little_endian(require(machine, dict).get("little_endian") is True)
    contents, storages = read_torch_pickle(raw)
    keys, _ = read_torch_pickle(raw)
    if len(require(keys, list)) != len(storages) or not all(type(key) is str and key in storages for key in keys):
        raise ValueError("its list of storages is not that of its tensors")
    position, starts = raw.tell(), {}
    for key in keys:
        count = int.from_bytes(raw[position : position + 8], "little")
        starts[key] = position + 8
        position += 8 + count * _dtype(storages[key]).itemsize
        if count != storages[key].length or position > len(raw):
            raise ValueError(f"it is cut short, or storage {key} does not hold {storages[key].length:,} numbers")

    def find(storage: Storage) -> Numbers:
        return np.frombuffer(raw, _dtype(storage), storage.length, starts[storage.key])

    return contents, find


def _tensors_of(contents: Any) -> dict[str, Tensor]:
    """Return the tensors that a file's contents are or hold, by name."""
    if not isinstance(contents, dict) or not _flat(contents):
        raise ValueError("it holds no dictionary of tensors")
    for key in _CHECKPOINT_KEYS:
        if isinstance(within := contents.get(key), dict) and _flat(within):
            return _tensors_of(within)
    return _flat(contents)


def _flat(dictionary: dict[Any, Any]) -> dict[str, Tensor]:
    """Return the tensors in dictionaries within dictionaries; their names are joined by dots."""
    tensors: dict[str, Tensor] = {}
    for name, value in dictionary.items():
        if len(str(name)) > LONGEST_NAME:  # which would stand before the name of each tensor within
            raise ValueError(f"it holds a name of {len(str(name)):,} characters")
        if isinstance(value, Tensor):
            tensors[str(name)] = value
        elif isinstance(value, dict):
            tensors |= {f"{name}.{within}": tensor for within, tensor in _flat(value).items()}
    return tensors


def _view(tensor: Tensor, storage: Numbers) -> Numbers:
    """Return the array that a tensor describes, as a view of its storage."""
    shape, strides, offset = tensor.shape, tensor.strides, tensor.offset
    size = math.prod(shape)
    last = offset + sum((n - 1) * stride for n, stride in zip(shape, strides, strict=True))
    if min(offset, 0, *shape, *strides) < 0 or size > len(storage) or (size and last >= len(storage)):
        raise ValueError(f"a tensor of shape {shape} does not fit its storage of {len(storage)} numbers")
    byte_strides = [stride * storage.itemsize for stride in strides]
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, byte_strides, writeable=False)


def _dtype(storage: Storage) -> np.dtype[Any]:
    return np.dtype("<u2" if storage.dtype == "bfloat16" else storage.dtype)


def _require_little_endian(yes: bool) -> None:
    if not yes:
        raise ValueError("its numbers are big-endian")
