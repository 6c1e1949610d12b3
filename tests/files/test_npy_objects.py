"""Pickled .npy files: what NumPy writes under Python 2 and 3 is read, and what would do harm is refused."""

import io
import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

from mrnn_np.errors import UserError
from mrnn_np.files import npy_objects as module
from mrnn_np.files.npy_objects import holds_objects, objects_in, read_objects

HEADER = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"


def npy_of(path: Path, pickled: bytes) -> Path:
    """Write an .npy file of objects whose pickle is given."""
    header = HEADER + b" " * (117 - len(HEADER)) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + pickled)
    return path


class Call:
    def __init__(self, function, *arguments):
        self.reduced = function, arguments

    def __reduce__(self):
        return self.reduced


def test_a_list_of_dictionaries(tmp_path: Path):
    records = [{"id": 9, "sentences": [["a", "dog"], ["caf\u00e9"]]}, {"id": 2**40, "sentences": []}]
    np.save(tmp_path / "a.npy", np.array(records, object))
    assert read_objects(tmp_path / "a.npy") == records


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f2", "<f8", "<i8", "?"])
def test_a_dictionary_of_arrays(tmp_path: Path, dtype: str):
    arrays = {7: np.array([1, 0, 1], dtype), 8: np.asfortranarray(np.eye(2, 3, dtype=dtype))}
    np.save(tmp_path / "a.npy", arrays)
    read = read_objects(tmp_path / "a.npy")
    assert list(read) == [7, 8]
    for key, expected in arrays.items():
        assert read[key].dtype == expected.dtype.newbyteorder("=")
        np.testing.assert_array_equal(read[key], expected)


def test_numbers_of_numpy_become_pythons(tmp_path: Path):
    np.save(tmp_path / "a.npy", {np.int64(5): np.float32(0.5), "u": np.str_("x"), "b": np.bool_(True)})
    read = read_objects(tmp_path / "a.npy")
    assert read == {5: 0.5, "u": "x", "b": True}
    assert type(next(iter(read))) is int


def test_what_python_2_wrote(tmp_path: Path):
    """A dictionary from an int to a float32 vector, and one of byte strings, as NumPy 1 pickled them in Python 2."""

    def text(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value

    def dtype(code: bytes, order: bytes) -> bytes:
        state = b"(K\x03" + text(order) + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        return b"cnumpy\ndtype\n" + text(code) + b"K\x00K\x01\x87R" + state

    def array(shape: bytes, its_dtype: bytes, contents: bytes) -> bytes:
        start = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + text(b"b") + b"\x87R"
        return start + b"(K\x01" + shape + its_dtype + b"\x89" + contents + b"tb"

    vector = array(b"K\x02\x85", dtype(b"f4", b"<"), text(np.array([0.5, -2], "<f4").tobytes()))
    record = b"}(K\x2a" + vector + text(b"file_name") + text(b"caf\xe9.jpg") + b"u"
    pickled = b"\x80\x02" + array(b"K\x01\x85", dtype(b"O8", b"|"), b"](" + record + b"e") + b"."
    [read] = read_objects(npy_of(tmp_path / "a.npy", pickled))
    assert read["file_name"] == "caf\u00e9.jpg"
    assert read[42].dtype == np.float32
    assert read[42].tolist() == [0.5, -2]


@pytest.mark.parametrize(
    ("pickled", "reason"),
    [
        (pickle.dumps([Call(os.system, "touch PWNED")], 4), r"wants to use posix\.system"),
        (pickle.dumps([Call(eval, "open('PWNED', 'w')")], 3), "wants to use __builtin__.eval|wants to use builtins"),
        (pickle.dumps({"a": 1}, 4), "treats a dict as a ndarray"),
        (pickle.dumps(np.zeros(2, "f4,i4"), 4), "holds an array of V8"),
        (pickle.dumps(np.zeros(2, "M8[s]"), 4), "holds an array of M8"),
        (pickle.dumps(np.zeros(3), 4).replace(b"K\x03\x85", b"K\x09\x85"), r"of shape \(9,\) with other contents"),
        (pickle.dumps(np.zeros(3), 4).replace(b"K\x03\x85", b"J\xff\xff\xff\xff\x85"), r"shape \(-1,\) with other"),
        (pickle.dumps(np.array([1, None]), 4).replace(b"K\x02\x85", b"K\x7f\x85"), r"shape \(127,\) with other"),
        (pickle.dumps(np.float64(1), 4).replace(b"C\x08", b"C\x07"), "[^;]"),
        (pickle.dumps(np.array([1, None]), 4)[:-9], "[^;]"),
        (b"", "[^;]"),
    ],
)  # fmt: skip
def test_a_hostile_or_damaged_pickle_is_refused(tmp_path: Path, monkeypatch, pickled: bytes, reason: str):
    monkeypatch.chdir(tmp_path)
    path = npy_of(tmp_path / "a.npy", pickled)
    with pytest.raises(UserError, match=rf"a\.npy: not an \.npy file of plain objects: .*{reason}.*; get it") as raised:
        read_objects(path)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "PWNED").exists()


def test_records_are_told_by_their_state(tmp_path: Path):
    state = b"(K\x03U\x01|NU\x01aN" + b"J\xff\xff\xff\xff" * 2 + b"K\x00tb"
    with pytest.raises(UserError, match="it holds an array of records"):
        read_objects(npy_of(tmp_path / "a.npy", b"\x80\x02cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R" + state + b"."))


def test_what_does_not_fit_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def out_of_memory(*_: object, **__: object):
        raise MemoryError

    np.save(tmp_path / "a.npy", {"a": 1})
    monkeypatch.setattr(module, "read_pickle", out_of_memory)
    with pytest.raises(UserError, match=r"a\.npy: does not fit in memory; use a machine with more"):
        read_objects(tmp_path / "a.npy")


def test_objects_of_a_file_in_memory(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.array(["a.jpg", "b.jpg"], object))
    raw = (tmp_path / "a.npy").read_bytes()
    assert objects_in(io.BytesIO(raw), "x.npz: names") == ["a.jpg", "b.jpg"]
    with pytest.raises(UserError, match=r"^x\.npz: names: not an \.npy file of plain objects: .*; get it again"):
        objects_in(io.BytesIO(raw[:-9]), "x.npz: names")


@pytest.mark.parametrize("shape", [(10**12,), (2,), (), (1, 1), (0, 2**60)])
def test_a_header_that_claims_another_shape(tmp_path: Path, shape: tuple[int, ...]):
    path = npy_of(tmp_path / "a.npy", pickle.dumps(np.array([{"a": 1}], object), 4))
    assert read_objects(path) == [{"a": 1}]
    header = str({"descr": "|O", "fortran_order": False, "shape": shape}).encode().ljust(117) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00v\0" + header + path.read_bytes()[128:])
    with pytest.raises(UserError, match=r"its header promises an array of shape .*, its pickle has one of \(1,\);"):
        read_objects(path)


def test_an_empty_array_that_would_fill_the_memory_as_lists(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.empty((2**30, 0), object))
    with pytest.raises(UserError, match=r"a\.npy: .*it holds an empty array of shape \(1073741824, 0\); get it again"):
        read_objects(tmp_path / "a.npy")


def test_a_header_of_python_2_is_no_reason_to_warn(tmp_path: Path):
    path = npy_of(tmp_path / "a.npy", pickle.dumps(np.array([None], object), 4))
    path.write_bytes(
        path.read_bytes().replace(b"'shape': (1,), }", b"'shape': (1L,), }", 1).replace(b"  \n", b" \n", 1)
    )
    assert read_objects(path) == [None]


def test_other_files(tmp_path: Path):
    (tmp_path / "empty.npy").write_bytes(b"")
    with pytest.raises(UserError, match=r"empty\.npy: is empty; get it again"):
        read_objects(tmp_path / "empty.npy")
    np.save(tmp_path / "numbers.npy", np.zeros(3))
    with pytest.raises(UserError, match=r"numbers\.npy: .*: it holds plain numbers; get it again"):
        read_objects(tmp_path / "numbers.npy")
    with pytest.raises(UserError, match=r"none\.npy: cannot be read \(No such file or directory\)"):
        read_objects(tmp_path / "none.npy")


def test_objects_are_told_from_numbers(tmp_path: Path):
    np.save(tmp_path / "numbers.npy", np.zeros(3))
    np.save(tmp_path / "objects.npy", {"a": 1})
    (tmp_path / "neither.npy").write_bytes(b"hello")
    assert [holds_objects(tmp_path / f"{kind}.npy") for kind in ("numbers", "objects", "neither")] == [0, 1, 0]
    with pytest.raises(UserError, match=r"none\.npy: cannot be read"):
        holds_objects(tmp_path / "none.npy")
