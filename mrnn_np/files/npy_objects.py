"""Reading `.npy` files of Python objects, which are pickles, without running anything they say."""

import math
import mmap
import os
import re
import warnings
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from mrnn_np.errors import UserError
from mrnn_np.files.pickles import Function, ignore_attributes, ordered_dict, read_pickle, require
from mrnn_np.files.reading import open_file

_PLAIN = re.compile(r"[biufO][0-9]{0,2}|[SU][1-9][0-9]{0,3}")
MOST_DIMENSIONS = 64
"""The most that an array of NumPy has."""


class _Dtype:
    """A dtype, whose byte order is told after it was named."""

    def __init__(self, code: Any, *_: Any) -> None:
        if not _PLAIN.fullmatch(require(code, str)):
            raise ValueError(f"it holds an array of {code}")
        self.code = code
        self.order = "="

    @property
    def dtype(self) -> np.dtype[Any]:
        dtype: np.dtype[Any] = np.dtype(self.order + self.code)
        return dtype


def holds_objects(path: str | Path) -> bool:
    """Whether an `.npy` file holds Python objects rather than numbers; False as well where it is no `.npy` file.

    Raises UserError when the file cannot be read.
    """
    with open_file(path) as file:
        try:
            return _read_header(file)[1].hasobject
        except Exception:  # of many kinds, for whatever bytes there may be
            return False


def read_objects(path: str | Path) -> Any:
    """Return what `numpy.save` pickled: a list of objects, or one object such as a dictionary.

    It is made of dictionaries, lists, tuples, strings, bytes, numbers, None, and arrays of numbers.

    Raises UserError, one line that begins with `path`, when the file cannot be read, is damaged, or wants anything
    else to be built, let alone called.
    """
    with open_file(path) as file:
        try:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise UserError(f"{path}: is empty; get it again from its source") from None
        with mapped:
            return objects_in(mapped, path)


def objects_in(file: BinaryIO | mmap.mmap, where: str | Path) -> Any:
    """Return what `read_objects` does from what holds an `.npy` file's bytes; `where` begins the line of its UserError.

    `file` is a BytesIO or a mapped file: others make room for as many bytes as a damaged file claims to have.
    """
    try:
        shape, dtype = _read_header(file)
        if not dtype.hasobject:
            raise ValueError("it holds plain numbers")
        start = file.tell()
        file.seek(0, os.SEEK_END)
        arrays = PickledArrays(file.tell() - start)
        file.seek(start)
        array = require(read_pickle(file, arrays.names, build=arrays.build), np.ndarray)
        if array.shape != shape:
            raise ValueError(f"its header promises an array of shape {shape}, its pickle has one of {array.shape}")
        if array.ndim > 1 and not array.size:  # as a list of lists it may be larger than any file
            raise ValueError(f"it holds an empty array of shape {shape}")
        return array.tolist()
    except OSError as error:
        raise UserError(f"{where}: cannot be read ({error.strerror or error})") from None
    except MemoryError:
        raise UserError(f"{where}: does not fit in memory; use a machine with more") from None
    except Exception as error:  # a damaged pickle may raise almost any kind
        reason = " ".join(str(error).split())
        raise UserError(f"{where}: not an .npy file of plain objects: {reason}; get it again from its source") from None


def _read_header(file: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return the shape and the dtype in an `.npy` file's header, and leave the file behind it."""
    version = np.lib.format.read_magic(file)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    with warnings.catch_warnings(action="ignore"):  # of headers that Python 2 wrote, and of damaged ones
        shape, _, dtype = read_header(file)
    return shape, dtype


class PickledArrays:
    """NumPy's arrays and numbers as a pickle describes them, for `read_pickle`: `names` and `build`.

    Raises ValueError when one of them is anything else, and when they are larger than the pickle together because a run
    of bytes is used again and again.
    """

    def __init__(self, bytes_left: int) -> None:
        """Prepare for arrays that hold `bytes_left` bytes together at the most."""
        self._bytes_left = bytes_left
        self.names = {
            "numpy ndarray": None,
            "numpy dtype": Function(_Dtype),
            **{
                f"numpy.{core}.multiarray {name}": Function(function)
                for core in ("core", "_core")
                for name, function in (("_reconstruct", _empty_array), ("scalar", self._number))
            },
            "_codecs encode": Function(_bytes_of_text),
            "collections OrderedDict": Function(ordered_dict),
        }

    def build(self, value: Any, state: Any) -> None:
        """Give a dtype its byte order, or an array its shape and contents, having looked at both."""
        if type(value) is _Dtype:
            _, order, *parts = require(state, tuple)
            if order not in ("<", ">", "|", "=") or any(part is not None for part in parts[:3]):
                raise ValueError("it holds an array of records")
            value.order = order
        elif type(value) is np.ndarray:
            *_, shape, dtype, is_fortran, contents = require(state, tuple)
            dtype = require(dtype, _Dtype).dtype
            if len(require(shape, tuple)) > MOST_DIMENSIONS or not all(type(n) is int for n in shape):
                raise ValueError("it holds an array of a shape that no array has")
            size = math.prod(shape)
            contents = self._used(contents, list if dtype.hasobject else bytes)
            if min(shape, default=0) < 0 or len(contents) != size * (1 if dtype.hasobject else dtype.itemsize):
                raise ValueError(f"it holds an array of shape {shape} with other contents")
            array: Any = value
            array.__setstate__((1, shape, dtype, is_fortran is True, contents))
        else:
            ignore_attributes(value, state)

    def _number(self, dtype: Any, raw: Any) -> Any:
        """Return the one number that a pickled NumPy scalar is."""
        [number] = np.frombuffer(self._used(raw), require(dtype, _Dtype).dtype)
        return number.item()

    def _used(self, contents: Any, kind: type = bytes) -> Any:
        """Return the contents of an array; bytes that Python 2 pickled as a string become bytes again."""
        if kind is bytes and isinstance(contents, str):
            contents = contents.encode("latin-1")
        self._bytes_left -= len(require(contents, kind))
        if self._bytes_left < 0:
            raise ValueError("its arrays are larger than the file")
        return contents


def _empty_array(*_: Any) -> npt.NDArray[Any]:
    return np.empty(0)


def _bytes_of_text(text: Any, codec: Any) -> bytes:
    """Return bytes that Python 3 wrote for Python 2."""
    if codec != "latin1":
        raise ValueError("it holds bytes in another form than Python writes them")
    encoded: bytes = require(text, str).encode("latin-1")
    return encoded
