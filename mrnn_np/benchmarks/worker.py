"""One variant in a process of its own: for each line on stdin one round is run and told as a line of JSON on stdout."""

import json
import math
import os
import sys
import time
from typing import Any

from mrnn_np.backend import choose_backend
from mrnn_np.backend.threads import limit_threads
from mrnn_np.benchmarks.gpu import device_memory, host_milliseconds, on_the_device
from mrnn_np.benchmarks.memory import forget_peak, peak_memory
from mrnn_np.benchmarks.task import Task
from mrnn_np.benchmarks.works import WORKS
from mrnn_np.command_line.run import run_command
from mrnn_np.errors import UserError

ON_THE_HOST = "numpy", "padded"
"""Variants that do not compute on a GPU."""
ROUND_SECONDS = 0.3
PAUSE_SECONDS = 0.1
"""Seconds of rest before each round, as the threads of the variant before go on looking for work for a while."""


def main() -> int:
    """Warm up with one round, tell its results, then run a round for each line that comes."""
    work, variant, vocabulary, batch_size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    backend = choose_backend("numpy" if variant in ON_THE_HOST else sys.argv[5])
    on_device, threads = backend.name == "cupy", int(sys.argv[6])
    if threads:
        limit_threads(threads)
    if variant.startswith("torch"):
        prepare_torch(on_device, threads)  # before memory is measured, so that PyTorch's own size does not count
    forget_peak()
    imported = peak_memory()
    make = WORKS[work].variants["numpy" if variant == "cupy" else variant]
    task = make(vocabulary, batch_size, backend)
    # What making the parameters took is of no interest.
    forget_peak()
    told: dict[str, Any] = {"results": task.run(), "libraries": libraries()}
    times = repetitions(task)
    if variant == "cupy" and task.steps:
        told |= on_the_device(backend, task)
    print(json.dumps(told), flush=True)
    for _ in sys.stdin:
        time.sleep(PAUSE_SECONDS)
        backend.synchronize()
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(times):
            task.run()
        backend.synchronize()
        wall, cpu = (time.perf_counter() - wall) / times, (time.process_time() - cpu) / times
        memory = device_memory(backend) if on_device else peak_memory() - imported
        told = {"per_second": task.count / wall, "cpu_seconds": cpu, "memory_mb": memory}
        if on_device and task.steps:
            told["host_ms"] = host_milliseconds(backend, task)
        print(json.dumps(told), flush=True)
    return 0


def prepare_torch(on_device: bool, threads: int) -> None:
    """Import PyTorch and, if it is to compute on the GPU, put its tensors there; TF32 as CuPy has it, by CUPY_TF32.

    `threads` compute on the CPU, 0 leaves it to PyTorch.
    """
    import torch

    if threads:
        torch.set_num_threads(threads)
    if not on_device:
        return
    if not torch.cuda.is_available():
        raise UserError("--backend cupy --vs torch: this PyTorch sees no GPU; install one that was built for CUDA")
    torch.set_default_device("cuda")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = os.environ.get("CUPY_TF32") == "1"


def repetitions(task: Task) -> int:
    """How often a round does the task, so that it is long enough to be measured."""
    start = time.perf_counter()
    task.run()
    return math.ceil(ROUND_SECONDS / (time.perf_counter() - start))


def libraries() -> list[str]:
    """The libraries that compute, their kernels and threads, where threadpoolctl is installed to ask them."""
    try:
        from threadpoolctl import threadpool_info  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        return []
    return [f"{i['internal_api']} {i.get('architecture', '')} {i['num_threads']} threads" for i in threadpool_info()]


if __name__ == "__main__":
    run_command(main)
