"""Weight files: what real tools write is read right, and a file that would run code or fill memory is refused."""

import collections
import contextlib
import json
import os
import pickle
import struct
import zipfile

import numpy as np
import pytest

import mrnn_np.files.safetensors
from mrnn_np.errors import UserError
from mrnn_np.vision.fit_weights import fit_weights
from mrnn_np.vision.network import Conv, Dense, Flatten
from mrnn_np.vision.weight_files import read_weights, sha256_of


def refused(path):
    """Return the one line with which a file is refused."""
    with pytest.raises(UserError) as caught:
        read_weights(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message


class Call:
    """Pickles as the call of a function: what a hostile file is made of."""

    def __init__(self, function, *arguments):
        self.reduced = function, arguments

    def __reduce__(self):
        return self.reduced


# --- PyTorch's own writer ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")


@pytest.fixture(params=["zip", "legacy"])
def save(request, torch, tmp_path):
    """Save something with torch.save in one of its two forms and return the file."""

    def save(contents, name="weights.pth", **options):
        path = tmp_path / name
        torch.save(contents, path, _use_new_zipfile_serialization=request.param == "zip", **options)
        return path

    return save


def test_a_state_dict_of_every_type(torch, save):
    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    state = collections.OrderedDict(
        floats=base,
        transposed=base.transpose(0, 2),
        slice=base[1:, :, 1:3],
        scalar=torch.tensor(3),
        empty=torch.zeros(0, 5),
        double=torch.tensor([1.5], dtype=torch.float64),
        half=torch.tensor([0.25, -2.0], dtype=torch.float16),
        integers=torch.tensor([[-1, 2**40]]),
        bytes=torch.tensor([200], dtype=torch.uint8),
        flags=torch.tensor([True, False]),
    )
    state._metadata = {"": {"version": 1}}
    arrays = read_weights(save(state))
    assert set(arrays) == set(state)
    for name, tensor in state.items():
        assert arrays[name].dtype == tensor.numpy().dtype
        assert np.array_equal(arrays[name], tensor.numpy())


def test_bfloat16_becomes_float32(torch, save):
    values = torch.tensor([1.0, -3.140625, 1e30, 2.0**-120]).to(torch.bfloat16)
    arrays = read_weights(save({"x": values}))
    assert arrays["x"].dtype == np.float32
    assert np.array_equal(arrays["x"], values.float().numpy())


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_pickle_protocol(torch, save, protocol):
    arrays = read_weights(save({"x": torch.ones(2)}, pickle_protocol=protocol))
    assert arrays["x"].tolist() == [1, 1]


@pytest.mark.parametrize("key", ["state_dict", "model_state_dict", "model"])
def test_a_training_checkpoint(torch, save, key):
    state = {"module.fc.weight": torch.ones(2, 3), "module.fc.bias": torch.zeros(2)}
    optimiser = {"state": {0: {"momentum_buffer": torch.ones(5)}}, "param_groups": [{"lr": 0.1, "params": [0, 1]}]}
    path = save({"epoch": 90, "best": 56.5, "done": None, key: state, "optimizer": optimiser}, "weights.pth.tar")
    assert set(read_weights(path)) == {"fc.weight", "fc.bias"}


def test_tensors_that_share_their_numbers(torch, save):
    base = torch.arange(6.0)
    arrays = read_weights(save({"all": base, "odd": base[1::2]}))
    assert arrays["odd"].tolist() == [1, 3, 5]


def test_a_whole_model_is_refused(torch, save):
    message = refused(save(torch.nn.Linear(2, 3)))
    assert "wants to use torch.nn.modules.linear.Linear" in message
    assert "state_dict()" in message


@pytest.mark.parametrize("contents", [[1, 2], {"epoch": 3}, "text", {"state_dict": {"lr": 0.1}}])
def test_a_file_without_tensors_is_refused(save, contents):
    assert "is not a PyTorch file of plain tensors" in refused(save(contents))


@pytest.mark.parametrize("where", range(0, 100, 7))
def test_a_file_cut_short_is_refused_or_still_whole(torch, save, where):
    path = save({"x": torch.arange(100.0), "y": torch.ones(3)})
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) * where // 100])
    assert "is not a PyTorch file of plain tensors" in refused(path)


def test_a_damaged_file_is_refused_or_read_as_it_was(torch, save):
    path = save({"x": torch.arange(100.0), "y": torch.ones(3)})
    raw, rng, read = path.read_bytes(), np.random.default_rng(0), 0

    def content(weights):
        # The form before 1.6 has no sums of its numbers, so that changed ones cannot be seen.
        exact = raw.startswith(b"PK")
        return [values.tolist() if exact else (values.shape, values.dtype) for values in weights.values()]

    whole = content(read_weights(path))
    for _ in range(300):
        damaged = bytearray(raw)
        for position in rng.integers(0, len(raw), 3):
            damaged[position] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        with contextlib.suppress(UserError):
            assert content(read_weights(path)) == whole
            read += 1
    assert 0 < read < 250


# --- Hostile files ----------------------------------------------------------------------------------------------------


def zip_with(path, description, storage=b"\0" * 16, compression=zipfile.ZIP_STORED, **others):
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("archive/data.pkl", description)
        archive.writestr("archive/data/0", storage)
        for name, contents in others.items():
            archive.writestr(f"archive/{name}", contents)
    return path


def described(offset=0, shape=(4,), strides=(1,), length=4, kind=b"FloatStorage", storage_first=b"X\x07\0\0\0storage"):
    """The pickle of {"x": a tensor}, written out."""

    def numbers(values):
        return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"

    storage = b"(" + storage_first + b"ctorch\n" + kind + b"\nX\x01\0\0\x000X\x03\0\0\0cpuJ" + struct.pack("<i", length)
    tensor = storage + b"tQJ" + struct.pack("<i", offset) + numbers(shape) + numbers(strides) + b"\x89}t"
    return b"\x80\x02}X\x01\0\0\0xctorch._utils\n_rebuild_tensor_v2\n(" + tensor + b"Rs."


def test_the_pickle_written_out_is_a_good_one(tmp_path):
    storage = np.arange(4, dtype=np.float32).tobytes()
    path = zip_with(tmp_path / "good.pth", described(1, (3,), (1,)), storage, byteorder="little")
    assert read_weights(path)["x"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        (pickle.dumps({"x": Call(os.system, "touch PWNED")}, 2), "wants to use posix.system"),
        (pickle.dumps({"x": Call(eval, "open('PWNED', 'w')")}, 4), "wants to use builtins.eval"),
        (pickle.dumps({"x": Call(getattr, "", "upper")}, 2), "wants to use __builtin__.getattr"),
        (b"(S'touch PWNED'\nios\nsystem\n.", "instruction STRING"),
        (b"\x80\x02(cos\nsystem\nX\x0b\0\0\0touch PWNEDo.", "wants to use os.system"),
        (b"\x80\x02ccollections\nOrderedDict\n)\x81.", "instruction NEWOBJ"),
        (b"\x80\x02\x82\x01.", "instruction EXT1"),
        (b"\x80\x02]\x94(lp0\n.", "instruction LIST"),
        (b"\x80\x02X\x02\0\0\0hi)R.", "calls something that is no function"),
        (b"\x80\x02}X\x01\0\0\0xa.", "treats a dict as a list"),
        (b"\x80\x02]X\x01\0\0\0xX\x01\0\0\0ys.", "treats a list as a dict"),
        (b"\x80\x02h\x05.", "5"),
        (b"\x80\x02t.", "pop from empty list"),
        (b"\x80\x02}", "exhausted before seeing STOP"),
        (b"\x80\x02X\xff\xff\xff\x7fabc", "expected 2147483647 bytes"),
        (described(kind=b"QInt8Storage"), "wants to use torch.QInt8Storage"),
        (described(storage_first=b"X\x07\0\0\0strange"), "something other than a whole storage"),
        (described(offset=1), "does not fit its storage of 4 numbers"),
        (described(offset=-1), "does not fit"),
        (described(shape=(4,), strides=(2,)), "does not fit"),
        (described(shape=(-1,), strides=(1,)), "does not fit"),
        (described(shape=(4,), strides=(-1,)), "does not fit"),
        (described(shape=(2**30, 2**30), strides=(0, 0)), "does not fit"),
        (described(shape=(2, 2), strides=(1,)), "zip()"),
        (described(kind=b"DoubleStorage"), "does not fit its storage of 2 numbers"),
    ],
)
def test_a_hostile_description_is_refused(description, reason, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert reason in refused(zip_with(tmp_path / "hostile.pth", description))
    assert not (tmp_path / "PWNED").exists()


def test_a_hostile_legacy_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    start = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps({"little_endian": True}, 2)
    path = tmp_path / "hostile.pth"
    path.write_bytes(start + pickle.dumps(Call(os.system, "touch PWNED"), 2))
    assert "wants to use posix.system" in refused(path)
    path.write_bytes(pickle.dumps(Call(os.system, "touch PWNED"), 2))
    assert "wants to use posix.system" in refused(path)
    assert not (tmp_path / "PWNED").exists()


def test_a_legacy_file_that_lies_about_its_sizes_is_refused(tmp_path):
    start = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps({"little_endian": True}, 2)
    path = tmp_path / "weights.pth"
    body = start + described(length=4) + pickle.dumps(["0"], 2)
    path.write_bytes(body + struct.pack("<q", 4) + b"\0" * 16)
    assert read_weights(path)["x"].tolist() == [0, 0, 0, 0]
    path.write_bytes(start + described(length=2**30) + pickle.dumps(["0"], 2) + struct.pack("<q", 4) + b"\0" * 16)
    assert "is not a PyTorch file of plain tensors" in refused(path)
    path.write_bytes(body.replace(b"little_endianq\x01\x88", b"little_endianq\x01\x89") + struct.pack("<q", 4))
    assert "big-endian" in refused(path)
    path.write_bytes(start + described() + pickle.dumps(["1"], 2) + struct.pack("<q", 4) + b"\0" * 16)
    assert "is not a PyTorch file of plain tensors" in refused(path)


def test_zip_archives_of_other_kinds_are_refused(tmp_path):
    path = tmp_path / "weights.pth"
    assert "compressed" in refused(zip_with(path, described(), compression=zipfile.ZIP_DEFLATED))
    assert "big-endian" in refused(zip_with(path, described(), byteorder="big"))
    assert "2 files data.pkl" in refused(zip_with(path, described(), **{"more/data.pkl": b""}))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "0 files data.pkl" in refused(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", described())
    assert "is not a PyTorch file of plain tensors" in refused(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_two_members_of_one_name_is_refused(tmp_path):
    message = refused(zip_with(tmp_path / "weights.pth", described(), **{"data/0": bytes(16)}))
    assert "two of its members have one name, or lie at one place" in message


def altered(path, old, new, where=bytes.index):
    """Put `new` over the first place of `old`, or over the last one, in a file."""
    raw = bytearray(path.read_bytes())
    at = where(bytes(raw), old)
    raw[at : at + len(new)] = new
    path.write_bytes(raw)
    return path


def test_zips_whose_tables_lie_are_refused(tmp_path):
    storage = np.arange(4, dtype=np.float32).tobytes()

    whole = zip_with(tmp_path / "weights.pth", described(), storage).read_bytes()

    def sound():  # the same bytes again: a zip made later has another time in its table
        (tmp_path / "weights.pth").write_bytes(whole)
        return tmp_path / "weights.pth"

    assert read_weights(sound())["x"].tolist() == [0, 1, 2, 3]
    # The entry of archive/data/0 in the table: 46 bytes before its name, the size at 20 and 24, the place at 42.
    name, raw = b"archive/data/0", sound().read_bytes()
    entry = raw.rindex(name) - 46
    for size in (2**31, 17, 12, 0):
        altered(
            sound(), raw[entry : entry + 46], raw[entry : entry + 20] + struct.pack("<II", size, size), bytes.rindex
        )
        assert "is not a PyTorch file of plain tensors" in refused(tmp_path / "weights.pth")
    for place in (0, 5, len(raw), 2**32 - 2):
        altered(sound(), raw[entry : entry + 46], raw[entry : entry + 42] + struct.pack("<I", place), bytes.rindex)
        assert "is not a PyTorch file of plain tensors" in refused(tmp_path / "weights.pth")
    assert "is not a PyTorch file" in refused(altered(sound(), name, b"archive/data/1"))
    assert "archive/data/0 is missing from it" in refused(altered(sound(), name, b"archive/data/1", bytes.rindex))
    path = sound()
    path.write_bytes(raw[:-30])
    assert "(it is cut short); get it again" in refused(path)


def test_a_name_that_would_stand_before_each_of_many_is_refused(tmp_path):
    within = described()[2:-1]  # {"x": a tensor}
    for length in (1000, 1001):
        name = b"X" + struct.pack("<I", length) + b"n" * length
        path = zip_with(tmp_path / "weights.pth", b"\x80\x02}" + name + within + b"s.", bytes(16))
        if length > 1000:
            assert "it holds a name of 1,001 characters" in refused(path)
        else:
            assert list(read_weights(path)) == ["n" * 1000 + ".x"]


def test_tensors_that_copy_one_storage_again_and_again_are_refused(tmp_path):
    description, storage = described(kind=b"BFloat16Storage", length=50_000, shape=(50_000,)), bytes(100_000)
    assert len(read_weights(zip_with(tmp_path / "weights.pth", description, storage))["x"]) == 50_000
    tensor = description[description.index(b"ctorch._utils") : -2]
    many = b"".join(b"X\x02\0\0\0%02d" % number + tensor for number in range(30))
    message = refused(zip_with(tmp_path / "weights.pth", b"\x80\x02}(" + many + b"u.", storage))
    assert "its tensors hold more than 20 times the numbers of the file" in message


@pytest.mark.parametrize(
    "shape",
    [
        b"(" + b"\x8a\x0a" + b"\x7f" * 10 + b"t",
        b"(" + b"K\x01" * 65 + b"t",
        b"K\x00\x85\x85",
        b"]K\x01a",
        b"G" + bytes(8) + b"\x85",
    ],
)
def test_sizes_that_no_tensor_has_are_refused(shape, tmp_path):
    good = b"(J\x04\0\0\0t"
    assert good in described()
    assert "is not a PyTorch file of plain" in refused(
        zip_with(tmp_path / "weights.pth", described().replace(good, shape, 1))
    )


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "weights.pth"
    for contents in (b"", b"hello", bytes(1000), pickle.dumps({"a": 1}, 2)):
        path.write_bytes(contents)
        assert "is not a PyTorch file of plain tensors" in refused(path)


# --- .npz and .safetensors --------------------------------------------------------------------------------------------


NPY = b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }".ljust(127) + b"\n" + bytes(4)


def test_npz(tmp_path):
    path = tmp_path / "weights.npz"
    np.savez(path, **{"fc.weight": np.eye(2, dtype=np.float32)})
    assert read_weights(path)["fc.weight"].tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("contents", [b"", b"hello", b"PK\x03\x04 and nothing", NPY])
def test_damaged_npz(contents, tmp_path):
    path = tmp_path / "weights.npz"
    path.write_bytes(contents)
    assert "is damaged" in refused(path)


def test_npz_with_a_pickle(tmp_path):
    path = tmp_path / "weights.npz"
    np.savez(path, x=np.array([{"a": 1}], dtype=object))
    assert "holds pickled objects" in refused(path)


def safetensors(path, header, body=bytes(16)):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
    return path


def test_safetensors(tmp_path):
    body = np.array([1, 2, 3, 4], np.float32).tobytes() + np.array([0.5], np.float16).tobytes() + b"\xc0\x3f"
    header = {
        "__metadata__": {"format": "pt"},
        "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
        "module.b": {"dtype": "F16", "shape": [1], "data_offsets": [16, 18]},
        "c": {"dtype": "BF16", "shape": [], "data_offsets": [18, 20]},
        "d": {"dtype": "I32", "shape": [0], "data_offsets": [20, 20]},
    }
    arrays = read_weights(safetensors(tmp_path / "weights.safetensors", header, body))
    assert arrays["a"].tolist() == [[1, 2], [3, 4]]
    assert arrays["b"].tolist() == [0.5]
    assert float(arrays["c"]) == 1.5
    assert arrays["d"].shape == (0,)


def entry(**changes):
    return {"x": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]} | changes}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (entry(data_offsets=[0, 20]), "bytes 0 to 20 of 16"),
        (entry(data_offsets=[-4, 12]), "bytes -4 to 12"),
        (entry(data_offsets=[12, 4]), "bytes 12 to 4"),
        (entry(shape=[5]), "cannot reshape"),
        (entry(shape=[2**40, 2**40]), ""),
        (entry(shape="many"), ""),
        (entry(dtype="F8_E4M3"), "arrays of type F8_E4M3"),
        (entry(extra=1), ""),
        (entry(shape=[-1]), "an array has the shape [-1]"),
        (entry(shape=[True, 4]), "an array has the shape [True, 4]"),
        (entry(shape=[1] * 65), "an array has the shape"),
        (entry(data_offsets=[0, 12], shape=[3]), "its arrays end at byte 12 of 16"),
        (entry(data_offsets=[4, 16], shape=[3]), "an array begins at byte 4, the one before ends at 0"),
        (entry() | {"y": entry()["x"]}, "an array begins at byte 0, the one before ends at 16"),
        (b'{"x":' + json.dumps(entry()["x"]).encode() + b',"x":' + json.dumps(entry()["x"]).encode() + b"}", "twice"),
        (b'{"x":' * 100_000, ""),
        (b'{"x":' + b"9" * 5000 + b"}", ""),
        ({"x": 5}, ""),
        ([1], ""),
        (b"{", "Expecting"),
        (b"\xff\xfe", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_damaged_safetensors(header, reason, tmp_path):
    message = refused(safetensors(tmp_path / "weights.safetensors", header))
    assert "is damaged or no .safetensors file" in message
    assert reason in message


@pytest.mark.parametrize("contents", [b"", b"abc", struct.pack("<Q", 2**62) + b"{}"])
def test_no_safetensors_at_all(contents, tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(contents)
    assert "is damaged or no .safetensors file" in refused(path)


def test_a_header_of_safetensors_that_would_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(mrnn_np.files.safetensors, "LONGEST_HEADER", 50)
    path = safetensors(tmp_path / "weights.safetensors", entry())
    assert "its header of 62 bytes is cut short or too long" in refused(path)


# --- All kinds --------------------------------------------------------------------------------------------------------


def test_files_that_are_not_there_or_of_no_known_kind(tmp_path):
    for name in ("none.pth", "none.npz", "none.safetensors"):
        assert "No such file" in refused(tmp_path / name)
    assert "unknown kind; use .safetensors, .npz or .pth" in refused(tmp_path / "weights.onnx")
    (tmp_path / "folder.pth").mkdir()
    assert "Is a directory" in refused(tmp_path / "folder.pth")


def test_sha256(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    assert sha256_of(tmp_path / "x").startswith("ba7816bf8f01cfea")
    with pytest.raises(UserError, match="No such file"):
        sha256_of(tmp_path / "y")


NETWORK = (Conv("conv", 2, 1), Flatten(), Dense("fc", 3))


def good_arrays():
    rng = np.random.default_rng(0)
    shapes = {"conv.weight": (2, 3, 1, 1), "conv.bias": (2,), "fc.weight": (3, 8), "fc.bias": (3,)}
    return {name: rng.normal(size=shape).astype(np.float16) for name, shape in shapes.items()}


def test_weights_that_fit():
    arrays = good_arrays()
    weights = fit_weights(NETWORK, arrays | {"other": np.ones(1)}, (2, 2, 3), "w.npz")
    assert {name: value.dtype for name, value in weights.items()} == dict.fromkeys(
        ("conv.K", "conv.b", "fc.W", "fc.b"), np.dtype(np.float32)
    )
    # In the file: channel 0's four pixels, then channel 1's.  Here: both channels of the first pixel, ...
    assert weights["fc.W"][0].tolist() == arrays["fc.weight"][0, [0, 4, 1, 5, 2, 6, 3, 7]].tolist()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("conv.bias", None, "holds no array 'conv.bias'; is it of another network?"),
        ("fc.weight", np.ones((3, 9)), r"'fc.weight' has shape \(3, 9\), expected \(3, 8\)"),
        ("fc.bias", np.array([1, np.nan, 1]), "'fc.bias' holds NaN or infinity"),
        ("fc.bias", np.array([1, 1e300, 1]), "'fc.bias' holds NaN or infinity"),
        ("fc.bias", np.array(["a", "b", "c"]), "'fc.bias' is of <U1; expected floating-point numbers"),
        ("fc.bias", np.array([1, 2, 3]), "'fc.bias' is of int64; expected floating-point numbers"),
        ("fc.bias", np.array([1j, 2, 3]), "'fc.bias' is of complex128; expected floating-point numbers"),
    ],
)
def test_weights_that_do_not_fit(name, value, reason):
    arrays = good_arrays()
    if value is None:
        del arrays[name]
    else:
        arrays[name] = value
    with pytest.raises(UserError, match=f"^w.npz: {reason}"):
        fit_weights(NETWORK, arrays, (2, 2, 3), "w.npz")


@pytest.mark.parametrize(
    ("part", "value", "reason"),
    [
        ("running_var", [1, -2], "'bn.running_var' holds negative variances; get the file again"),
        ("weight", [1, 3e38], "'conv.weight' holds NaN or infinity"),
        ("running_mean", [1, np.inf], "'bn.running_mean' holds NaN or infinity"),
    ],
)
def test_batch_normalisation_that_cannot_be(part, value, reason):
    parts = {"weight": [1, 1], "bias": [0, 0], "running_mean": [0, 0], "running_var": [1, 1]}
    arrays = {f"bn.{name}": np.array(numbers, np.float32) for name, numbers in parts.items()}
    arrays["conv.weight"] = np.full((2, 3, 1, 1), 1e3, np.float32)
    network = (Conv("conv", 2, 1, norm="bn"),)
    assert fit_weights(network, arrays, (2, 2, 3), "w.npz")["conv.b"].tolist() == [0, 0]
    arrays[f"bn.{part}"] = np.array(value, np.float32)
    with pytest.raises(UserError, match=f"^w.npz: {reason}"):
        fit_weights(network, arrays, (2, 2, 3), "w.npz")
