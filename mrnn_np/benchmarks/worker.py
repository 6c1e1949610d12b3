"""One variant in a process of its own: for each line on stdin one round is run and told as a line of JSON on stdout."""

import json
import resource
import sys
import time

from mrnn_np.benchmarks.steps import STEPS
from mrnn_np.benchmarks.workload import workload
from mrnn_np.command_line import run_command


def peak_memory() -> float:
    """The largest resident memory of this process so far, in MB."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / (1e6 if sys.platform == "darwin" else 1e3)


def main() -> int:
    """Warm up with one pass over the batches, tell the costs, then run a round for each line that comes."""
    variant, vocabulary, batch_size, batches = sys.argv[1], *map(int, sys.argv[2:])
    model, params, packed = workload(vocabulary, batch_size, batches)
    before = peak_memory()
    step = STEPS[variant](model, params)
    imported = max(before, peak_memory())
    costs = [step(batch) for batch in packed]
    print(json.dumps({"costs": costs}), flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        for batch in packed:
            step(batch)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        told = {
            "words_per_second": sum(map(len, packed)) / wall,
            "cpu_seconds": cpu,
            "memory_mb": peak_memory() - imported,
        }
        print(json.dumps(told), flush=True)
    return 0


if __name__ == "__main__":
    run_command(main)
