"""Reads damaged files in processes that may crash, hang or fill memory, and says what did not end as it should.

A sound end is a value of the type that the undamaged file gives, or a `CommandError` of one printable line.
By hand, with a larger number:  python tests/fuzz/trial.py 300 [FORMAT ...]
"""

import multiprocessing
import os
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from mrnn_np.errors import CommandError, one_line

SECONDS = 5
"""No file may take longer to read, in a process that has a core for itself."""
BYTES = 2**30
"""No file may take more memory, beyond what the process has."""


Prepare = Callable[[int], Callable[[], str]]
"""From the number of a trial to what tries it and returns what is wrong with its end, "" where nothing is."""


def in_child(trials: range, prepare: Prepare, may_print: bool) -> Iterator[tuple[int, str]]:
    """Yield number and complaint of each trial that has one; they are run in child processes of this one.

    A child that a trial has crashed or held up is replaced by another, which goes on behind that trial.
    """
    first = trials.start
    while first < trials.stop:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            _attempt_all(range(first, trials.stop), prepare, may_print, writing)
        os.close(writing)
        at, complaint = first, ""
        with open(reading, "rb", 0) as answers:
            while select.select([answers], [], [], 12 * SECONDS)[0]:
                answer = answers.readline().decode()
                if not answer:
                    _, status = os.waitpid(child, 0)
                    complaint = f"the process ended with {os.waitstatus_to_exitcode(status)}"
                    break
                number, _, text = answer.rstrip("\n").partition(" ")
                at = int(number) + 1
                if text:
                    yield int(number), text
                if at == trials.stop:
                    os.waitpid(child, 0)
                    break
            else:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                complaint = "no end after some seconds"
        if complaint:
            yield at, complaint
            at += 1
        first = at


def _attempt_all(trials: range, prepare: Prepare, may_print: bool, writing: int) -> None:
    """Run some trials and end the process; a line for each, "NUMBER COMPLAINT", goes to `writing`."""
    warnings.simplefilter("error")
    errors = os.open(tempfile.mkstemp()[1], os.O_RDWR)
    os.dup2(errors, 2)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + 4 * BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    status = 1
    try:
        for number in trials:
            os.chdir("/")
            attempt = prepare(number)
            before, said, started = peak(), os.fstat(errors).st_size, time.process_time()
            complaint = attempt()
            if not complaint and peak() - before > BYTES:
                complaint = f"took {(peak() - before) / 1e9:.1f} GB"
            if not complaint and time.process_time() - started > SECONDS:
                complaint = f"took {time.process_time() - started:.0f} s"
            if not complaint and not may_print and os.fstat(errors).st_size > said:
                complaint = f"wrote to stderr: {os.pread(errors, 300, said)!r}"
            os.write(writing, f"{number} {complaint[:2000]}\n".encode(errors="replace"))
        status = 0
    finally:
        os._exit(status)


def peak() -> int:
    """Return the most memory this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def ends_well(read: Callable[[], object], kind: type) -> str:
    """Return what is wrong with how reading ends, "" where nothing is."""
    try:
        value = read()
    except CommandError as error:
        text = str(error)
        if text != one_line(text):
            return f"a message of {len(text):,} characters that is not one printable line: {text[:200]!r}"
        return ""
    except BaseException as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "fuzz" not in frame.filename]
        places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[:-5:-1])
        return f"{type(error).__name__}: {' '.join(str(error).split())[:200]!r} at {places}"
    return "" if type(value) is kind else f"gave a {type(value).__name__}, not a {kind.__name__}"


def complaints(name: str, count: int, folder: Path) -> list[str]:
    """Return a line about each of `count` damages to files of a format that did not end well.

    `folder` keeps the sound files between calls.
    """
    from damage import OTHER_THINGS, damage, put_something_else
    from formats import FORMATS

    form = FORMATS[name]
    sound, work = folder / f"{form.make.__qualname__}{id(form.make)}", folder / "work"
    shutil.rmtree(work, ignore_errors=True)

    def make() -> None:
        if not sound.exists():
            sound.mkdir()
            form.make(sound)
        shutil.copytree(sound, work)
        assert type(form.read(work)) is form.kind

    # In a process of its own, since what makes a file may import much or change the folder it works in.
    maker = multiprocessing.get_context("fork").Process(target=make)
    maker.start()
    maker.join()
    if maker.exitcode:
        return [f"{name}: cannot be made or read while it is undamaged"]
    files = sorted(path.relative_to(sound) for path in sound.glob(form.damaged) if path.is_file())

    def prepare(number: int) -> Callable[[], str]:
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(sound, work)
        rng = np.random.default_rng([number, zlib.crc32(name.encode())])
        file = work / files[rng.integers(len(files))]
        if form.spoil:
            form.spoil(work, rng)
        elif number in OTHER_THINGS:
            put_something_else(file, number)
        else:
            damage(file, rng)
        return lambda: ends_well(lambda: form.read(work), form.kind)

    return [f"{name}, number {number}: {text}" for number, text in in_child(range(count), prepare, form.prints)]


def main(count: int, names: Sequence[str] = ()) -> int:
    """Try formats, all unless some are named, `count` times each; print what came of it and return how much is bad."""
    from formats import FORMATS

    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in names or FORMATS:
            times, started = max(1, count // FORMATS[name].effort), time.monotonic()
            lines = complaints(name, times, Path(folder))
            seconds = time.monotonic() - started
            print(f"{name}: {len(lines)} of {times} ended badly, {seconds:.1f} s", *lines, sep="\n  ", flush=True)
            bad += len(lines)
    return bad


if __name__ == "__main__":
    sys.exit(min(main(int(sys.argv[1]), sys.argv[2:]), 1))
