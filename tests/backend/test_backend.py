"""The backends: which module owns an array, the way to the device and back, and the choice between them."""

import dataclasses
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from mrnn_np.backend import Backend, choose_backend, get_xp
from mrnn_np.errors import UserError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("x", [np.zeros(3), np.float32(1), np.zeros(3)[0], 1.0])
def test_get_xp_is_numpy_for_what_is_not_on_a_device(x: object):
    assert get_xp(x) is np


def test_get_xp_is_numpy_for_host_arrays_beside_cupy(strict_cupy: ModuleType):
    assert get_xp(np.zeros(3)) is np


def test_get_xp_is_the_module_that_made_the_array(backend: Backend):
    x = backend.asarray(np.ones((2, 3), np.float32))
    assert get_xp(x) is backend.xp
    assert get_xp(x.sum()) is backend.xp
    assert get_xp(x @ x.T) is backend.xp


def test_numpy_path_never_imports_cupy():
    program = """
import sys
import numpy as np
from mrnn_np.backend import choose_backend, get_xp
backend = choose_backend("numpy")
assert get_xp(backend.asarray(np.zeros(3))) is np
backend.synchronize()
sys.exit("cupy" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int32, np.int64, np.bool_])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 4)])
def test_round_trip_keeps_values_shape_and_dtype(backend: Backend, shape: tuple[int, ...], dtype: type):
    host = np.random.default_rng(0).integers(0, 2, shape).astype(dtype)
    host = np.asarray(host)
    x = backend.asarray(host)
    back = backend.to_numpy(x)
    assert type(back) is np.ndarray
    assert x.dtype == back.dtype == host.dtype
    np.testing.assert_array_equal(back, host)
    backend.synchronize()


def test_transposed_arrays_arrive_as_they_are(backend: Backend):
    host = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(backend.to_numpy(backend.asarray(host.T)), host.T)
    np.testing.assert_array_equal(backend.to_numpy(backend.asarray(host).T), host.T)


def test_numpy_backend_copies_nothing():
    backend, host = choose_backend("numpy"), np.zeros(3)
    assert backend.asarray(host) is host
    assert backend.to_numpy(host) is host


def test_only_the_border_transfers_and_waits(strict_cupy: ModuleType):
    backend = choose_backend("cupy")
    with strict_cupy.testing_counts() as counts:
        x = backend.asarray(np.zeros(3, np.float32))
    assert dict(counts) == {"h2d": 1, "h2d_bytes": 12}
    with strict_cupy.testing_counts() as counts:
        backend.to_numpy(x)
    assert dict(counts) == {"d2h": 1, "d2h_bytes": 12, "sync": 1}
    with strict_cupy.testing_counts() as counts:
        backend.synchronize()
    assert dict(counts) == {"sync": 1}
    with strict_cupy.testing_counts() as counts:
        assert get_xp(x) is strict_cupy
    assert not counts


@pytest.mark.parametrize(("name", "prefix"), [("cupy", ""), ("auto", "auto: ")])
def test_cupy_where_it_runs(strict_cupy: ModuleType, name: str, prefix: str):
    backend = choose_backend(name)
    assert (backend.name, backend.xp) == ("cupy", strict_cupy)
    assert backend.note == f"{prefix}CuPy {strict_cupy.__version__} on strict double of a GPU"


def test_auto_without_cupy_is_numpy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    backend = choose_backend("auto")
    assert (backend.name, backend.xp) == ("numpy", np)
    assert backend.note == "auto: NumPy, because CuPy is not installed"
    assert get_xp(np.zeros(3)) is np


def test_cupy_without_cupy_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(UserError, match=r"^--backend cupy: CuPy is not installed; run: pip install 'cupy-cuda1"):
        choose_backend("cupy")


def test_numpy_says_so():
    assert choose_backend("numpy") == Backend("numpy", np, "NumPy")


@pytest.mark.parametrize("name", ["", "NumPy", "torch"])
def test_unknown_names_are_refused(name: str):
    with pytest.raises(UserError, match=f"^--backend: unknown backend '{name}'; use numpy, cupy or auto$"):
        choose_backend(name)


def test_a_backend_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        choose_backend("numpy").name = "cupy"
