"""The forms in which PyTorch and training programs have saved weights since 2017 give the same arrays."""

import collections
import contextlib
import pickle
import struct

import numpy as np
import pytest

from mrnn_np.errors import UserError
from mrnn_np.vision.pth import read_pth
from mrnn_np.vision.weight_files import read_weights

START = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps({"little_endian": True}, 2)
NUMBERS = np.arange(6, dtype=np.float32)
STORAGE = b"(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x06NtQ"
SHAPE = b"K\x02K\x03\x86"
STRIDES = b"K\x03K\x01\x86"
STATE = b"(" + STORAGE + b"K\x00" + SHAPE + STRIDES + b"t"


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")


def legacy(path, tensor):
    """Write what PyTorch of 2017 did under Python 2: an OrderedDict of pairs with one tensor, whose pickle is given."""
    described = b"\x80\x02ccollections\nOrderedDict\nq\x01]q\x02]q\x03(U\x01xq\x04" + tensor + b"ea\x85q\x05Rq\x06."
    path.write_bytes(START + described + pickle.dumps(["0"], 2) + struct.pack("<q", 6) + NUMBERS.tobytes())
    return path


@pytest.mark.parametrize(
    "tensor",
    [
        b"ctorch._utils\n_rebuild_tensor\n" + STATE + b"R",
        b"ctorch.nn.parameter\nParameter\nctorch._utils\n_rebuild_tensor\n" + STATE + b"R\x85R(\x88\x89Ntb",
        b"ctorch.autograd.variable\nVariable\nctorch._utils\n_rebuild_tensor\n" + STATE + b"R\x85R(\x88\x89Ntb",
        b"ctorch\nFloatTensor\n)\x81" + STATE + b"b",
        b"ctorch\nFloatTensor\n)R" + STATE + b"b",
    ],
    ids=["_rebuild_tensor", "Parameter", "Variable", "FloatTensor made", "FloatTensor called"],
)
def test_what_pytorch_of_2017_pickled(tensor, tmp_path):
    assert read_weights(legacy(tmp_path / "old.pth", tensor))["x"].tolist() == NUMBERS.reshape(2, 3).tolist()


def test_the_old_form_of_every_tensor(torch, tmp_path, monkeypatch):
    def reduced(self, _protocol):
        storage = torch.storage.TypedStorage(wrap_storage=self.untyped_storage(), dtype=self.dtype, _internal=True)
        return torch._utils._rebuild_tensor, (storage, self.storage_offset(), tuple(self.size()), self.stride())

    base = torch.arange(24.0).reshape(2, 3, 4)
    state = collections.OrderedDict(a=base, b=base.transpose(0, 2), c=base[1:, :, 1:3], d=torch.tensor([2, 3]))
    torch.save(state, tmp_path / "new.pth")
    monkeypatch.setattr(torch.Tensor, "__reduce_ex__", reduced)
    for zipped in (False, True):
        path = tmp_path / f"{zipped}.pth"
        torch.save(state, path, _use_new_zipfile_serialization=zipped)
        assert b"_rebuild_tensor\n" in path.read_bytes()
        old, new = read_weights(path), read_weights(tmp_path / "new.pth")
        assert list(old) == list(new) == list(state)
        for name in state:
            assert np.array_equal(old[name], new[name])
            assert old[name].dtype == new[name].dtype


@pytest.mark.parametrize("zipped", [True, False])
def test_parameters_and_tensors_with_attributes_are_tensors(torch, tmp_path, zipped):
    with_state, with_attribute = torch.nn.Parameter(torch.ones(2)), torch.ones(4)
    with_state.tag, with_attribute.tag = 3, "x"
    state = {
        "parameter": torch.nn.Parameter(torch.ones(3)),
        "with state": with_state,
        "with attribute": with_attribute,
        "half": torch.nn.Parameter(torch.ones(1, dtype=torch.bfloat16)),
        "gradient": torch.ones(5, requires_grad=True),
    }
    torch.save(state, tmp_path / "w.pth", _use_new_zipfile_serialization=zipped)
    assert {name: array.tolist() for name, array in read_weights(tmp_path / "w.pth").items()} == {
        "parameter": [1] * 3, "with state": [1] * 2, "with attribute": [1] * 4, "half": [1], "gradient": [1] * 5
    }  # fmt: skip


@pytest.mark.parametrize("zipped", [True, False])
def test_numbers_of_numpy_beside_the_weights(torch, tmp_path, zipped):
    beside = {"best": np.float64(0.5), "losses": np.arange(3.0), "raw": b"\x00\xff", "seen": {np.int64(3): "x"}}
    torch.save(
        {**beside, "state_dict": {"x": torch.ones(2)}}, tmp_path / "w.pth", _use_new_zipfile_serialization=zipped
    )
    assert {name: array.tolist() for name, array in read_weights(tmp_path / "w.pth").items()} == {"x": [1, 1]}


def test_a_negated_view_is_refused(torch, tmp_path):
    torch.save({"x": torch.ones(2, dtype=torch.complex64).conj().imag}, tmp_path / "w.pth")
    with pytest.raises(UserError, match="it holds a negated or conjugate view"):
        read_pth(tmp_path / "w.pth")


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda state, tensor: {"best_acc1": tensor(3.0), "epoch": tensor(1), "state_dict": state},
        lambda state, tensor: {"model": "alexnet", "state_dict": state},
        lambda state, tensor: {"checkpoint": {"model": {"state_dict": state}}, "step": 1},
        lambda state, tensor: {"model": {"state_dict": state}, "optimizer": {"state": {0: {"buffer": tensor(1.0)}}}},
        lambda state, tensor: {"net": state, "args": {"lr": 0.1, "sizes": (1, 2)}, "loss": [0.5, None]},
        lambda state, tensor: {"trainer": {"weights": state}, "shape": tensor([1]).shape},
        lambda state, tensor: {
            "pytorch-lightning_version": "2.5", "state_dict": {f"model.{name}": state[name] for name in state},
            "callbacks": {"ModelCheckpoint{}": {"best_model_score": tensor(0.5)}}, "loops": {"fit_loop": {"x": {}}},
        },
        lambda state, tensor: {"fc": {"weight": state["fc.weight"], "bias": state["fc.bias"]}},
    ],
)  # fmt: skip
def test_weights_are_found_in_checkpoints(torch, tmp_path, wrapped):
    state = {"fc.weight": torch.ones(2, 3), "fc.bias": torch.zeros(2)}
    torch.save(wrapped(state, torch.tensor), tmp_path / "w.pth")
    arrays = read_weights(tmp_path / "w.pth")
    found = {name.split("fc.")[-1]: array.shape for name, array in arrays.items() if "fc." in name}
    assert found == {"weight": (2, 3), "bias": (2,)}


def test_files_without_checksums_are_read(torch, tmp_path):
    with contextlib.ExitStack() as stack:
        stack.callback(torch.serialization.set_crc32_options, torch.serialization.get_crc32_options())
        torch.serialization.set_crc32_options(False)
        torch.save({"x": torch.ones(2)}, tmp_path / "w.pth")
    assert read_weights(tmp_path / "w.pth")["x"].tolist() == [1, 1]


def test_every_flipped_bit_of_the_numbers_in_a_zip_is_seen(torch, tmp_path):
    path = tmp_path / "w.pth"
    torch.save({"x": torch.arange(100.0), "y": torch.ones(3)}, path)
    raw = path.read_bytes()
    start = raw.index(np.arange(100, dtype=np.float32).tobytes())
    for bit in range(0, 3200, 97):
        damaged = bytearray(raw)
        damaged[start + bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        with pytest.raises(UserError, match=r"w\.pth: is not a PyTorch file of plain tensors \(w/data/0 is damaged\)"):
            read_pth(path)
