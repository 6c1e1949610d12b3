"""What is asked of a GPU beside time: how many kernels a training step starts, and how fast a product can be at all."""

import ctypes
from collections.abc import Callable
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
        return told | {"launches": launches(backend, task.step) if task.step else 0}
    except (OSError, backend.xp.cuda.runtime.CUDARuntimeError) as error:
        return told | {"uncounted": str(error)}


def launches(backend: Backend, step: Callable[[], Any]) -> int:
    """How many kernels, copies and fills a step starts: it is recorded in place of being run, and they are counted."""
    runtime = backend.xp.cuda.runtime
    with backend.xp.cuda.Stream(non_blocking=True) as stream:
        step()  # afterwards this stream's pool holds all the memory a step needs; getting more cannot be recorded
        stream.synchronize()
        runtime.streamBeginCapture(stream.ptr)
        step()
        graph = runtime.streamEndCapture(stream.ptr)
    count = ctypes.c_size_t()
    ctypes.CDLL("libcuda.so.1").cuGraphGetNodes(ctypes.c_void_p(graph), None, ctypes.byref(count))
    runtime.graphDestroy(graph)
    return count.value


def peak_flops(backend: Backend) -> float:
    """Operations a second of one large float32 product."""
    from cupyx.profiler import benchmark

    x = backend.xp.ones((SIDE, SIDE), backend.xp.float32)
    times = benchmark(backend.xp.matmul, (x, x), n_repeat=10, n_warmup=3).gpu_times
    return 2 * SIDE**3 / float(sorted(times.flat)[times.size // 2])
