"""What a console cannot show, or cannot take at all, never ends a command with a traceback."""

import errno
import io
import os
import subprocess
import sys

import pytest
from tqdm import tqdm

from mrnn_np.command_line.run import run_command
from mrnn_np.errors import Diverged, UserError


def console_of(monkeypatch, encoding="utf-8"):
    """Replace both streams by ones of that encoding, strict as a console's; return what they hold."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n") for _ in range(2)]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])

    def written():
        for stream in streams:
            stream.flush()
        return tuple(stream.buffer.getvalue().decode(encoding) for stream in streams)

    return written


def status_of(main):
    with pytest.raises(SystemExit) as end:
        run_command(main)
    return end.value.code


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "a naïve 狗 \\udce9 \\x1b[31m \\r"),
        ("cp1252", "a naïve \\u72d7 \\udce9 \\x1b[31m \\r"),
        ("ascii", "a na\\xefve \\u72d7 \\udce9 \\x1b[31m \\r"),
    ],
)
def test_what_a_console_cannot_show_is_escaped(monkeypatch, encoding, shown):
    written = console_of(monkeypatch, encoding)

    def main():
        print("a naïve 狗 \udce9 \x1b[31m \r\nnext line")
        for _ in tqdm(range(2), desc="狗", file=sys.stderr):
            pass
        raise UserError("a naïve 狗 \udce9 \x1b[31m \r")

    assert status_of(main) == 2
    stdout, stderr = written()
    assert stdout == f"{shown}\nnext line\n"
    assert stderr.endswith(f"\nerror: {shown}\n")
    assert "100%" in stderr


@pytest.mark.parametrize(
    ("ending", "status", "line"),
    [
        (UserError("x"), 2, "error: x\n"),
        (Diverged("x"), 3, "error: x\n"),
        (KeyboardInterrupt(), 130, "error: interrupted\n"),
        (
            MemoryError("Unable\nto allocate 9 TiB"),
            2,
            "error: this does not fit in memory; do less at a time, or with a smaller model "
            "(Unable\\nto allocate 9 TiB)\n",
        ),
        (
            MemoryError(),
            2,
            "error: this does not fit in memory; do less at a time, or with a smaller model\n",
        ),
        (SystemExit(), 0, ""),
    ],
)
def test_exit_statuses(monkeypatch, ending, status, line):
    written = console_of(monkeypatch)
    streams = sys.stdout, sys.stderr

    def main():
        print("so far")
        raise ending

    assert status_of(main) == status
    assert written() == ("so far\n", line)
    assert (sys.stdout, sys.stderr) == streams


class Failing(io.StringIO):
    """A stream that takes nothing, of a file of its own."""

    encoding = "utf-8"

    def __init__(self, number):
        super().__init__()
        self.error, self.file = OSError(number, os.strerror(number)), os.open(os.devnull, os.O_RDONLY)

    def fileno(self):
        return self.file

    def write(self, _):
        raise self.error


def test_a_full_standard_output_is_an_error(monkeypatch):
    console_of(monkeypatch)
    monkeypatch.setattr(sys, "stdout", Failing(errno.ENOSPC))
    saved = []

    def main():
        try:
            print("the results")
        finally:
            saved.append("files")
        return 0

    assert status_of(main) == 2
    assert saved == ["files"]
    sys.stderr.flush()
    assert sys.stderr.buffer.getvalue() == b"error: standard output cannot be written (No space left on device)\n"


def test_a_closed_pipe_is_quiet(monkeypatch):
    console_of(monkeypatch)
    monkeypatch.setattr(sys, "stdout", Failing(errno.EPIPE))
    assert status_of(lambda: print("the results") or 0) == 141
    assert sys.stderr.buffer.getvalue() == b""


def test_a_standard_error_that_fails_is_nobodys_concern(monkeypatch):
    console_of(monkeypatch)
    stdout = sys.stdout
    monkeypatch.setattr(sys, "stderr", Failing(errno.ENOSPC))

    def main():
        print("skipped: x", file=sys.stderr)
        print("the results")
        return 0

    assert status_of(main) == 0
    assert stdout.buffer.getvalue() == b"the results\n"


def shell(command, **environment):
    """Run a shell's command line, in which $P is Python, as a process of its own."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "P": sys.executable, **environment}
    environment.pop("PYTHONUNBUFFERED", None)
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment)


SAY = """'
import sys
from mrnn_np.command_line.run import run_command
def main():
    print("results")
    print("remarks", file=sys.stderr)
    return 0
run_command(main)'"""


@pytest.mark.parametrize(
    ("redirection", "status", "stdout", "stderr"),
    [
        (">&-", 2, "", "error: standard output is closed; send it to a file, or to /dev/null\n"),
        (">/dev/full", 2, "", "remarks\nerror: standard output cannot be written (No space left on device)\n"),
        ("2>&-", 0, "results\n", ""),
        ("2>/dev/full", 0, "results\n", ""),
        (">&- 2>&-", 2, "", ""),
    ],
)
def test_streams_closed_or_full(redirection, status, stdout, stderr):
    done = shell(f"$P -c {SAY} {redirection}")
    assert (done.returncode, done.stdout, done.stderr) == (status, stdout, stderr)


def test_plots_do_without_what_windows_need(tmp_path):
    draw = """'
import os, sys
from mrnn_np.plots.curves import learning_curves
row = dict(epoch=1, step=1, train_bits=2.0, train_ppl=4.0, val_bits=2.0, val_ppl=4.0, words_per_second=1)
learning_curves([row]).write(open("curves.png", "wb"))
print(os.environ["MPLBACKEND"])'"""
    done = shell(f"cd {tmp_path} && $P -c {draw}", MPLBACKEND="nonsense", HOME="/no", MPLCONFIGDIR="/proc/no")
    assert (done.returncode, done.stdout, done.stderr) == (0, "nonsense\n", "")
    assert (tmp_path / "curves.png").stat().st_size > 1000


def test_ctrl_c_while_a_command_is_starting(tmp_path):
    # Whatever it imports first finds this module, which presses Ctrl-C.
    (tmp_path / "argparse.py").write_text("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(9)")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = shell("exec $P -m mrnn_np.train --help", PYTHONPATH=path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "error: interrupted\n")
    # In the background it is ignored, and stays so.
    (tmp_path / "argparse.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nraise SystemExit(7)")
    done = shell("trap '' INT; $P -m mrnn_np.train --help", PYTHONPATH=path)
    assert (done.returncode, done.stderr) == (7, "")


def test_a_program_that_imports_the_package_keeps_its_ctrl_c():
    done = shell("""$P -c 'import signal, mrnn_np; print(signal.getsignal(2) is signal.default_int_handler)'""")
    assert done.stdout == "True\n"
