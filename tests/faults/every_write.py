"""Lets a command die, or the disk be full, at each call by which it changes the disk, and sees that nothing is lost.

After that the command is given again, as a user would: with --resume where it says so.  Then the folder must hold the
files, and they the numbers, of a run that nothing disturbed.

By hand:  python tests/faults/every_write.py few|all|NUMBER [COMMAND ...]  takes one call of each kind or all calls, or
sends so many signals at random moments instead.
"""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

from mrnn_np import caption, compare, evaluate, extract, retrieve, train
from mrnn_np.command_line.run import run_command
from mrnn_np.training import trainer

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "fuzz"))

import formats  # noqa: E402

MAINS = {
    "train": train.main,
    "compare": compare.main,
    "extract": extract.main,
    "retrieve": retrieve.main,
    "caption": caption.main,
    "evaluate": evaluate.main,
}

TRAIN = "--data csv:own.csv --features f.npz --epochs 2 --scale 0.02 --min-count 1 --batch-size 32".split()
COMMANDS = {
    "train": ["train", *TRAIN, "--out", "run"],
    "resume": ["train", "--resume", "--out", "half"],
    "extract": "extract --cnn scene pictures --out new.npz --threads 1".split(),
    "compare": ["compare", "--models", "m-rnn,rnn-base", *TRAIN, "--out", "cmp"],
    "retrieve": "retrieve --checkpoint done/best.npz --prior-images 3 --out found.json".split(),
    "caption": "caption --checkpoint done/best.npz --greedy --out captions.json".split(),
    "evaluate": "evaluate --checkpoint done/best.npz --greedy --out scores --save-idf idf.npz".split(),
}


ONCE = ("train",)
"""Commands that refuse to do again what was done."""
WAYS = {
    "k": "killed before",
    "h": "killed within",
    "f": "the disk full from",
    "s": "another one run before",
    "r": "its folder renamed before",
}
Points = Callable[[Sequence[str]], Iterable[tuple[int, str]]]


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit status, or minus the signal's number, and what it said on stderr."""

    status: int
    said: str
    calls: tuple[str, ...]
    """that changed the disk"""


def build_shim(folder: Path) -> Path:
    """Compile what stands between a process and the disk."""
    shim = folder / "shim.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", shim, HERE / "shim.c", "-ldl"], check=True)
    return shim


def run(
    arguments: list[str],
    folder: Path,
    at: int = -1,
    how: str = "k",
    meanwhile: Callable[[Path], object] = lambda folder: None,
    beside: Callable[[int], object] = lambda process: None,
) -> Ended:
    """Run a command in a child of this process, which has been started with the shim; it works in `folder`.

    `how` something happens `at` one of its calls; where it stops there, `meanwhile` is done before it goes on.
    `beside` is done while the process runs, which it is told of.
    """
    notes = Path(tempfile.mkdtemp(dir=folder.parent))
    said, calls = notes / "said", notes / "calls"
    said.touch()
    calls.touch()
    child = os.fork()
    if not child:
        _be(arguments, folder, at, how, said, calls)
    beside(child)
    _, status = os.waitpid(child, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        meanwhile(folder)
        os.kill(child, signal.SIGCONT)
        _, status = os.waitpid(child, 0)
    return Ended(os.waitstatus_to_exitcode(status), said.read_text(), tuple(calls.read_text().splitlines()))


def _be(arguments: list[str], folder: Path, at: int, how: str, said: Path, calls: Path) -> None:
    status = 1
    signals = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)

    def main() -> int:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        return MAINS[arguments[0]]()

    try:
        os.chdir(folder)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(said, os.O_WRONLY), 2)
        trainer.SAVE_SECONDS = -1  # so that states within an epoch are saved as well
        trainer.learning_curves = lambda history: SimpleNamespace(write=lambda file: file.write(b"in no time"))
        extract.BATCH = 2
        sys.argv = arguments
        ctypes.CDLL(None).arm(str(folder).encode(), ctypes.c_long(at), ord(how), os.open(calls, os.O_WRONLY))
        run_command(main)
    except SystemExit as end:
        status = int(end.code or 0)
    finally:
        sys.stderr.flush()
        os._exit(status)


def contents(folder: Path) -> dict[str, object]:
    """Return what all files below a folder hold, but for what is never twice the same: speeds, and what was printed."""
    return {
        str(path.relative_to(folder)): _content(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".log"
    }


def _content(path: Path) -> object:
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            return {
                name: _without_speed(str(array)) if array.dtype.kind == "U" else (array.dtype, array.tobytes())
                for name, array in arrays.items()
            }
    if path.suffix in (".json", ".csv", ".md"):
        return _without_speed(path.read_text())
    return path.read_bytes() if path.name != "compare.png" else ""  # its bars are speeds


def _without_speed(text: str) -> str:
    """Leave out "words_per_second": 123 and "words/s": 123 of JSON, and such columns of tables."""
    text = re.sub(r'("words(_per_second|/s)": )[0-9.]+', r"\1", text)
    text = re.sub(r"(?m)^((?:[0-9]|m-rnn|rnn-base).*),[0-9.]+$", r"\1", text)
    return re.sub(r" [0-9,]+( \([0-9,]+ to [0-9,]+\))? \|", " |", text)


def prepare(folder: Path) -> None:
    """Fill a folder with what the commands need: data, pictures, a run that ended and one that was killed."""
    folder.mkdir()
    formats.own_csv(folder)
    formats.npz(folder)
    (folder / "pictures").mkdir()
    for number in range(5):
        pixels = np.random.default_rng(number).integers(0, 256, (20, 30, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "pictures" / f"{number}.png")
    done = run(["train", *TRAIN, "--out", "done"], folder)
    assert done.status == 0, done.said
    stopped = run(["train", *TRAIN, "--out", "half"], folder, len(done.calls) // 2, "k")
    assert stopped.status == -9, stopped


def one_of_each(calls: Sequence[str]) -> list[tuple[int, str]]:
    """Return the last call of each kind for each file, with ways in which it fails."""
    last = {re.sub(r"\.[0-9a-z]+\.tmp$", "", call): at for at, call in enumerate(calls)}
    ways = {"write": "h", "rename": "kf", "unlink": "ks", "truncate": "k", "mkdir": "s", "open": "r"}
    return [(at, how) for call, at in last.items() for how in ways.get(call.split()[0], "")]


def all_of(calls: Sequence[str]) -> list[tuple[int, str]]:
    """Return each call with each way in which it fails."""
    return [(at, how) for at, call in enumerate(calls) for how in ("khfsr" if call.startswith("write") else "kfsr")]


def complaints(name: str, points: Points, ready: Path, work: Path) -> Iterator[str]:
    """Yield a line about each of the points at which something is lost, or left, or said wrongly."""
    folder = work / "folder"
    shutil.copytree(ready, folder)
    ended = run(COMMANDS[name], folder)
    assert ended.status == 0, ended.said
    expected = contents(folder)
    for at, how in points(ended.calls):
        if how == "r" and name != "train":
            continue
        shutil.rmtree(folder)
        shutil.copytree(ready, folder)
        where = f"{name}, {WAYS[how]} call {at}, {ended.calls[at] if at < len(ended.calls) else 'never reached'}"
        happens = {"s": _beside_another, "r": _renamed}.get(how, _disturbed)
        for wrong in happens(name, folder, at, how):
            yield f"{where}: {wrong}"
        yield from (f"{where}: {wrong}" for wrong in differences(expected, contents(folder)))


def signalled(name: str, times: int, ready: Path, work: Path) -> Iterator[str]:
    """Yield a line about each time that a signal at a random moment cost something."""
    folder, rng = work / "folder", np.random.default_rng(0)
    shutil.copytree(ready, folder)
    started = time.monotonic()
    assert run(COMMANDS[name], folder).status == 0
    seconds, expected = time.monotonic() - started, contents(folder)
    ends = Counter[int]()
    for number in range(times):
        which = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)[number % 4]
        moment = seconds * rng.random()
        shutil.rmtree(folder)
        shutil.copytree(ready, folder)

        def send(process: int, which: int = which, moment: float = moment) -> None:
            time.sleep(moment)
            os.kill(process, which)

        where = f"{name}, {which.name} after {moment:.3f} of {seconds:.3f} s"
        ended = run(COMMANDS[name], folder, beside=send)
        ends[ended.status] += 1
        if ended.status not in (0, -which, 128 + which) or len(ended.said.splitlines()) > 1:
            yield f"{where}: ended with {ended.status} and said {ended.said[-300:]!r}"
        for wrong in (*_goes_on(name, folder, ended), *differences(expected, contents(folder))):
            yield f"{where}: {wrong}"
    print(f"{name}: {times} signals, exit statuses {dict(ends)}")


def differences(expected: dict[str, object], there: dict[str, object]) -> Iterator[str]:
    """Yield what is not there, not as it should be, or should not be there."""
    yield from (f"{path} is missing" for path in sorted(expected.keys() - there.keys()))
    yield from (f"{path} is left" for path in sorted(there.keys() - expected.keys()))
    yield from (f"{path} differs" for path in sorted(there) if path in expected and there[path] != expected[path])


def _disturbed(name: str, folder: Path, at: int, how: str) -> Iterator[str]:
    """Disturb a command, give it again, and yield what is wrong with how they end."""
    ended = run(COMMANDS[name], folder, at, how)
    if how == "f":
        yield from _badly_said(ended)
    yield from _goes_on(name, folder, ended)


def _goes_on(name: str, folder: Path, ended: Ended) -> Iterator[str]:
    """Give the command again until it is done, with --resume where it says so; yield why it is not."""
    for _ in range(2):
        if ended.status:
            more = ["--resume"] if "--resume" in ended.said and "--resume" not in COMMANDS[name] else []
            ended = run([*COMMANDS[name], *more], folder)
    if ended.status and "already" not in ended.said:
        yield f"does not go on: {ended.status} {ended.said[-300:]!r}"


def _beside_another(name: str, folder: Path, at: int, how: str) -> Iterator[str]:
    """Stop a command, run the same one to its end, and let the first one go on; yield what is wrong with their ends."""
    others: list[Ended] = []
    ended = run(COMMANDS[name], folder, at, how, lambda folder: others.append(run(COMMANDS[name], folder)))
    for one in (ended, *others):
        yield from _badly_said(one)
    did = [one.status == 0 for one in (ended, *others)]
    if not any(did) or (all(did) and name in ONCE):
        yield f"{sum(did)} of both did it: {ended.said[-300:]!r} {others[0].said[-300:]!r}"


def _renamed(name: str, folder: Path, at: int, how: str) -> Iterator[str]:
    """Rename the folder of a training while it is stopped, and train another in its place; both must come out whole."""
    run_folder, other, others = folder / "run", folder / "other", list[Ended]()

    def meanwhile(folder: Path) -> None:
        if run_folder.exists():
            run_folder.rename(other)
        others.append(run(COMMANDS[name], folder))

    ended = run(COMMANDS[name], folder, at, "s", meanwhile)
    yield from _badly_said(ended)
    if not (other / "last.npz").exists():  # nothing had begun
        shutil.rmtree(other, ignore_errors=True)
        return
    resumed = run(["train", "--resume", "--out", "other"], folder)
    if resumed.status or others[0].status:
        yield f"one was lost: {resumed.said[-300:]!r} {others[0].said[-300:]!r}"
    yield from (f"renamed: {wrong}" for wrong in differences(contents(run_folder), contents(other)))
    shutil.rmtree(other)


def _badly_said(ended: Ended) -> Iterator[str]:
    lines = re.findall(r"(?m)^(?!scores are kept in).+", ended.said)
    if ended.status not in (0, 2) or len(lines) != (ended.status == 2):
        yield f"ended with {ended.status} and said {ended.said[-300:]!r}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        if "LD_PRELOAD" not in os.environ:
            os.environ["LD_PRELOAD"] = str(build_shim(Path(folder)))
            sys.exit(subprocess.run([sys.executable, *sys.argv], check=False).returncode)
        first, *names = sys.argv[1:] or [""]
        ready = Path(folder, "ready")
        prepare(ready)
        bad = 0
        for name in names or COMMANDS:
            work = Path(folder, name)
            work.mkdir()
            if first.isdigit():
                lines = signalled(name, int(first), ready, work)
            else:
                lines = complaints(name, one_of_each if first == "few" else all_of, ready, work)
            for line in lines:
                print(line, flush=True)
                bad += 1
        sys.exit(min(bad, 1))
