"""One training step, and 15 kinds of bug to put into it: code that NumPy accepts and a GPU refuses or is slowed by.

A bug is text replaced in a copy of a module of the package.
"""

import importlib
import inspect
import sys
from types import ModuleType

import numpy as np

from mrnn_np.backend import choose_backend
from mrnn_np.data.batches import pack
from mrnn_np.data.vocabulary import END
from mrnn_np.distributed.ranks import ALONE
from mrnn_np.distributed.shares import Team
from mrnn_np.layers.dropout import NO_DROPOUT
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN
from mrnn_np.training import gradient, sgd

MODEL = MRNN(M=20, d_I=5, d_e=4, d_w=6, d_m=7)

# The kind of bug: the module, its text, and what is written instead.
BUGS = {
    "np.tanh of a device array": (
        "layers.multimodal",
        "    return g.f(",
        "    return (lambda z: 1.7159 * np.tanh(2 / 3 * z))(",
    ),
    "zeros on the host": ("layers.recurrent", "xp.zeros((sizes[0]", "np.zeros((sizes[0]"),
    "index on the host": ("layers.softmax", "rows = xp.arange(len(scores))", "rows = np.arange(len(scores))"),
    "float64 scalar promotes": (
        "training.sgd",
        "with_l2 = (2 * l2) * theta",
        "with_l2 = np.float64(2 * l2) * theta",
    ),
    "fancy += loses duplicates": (
        "layers.embedding",
        "    return picked_sum(sum_rows(de, ids, words), words, E)",
        "    dE = get_xp(E).zeros_like(E)\n    dE[ids] += de\n    return dE",
    ),
    "loss read in the step": (
        "model.mrnn",
        "        return bits, [",
        "        float(bits.sum())\n        return bits, [",
    ),
    "sum(where=)": (
        "layers.outer_sum",
        "dz[:, rows].sum(axis=0, out=out)",
        "dz[:, rows].sum(axis=0, out=out, where=True)",
    ),
    "clip(min=)": ("layers.recurrent", "f.f(r @ U_r.T + w)", "get_xp(w).clip(r @ U_r.T + w, min=0)"),
    "argsort(stable=)": (
        "layers.embedding",
        "    return E[ids], (",
        "    get_xp(E).argsort(ids, stable=True)\n    return E[ids], (",
    ),
    "subtract.at": (
        "layers.embedding",
        "    return picked_sum(sum_rows(de, ids, words), words, E)",
        "    dE = get_xp(E).zeros_like(E)\n    get_xp(E).subtract.at(dE, ids, -de)\n    return dE",
    ),
    "branch on device data": (
        "layers.recurrent",
        "    return dz, outer_sum(",
        "    if (dz != 0).any():\n        pass\n    return dz, outer_sum(",
    ),
    "empty for zeros": ("layers.outer_sum", "    table.fill(0)\n", ""),
    "ufunc(where=)": (
        "layers.softmax",
        "    scores += b_y\n    # Softmax",
        "    xp.add(scores, b_y, out=scores, where=scores == scores)\n    # Softmax",
    ),
    "size depends on data": ("model.mrnn", "        return bits, [", "        bits[bits > 0]\n        return bits, ["),
    "np.concatenate of device arrays": (
        "layers.recurrent",
        "    return r, (r, ",
        "    r = np.concatenate([r])\n    return r, (r, ",
    ),
}


def plant(monkeypatch, part, old, new):
    """Replace text in a copy of a module, and every function of it that the package uses by the copy's."""
    module = importlib.import_module(f"mrnn_np.{part}")
    source = inspect.getsource(module)
    assert source.count(old) == 1, f"{part} no longer holds this text once: {old!r}"
    copy = ModuleType(module.__name__)
    copy.__dict__.update(np=np, __file__=module.__file__)
    # Registered while it runs, as dataclasses want it.
    with monkeypatch.context() as importing:
        importing.setitem(sys.modules, module.__name__, copy)
        exec(compile(source.replace(old, new), module.__file__, "exec"), copy.__dict__)
    for user in [m for name, m in sys.modules.items() if name.startswith("mrnn_np")]:
        for name, value in list(vars(user).items()):
            if getattr(value, "__module__", None) == module.__name__ and hasattr(copy, name):
                monkeypatch.setattr(user, name, getattr(copy, name))


def step(backend, around_step=None):
    """One training step in float32: the host parameters after it and the cost."""
    rng = np.random.default_rng(0)
    sentences = [np.append(rng.integers(3, 20, n), END) for n in (5, 3, 3, 0, 4)]
    features = rng.normal(size=(3, 5)).astype(np.float32)
    batch = pack(sentences, [0, 1, 2, 1, 0], features.__getitem__).to(backend.asarray)
    # Looked up where they are used, so that a planted copy is found.
    model = importlib.import_module("mrnn_np.model.mrnn").MRNN(MODEL.M, MODEL.d_I, MODEL.d_e, MODEL.d_w, MODEL.d_m)
    start = initial_params(MODEL, rng, np.ones(20))
    params = start.with_theta(backend.asarray(start.theta.astype(np.float32)))
    velocity = backend.xp.zeros_like(params.theta)
    team = Team(1, ALONE, backend)
    with around_step or np.errstate():
        grads, bits = gradient.BatchGradient(model, team, backend, None).of(params, batch, NO_DROPOUT)
        sgd.SGD(l2=1e-3, momentum=0.9, clip=0.5).update(params, grads, velocity, lr=0.1)
    return [backend.to_numpy(params.theta), backend.to_numpy(bits)]


EXPECTED = step(choose_backend("numpy"))


def same(found):
    return all(
        x.dtype == y.dtype and np.allclose(x, y, rtol=1e-4, atol=1e-6) for x, y in zip(found, EXPECTED, strict=True)
    )
