"""Measure this package beside PyTorch and the bare matrix products:  python -m mrnn_np.bench --vs torch."""

import argparse
import json
from importlib.util import find_spec
from statistics import median
from typing import Any

from mrnn_np.backend import choose_backend
from mrnn_np.backend.room import require_room
from mrnn_np.benchmarks.many_ranks import measure_ranks, ranks_table
from mrnn_np.benchmarks.report import device_lines, machine, spread, table, threads_table
from mrnn_np.benchmarks.rounds import Rounds, measure_rounds
from mrnn_np.benchmarks.scale import measure_scale, scale_table
from mrnn_np.benchmarks.workload import least_memory
from mrnn_np.benchmarks.works import PEERS, WORKS
from mrnn_np.command_line.limits import MOST_THREADS, whole
from mrnn_np.command_line.options import Parser
from mrnn_np.command_line.run import run_command
from mrnn_np.errors import UserError
from mrnn_np.files import atomic_write, new_file, write_text
from mrnn_np.plots.benchmarks import cost_growth, speed_over_threads, speed_ratios
from mrnn_np.plots.style import Picture


def main() -> int:
    """Run the command."""
    arguments = parse_arguments()
    told: dict[str, Any] = {"machine": machine(), "arguments": {k: str(v) for k, v in vars(arguments).items()}}
    print(told["machine"])
    if arguments.scale:
        told["scale"] = measure_scale()
        print("training step, cost of a word", *scale_table(told["scale"]), sep="\n")
        growth = {a: [(p["value"], p["microseconds"]) for p in points] for a, points in told["scale"].items()}
        picture = cost_growth(growth, "microseconds per word")
    elif arguments.threads:
        told["threads"] = {work: over_threads(work, arguments) for work in arguments.work}
        works = {WORKS[work].title: median_speeds(about) for work, about in told["threads"].items()}
        picture = speed_over_threads(works)
    elif arguments.ranks:
        told["ranks"] = measured = measure_ranks(
            arguments.ranks, arguments.vocabulary, arguments.batch_size or WORKS["step"].batch_size, arguments.rounds
        )
        print("training step on processes of one thread each", *ranks_table(measured), sep="\n")
        speeds = [(m["ranks"], m["per_second"]) for m in measured]
        picture = cost_growth({"ranks": speeds}, "words per second")
    else:
        told["works"] = {work: measure_and_print(work, arguments) for work in arguments.work}
        picture = draw({WORKS[work].title: about["rounds"] for work, about in told["works"].items()})
    if arguments.out:
        write_text(arguments.out, json.dumps(told, indent=1) + "\n")
    if arguments.picture:
        atomic_write(arguments.picture, picture.write)
    return 0


def parse_arguments() -> argparse.Namespace:
    """Read the command line, and refuse what cannot be measured here."""
    parser = Parser(
        prog="python -m mrnn_np.bench",
        description="Measure the paper's m-RNN: this package, the bare matrix products it cannot do without, others.",
    )
    parser.add_argument("--work", nargs="+", choices=WORKS, default=["step"], help="what to measure (default: step)")
    parser.add_argument(
        "--vs", nargs="+", choices=PEERS, default=[], help="measure these as well, each at the work it can do"
    )
    parser.add_argument(
        "--backend",
        choices=("numpy", "cupy"),
        default="numpy",
        help="where this package, PyTorch and the bare products compute: the CPU, or a GPU with CuPy (default: numpy)",
    )
    parser.add_argument(
        "--vocabulary",
        type=whole("--vocabulary", least=5),
        default=2500,
        metavar="M",
        help="words in the vocabulary (default: 2500)",
    )
    sizes = ", ".join(f"{work.batch_size} {work.items} for {name}" for name, work in WORKS.items())
    parser.add_argument(
        "--batch-size", type=whole("--batch-size"), metavar="B", help=f"how many are done together (default: {sizes})"
    )
    parser.add_argument(
        "--rounds",
        type=whole("--rounds"),
        default=9,
        metavar="N",
        help="how often each is measured, in turn (default: 9)",
    )
    parser.add_argument("--scale", action="store_true", help="measure instead how the cost of a word grows")
    parser.add_argument(
        "--ranks",
        nargs="+",
        type=whole("--ranks"),
        metavar="N",
        help="measure instead a training step on so many processes of one thread, started by mpiexec",
    )
    parser.add_argument(
        "--threads",
        nargs="+",
        type=whole("--threads", most=MOST_THREADS),
        metavar="N",
        help="measure on so many threads, one number after the other (default: all cores)",
    )
    parser.add_argument("--out", type=new_file, metavar="F.json", help="write all that was measured to this file")
    parser.add_argument("--picture", type=new_file, metavar="F.png", help="draw what was measured into this file")
    arguments = parser.parse_args()
    if arguments.backend == "cupy":
        if arguments.threads:
            raise UserError("--threads: a GPU is kept busy by one; leave it out, or --backend cupy")
        choose_backend("cupy")
    for peer in arguments.vs:
        if not any(peer in WORKS[work].variants for work in arguments.work):
            raise UserError(f"--vs {peer}: it does not do --work {' '.join(arguments.work)}; see --help")
        if peer.startswith("torch") and find_spec("torch") is None:
            raise UserError(f"--vs {peer}: PyTorch is not installed; run: pip install torch")
    for work in arguments.work:
        needed = least_memory(arguments.vocabulary, arguments.batch_size or WORKS[work].batch_size)
        require_room(f"--work {work}", needed, "lower --vocabulary or --batch-size")
    return arguments


def measure_and_print(work: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure one kind of work and print its table; returns all there is to know of it."""
    known = WORKS[work]
    peers = [peer for peer in arguments.vs if peer in known.variants]
    variants = ["numpy", *(["cupy"] if arguments.backend == "cupy" else []), "products", *peers]
    batch_size = arguments.batch_size or known.batch_size
    rounds, told = measure_rounds(work, variants, arguments.vocabulary, batch_size, arguments.rounds, arguments.backend)
    words = "" if work == "extract" else f", vocabulary {arguments.vocabulary:,}"
    print(f"\n{known.title}{words}, {batch_size} {known.items}")
    print(*table(rounds, known.unit), sep="\n")
    if arguments.backend == "cupy":
        print(
            "what runs on the GPU has the GPU's memory, and the products run there",
            *device_lines(rounds, told),
            sep="\n",
        )
    for variant in variants:
        print(f"{variant}: {', '.join(told[variant]['libraries']) or 'threadpoolctl is not installed'}")
    return {"rounds": rounds, "told": told}


def over_threads(work: str, arguments: argparse.Namespace) -> dict[int, Rounds]:
    """Measure one kind of work on each number of threads, and print its table."""
    known = WORKS[work]
    variants = ["numpy", "products", *(peer for peer in arguments.vs if peer in known.variants)]
    batch_size = arguments.batch_size or known.batch_size
    measured = {}
    for threads in arguments.threads:
        sizes = arguments.vocabulary, batch_size, arguments.rounds
        measured[threads], told = measure_rounds(work, variants, *sizes, threads=threads)
    print(f"\n{known.title}, vocabulary {arguments.vocabulary:,}, {batch_size} {known.items}")
    print(*threads_table(measured, known.unit), sep="\n")
    for variant in variants:
        print(f"{variant}: {', '.join(told[variant]['libraries']) or 'threadpoolctl is not installed'}")
    return measured


def median_speeds(measured: dict[int, Rounds]) -> dict[str, list[tuple[int, float]]]:
    """The median speed of each variant on each number of threads."""
    variants = next(iter(measured.values()))
    return {
        variant: [(threads, median(r["per_second"] for r in rounds[variant])) for threads, rounds in measured.items()]
        for variant in variants
    }


def draw(works: dict[str, Rounds]) -> Picture:
    """The ratios as bars."""
    return speed_ratios(
        {title: {v: spread(own, rounds["numpy"]) for v, own in rounds.items()} for title, rounds in works.items()}
    )


if __name__ == "__main__":
    run_command(main)
