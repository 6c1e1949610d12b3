"""Where arrays live: in the host's memory (NumPy) or on a GPU (CuPy).

A command calls `choose_backend` once and passes the `Backend` down.  It is needed only at the edges, where
arrays cross between host and device.  Everything in between asks the array itself, `xp = get_xp(w)`, and then
writes the same line for both: `xp.tanh(z)`.

Where a chain of such lines is worth a CUDA kernel, `on_gpu` names the kernel and the lines stay as they are.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mrnn_np.backend.ahead import moved_ahead
from mrnn_np.backend.arrays import Array, get_xp
from mrnn_np.backend.cupy_probe import CupyUnusableError, describe_device, load_cupy
from mrnn_np.backend.dispatch import on_gpu
from mrnn_np.errors import UserError

__all__ = ["Array", "Backend", "choose_backend", "get_xp", "moved_ahead", "on_gpu"]


@dataclass(frozen=True)
class Backend:
    """The array module in use and the three operations at the border between host and device.

    `name` is "numpy" or "cupy", `xp` the module itself, and `note` one line telling the user what was chosen.
    """

    name: Literal["numpy", "cupy"]
    xp: Any
    note: str

    def asarray(self, host_array: Array) -> Array:
        """Upload a NumPy array and keep its dtype.  On NumPy this is the same array, not a copy."""
        return self.xp.asarray(host_array)

    def to_numpy(self, x: Array) -> np.ndarray[Any, Any]:
        """Download an array, waiting for what computes it.  On NumPy this is the same array, not a copy."""
        host_array: np.ndarray[Any, Any] = np.asarray(x) if self.name == "numpy" else self.xp.asnumpy(x)
        return host_array

    def synchronize(self) -> None:
        """Wait until the device has done all its work: before reading a clock, never in a training step."""
        if self.name == "cupy":
            self.xp.cuda.Device().synchronize()


def choose_backend(name: str) -> Backend:
    """Return the backend that `--backend name` asks for: "numpy", "cupy" or "auto".

    "cupy" either runs or raises, and never falls back in silence.  "auto" takes CuPy where it runs and NumPy
    otherwise, and its `note` says which and why.

    Raises
    ------
    UserError
        The name is unknown, or it is "cupy" and CuPy cannot run here.

    """
    if name == "numpy":
        return Backend("numpy", np, "NumPy")
    if name not in ("cupy", "auto"):
        raise UserError(f"--backend: unknown backend {name!r}; use numpy, cupy or auto")
    prefix = "auto: " if name == "auto" else ""
    try:
        cupy = load_cupy()
    except CupyUnusableError as reason:
        if name == "cupy":
            raise UserError(f"--backend cupy: {reason.problem}; {reason.remedy}") from None
        return Backend("numpy", np, f"auto: NumPy, because {reason.problem}")
    return Backend("cupy", cupy, f"{prefix}CuPy {cupy.__version__} on {describe_device(cupy)}")
