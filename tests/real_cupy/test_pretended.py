"""What the notebooks take for CuPy behaves as CuPy does: the same programs run on both."""

import sys

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.errors import UserError
from mrnn_np.teaching.pretend_gpu import DeviceArray, PretendedCupy

ON_HOST = np.array([1.0, 4.0])


def fill(x):
    x[:] = ON_HOST


def write(x):
    x[0] = 7
    x[1:] = x[:1]
    return x


# From the module and an array of its: what comes of it lies on the device, or on the host, or is refused.
DEVICE = {
    "ufunc of NumPy": lambda xp, x: np.sqrt(x),
    "ufunc of NumPy and a number": lambda xp, x: np.maximum(x, 2.0),
    "reduction of NumPy": lambda xp, x: np.max(x, axis=0, keepdims=True),
    "reduction to one number": lambda xp, x: np.sum(x),
    "reduction by a ufunc": lambda xp, x: np.add.reduce(x),
    "NumPy's concatenate": lambda xp, x: np.concatenate([x, x]),
    "NumPy's where": lambda xp, x: np.where(x > 1, x, 0.0),
    "NumPy's zeros_like": lambda xp, x: np.zeros_like(x),
    "NumPy's matmul": lambda xp, x: np.matmul(x, x),
    "its own functions": lambda xp, x: xp.log(xp.exp(x)),
    "its own ones": lambda xp, x: x @ xp.ones(2),
    "its own reduction": lambda xp, x: xp.sum(x[None], axis=1),
    "its own concatenate": lambda xp, x: xp.concatenate([x, x]),
    "method": lambda xp, x: x.sum(),
    "upload": lambda xp, x: x + xp.asarray(ON_HOST),
    "number of NumPy": lambda xp, x: np.float64(2) * x * np.float64(2),
    "operators": lambda xp, x: (2 - x) / 3 + -x * x**2,
    "index on the host": lambda xp, x: x[np.array([1, 0])],
    "part": lambda xp, x: x[None, :1],
    "writing": lambda xp, x: write(x),
}
HOST = {
    "get": lambda xp, x: x.get(),
    "float": lambda xp, x: float(x[1]),
    "list": lambda xp, x: x.tolist(),
    "shape": lambda xp, x: x.shape,
    "its reduction of a host array": lambda xp, x: xp.sum(ON_HOST),
}
REFUSED = {
    "np.asarray": lambda xp, x: np.asarray(x),
    "np.array": lambda xp, x: np.array(x),
    "np.float32": lambda xp, x: np.float32(x[0]),
    "NumPy indexed by it": lambda xp, x: ON_HOST[x],
    "device + host": lambda xp, x: x + ON_HOST,
    "host + device": lambda xp, x: ON_HOST + x,
    "device @ host": lambda xp, x: x @ ON_HOST,
    "host @ device": lambda xp, x: ON_HOST @ x,
    "array of no axis": lambda xp, x: x * np.array(2.0),
    "its own ufunc of both": lambda xp, x: xp.add(x, ON_HOST),
    "its own ufunc of a host array": lambda xp, x: xp.exp(ON_HOST),
    "NumPy's ufunc of both": lambda xp, x: np.add(x, ON_HOST),
    "where of both": lambda xp, x: np.where(x > 1, x, ON_HOST),
    "concatenate of both": lambda xp, x: xp.concatenate([x, ON_HOST]),
    "list beside it": lambda xp, x: x * [1.0, 2.0],
    "filling with a host array": lambda xp, x: fill(x),
}


def tried(program, xp, x):
    """The numbers that come of a program, and whether they are on the device, or the exception and what it says."""
    try:
        result = program(xp, x)
    except (TypeError, ValueError) as error:
        return type(error), str(error)
    on_device = isinstance(result, xp.ndarray)
    return on_device, (result.get() if on_device else np.asarray(result)).tolist()


def expected_of(name):
    if name in REFUSED:
        return (ValueError,) if "filling" in name else (TypeError,)
    return (name in DEVICE,)


PROGRAMS = {**DEVICE, **{f"to the host: {name}": p for name, p in HOST.items()}, **REFUSED}


def pretended(name):
    with PretendedCupy():
        return tried(PROGRAMS[name], sys.modules["cupy"], DeviceArray(ON_HOST.copy()))


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_comes_of_it(name):
    assert pretended(name)[:1] == expected_of(name)


@pytest.mark.gpu
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")
@pytest.mark.parametrize("name", PROGRAMS)
def test_cupy_does_the_same(name):
    try:
        cupy = choose_backend("cupy").xp
    except UserError as reason:
        pytest.skip(str(reason))
    found, expected = tried(PROGRAMS[name], cupy, cupy.asarray(ON_HOST)), pretended(name)
    assert found[0] == expected[0]
    if isinstance(found[0], bool):
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)
    elif "@" not in name and name != "list beside it":  # of which it says other things
        assert found[1] == expected[1]
