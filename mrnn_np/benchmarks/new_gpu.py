"""All there is to know about a GPU that this package has not met:  python -m mrnn_np.benchmarks.new_gpu REPORT.txt.

Gradients, the tests where a checkout is there, speed beside NumPy, PyTorch and the bare products, decoding, training on
the scenes, and what TF32 changes: each in a process of its own, in five minutes.  What one of them says stands in the
report as soon as it has ended, and none keeps the others from running.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from mrnn_np.backend import choose_backend
from mrnn_np.benchmarks.report import machine
from mrnn_np.command_line.options import Parser
from mrnn_np.command_line.run import run_command
from mrnn_np.errors import UserError
from mrnn_np.files import new_file, write_text

SECONDS = 150
"""After which a part is ended."""


@dataclass(frozen=True)
class Part:
    """One thing to find out: what follows `python -m`, and where."""

    title: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path = Path()


def parts(backend: str, folder: Path) -> Iterator[Part]:
    """Everything worth knowing; what is trained goes into `folder`."""
    on = ["--backend", backend]
    # The others' own compiler takes longer than all the rest.
    vs = ["--vs", "torch", "torch-cudnn"] if find_spec("torch") else []
    step = ["mrnn_np.bench", *on, "--work", "step", "--rounds", "3"]
    yield Part("every gradient", ["mrnn_np.gradcheck", *on])
    checkout = Path(__file__).parents[2]
    if (checkout / "tests" / "gpu").is_dir() and find_spec("pytest"):
        side_by_side = ["-n", "8"] if find_spec("xdist") else []
        tests = ["pytest", "-q", "-m", "gpu", "-p", "no:cacheprovider", *side_by_side, "tests"]
        yield Part("the tests marked gpu", tests, folder=checkout)
    for vocabulary, sentences in ((2500, 128), (10_000, 128), (10_000, 512)):
        sizes = ["--vocabulary", str(vocabulary), "--batch-size", str(sentences)]
        yield Part(f"a training step, {vocabulary:,} words, {sentences} sentences", [*step, *sizes, *vs])
    yield Part("the last of these with TF32", [*step, *sizes, *vs], {"CUPY_TF32": "1"})
    decoding = ["mrnn_np.bench", *on, "--work", "greedy", "beam", "--vocabulary", "10000", "--rounds", "3", *vs[:2]]
    yield Part("decoding", decoding)
    yield Part("training on the scenes", ["mrnn_np.train", *on, "--out", str(folder / "scenes")])


def main() -> int:
    """Run the command; raises UserError at the end where a part has failed."""
    parser = Parser(
        prog="python -m mrnn_np.benchmarks.new_gpu", description="Find out all about a GPU in five minutes."
    )
    parser.add_argument("report", type=new_file, help="file to write what was found to")
    parser.add_argument("--backend", choices=("cupy", "numpy"), default="cupy", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    said, failed = [machine(), choose_backend(arguments.backend).note], 0
    with tempfile.TemporaryDirectory() as folder:
        for part in parts(arguments.backend, Path(folder)):
            print(f"{part.title} ...", flush=True)
            start = time.monotonic()
            status, output = ask(part)
            took = f"{time.monotonic() - start:.0f} s, {status}"
            print(f"    {took}")
            failed += status != "done"
            set_before = [f"{name}={value}" for name, value in part.environment.items()]
            command = " ".join([*set_before, "python", "-m", *part.command])
            said += [f"== {part.title}: {took}\n{command}\n\n{output.strip()}"]
            write_text(arguments.report, "\n\n".join(said) + "\n")
    if failed:
        raise UserError(f"{failed} of these failed; the reasons stand in {arguments.report}")
    return 0


def ask(part: Part) -> tuple[str, str]:
    """How a part has ended and what it has said."""
    command = [sys.executable, "-m", *part.command]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"} | part.environment
    try:
        done = subprocess.run(
            command,
            cwd=part.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired as late:
        return f"ended after {SECONDS} s", bytes(late.stdout or b"").decode(errors="replace")
    return ("done" if done.returncode == 0 else f"failed with exit status {done.returncode}"), done.stdout


if __name__ == "__main__":
    run_command(main)
