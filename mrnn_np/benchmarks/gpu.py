"""What is asked of a GPU beside time: how many kernels a step starts, how long the host is busy with it, and memory."""

import contextlib
import ctypes
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from mrnn_np.backend import Backend
from mrnn_np.benchmarks.task import Task, flops

SIDE = 8192


def on_the_device(backend: Backend, task: Task) -> dict[str, Any]:
    """Tell the products' operations of a word, the device's peak of them a second, and a step's launches.

    Where a step cannot be recorded, "uncounted" says why: the times of a benchmark do not depend on it.
    """
    backend.synchronize()
    told = {"flops": flops(task.products) / task.count, "peak_flops": peak_flops(backend)}
    try:
        return told | {"launches": launches(backend, task.steps[0])}
    except Exception as error:  # whatever a driver or another version of CuPy has against it
        return told | {"uncounted": f"{type(error).__name__}: {error}"}


def launches(backend: Backend, step: Callable[[], Any]) -> int:
    """How many kernels, copies and fills a step starts: it is recorded in place of being run, and they are counted.

    CuPy refuses to record products; they are left out, and counted where they are asked for.
    """
    runtime = backend.xp.cuda.runtime
    with backend.xp.cuda.Stream(non_blocking=True) as stream:
        step()  # afterwards this stream's pool holds all the memory a step needs; getting more cannot be recorded
        stream.synchronize()
        with products_left_out() as products:
            runtime.streamBeginCapture(stream.ptr)
            try:
                step()
            finally:
                graph = runtime.streamEndCapture(stream.ptr)
        try:
            return nodes(graph) + sum(products.values())
        finally:
            runtime.graphDestroy(graph)


@contextlib.contextmanager
def products_left_out() -> Iterator[Counter[str]]:
    """Within it cuBLAS computes nothing; yields how often each of its functions was asked to."""
    cublas, asked = import_module("cupy_backends.cuda.libs.cublas"), Counter[str]()
    kept = {
        name: function
        for name, function in vars(cublas).items()
        if any(kind in name for kind in ("gemm", "gemv", "dot", "axpy", "nrm2", "scal", "ger")) and callable(function)
    }

    def count(name: str) -> Callable[..., None]:
        return lambda *args: asked.update([name])

    try:
        for name in kept:
            setattr(cublas, name, count(name))
        yield asked
    finally:
        for name, function in kept.items():
            setattr(cublas, name, function)


def nodes(graph: int) -> int:
    """How many there are in a CUDA graph."""
    count = ctypes.c_size_t()
    error = ctypes.CDLL("libcuda.so.1").cuGraphGetNodes(ctypes.c_void_p(graph), None, ctypes.byref(count))
    if error:
        raise OSError(f"cuGraphGetNodes: CUDA error {error}")
    return count.value


def host_milliseconds(backend: Backend, task: Task) -> float:
    """How long the host is busy with a step before it could go on to the next: the median of the steps of a round."""
    times = []
    for step in task.steps:
        backend.synchronize()
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    backend.synchronize()
    return statistics.median(times)


def device_memory(backend: Backend) -> float:
    """Megabytes of the GPU that this process has taken for arrays or, where it has imported PyTorch, for tensors."""
    if "torch" in sys.modules:
        return float(sys.modules["torch"].cuda.max_memory_reserved()) / 1e6
    return float(backend.xp.get_default_memory_pool().total_bytes()) / 1e6


def peak_flops(backend: Backend) -> float:
    """Operations a second of one large float32 product."""
    from cupyx.profiler import benchmark

    x = backend.xp.ones((SIDE, SIDE), backend.xp.float32)
    times = benchmark(backend.xp.matmul, (x, x), n_repeat=10, n_warmup=3).gpu_times
    return 2 * SIDE**3 / float(sorted(times.flat)[times.size // 2])
