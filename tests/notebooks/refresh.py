"""Run notebooks from a fresh kernel, write them back with outputs:  python tests/notebooks/refresh.py [NAME ...].

NAME is the beginning of a file's name, such as 03 or solutions/03; without one, all of them.  After every change of a
notebook, or of what it prints.
"""

import sys
import time

import nbformat
from execution import NOTEBOOKS, as_executed, every_notebook, execute, handed_out, to_read


def main() -> None:
    """Refresh the notebooks named on the command line."""
    wanted = tuple(sys.argv[1:]) or ("",)
    for name in every_notebook():
        if name.startswith(wanted):
            started = time.monotonic()
            executed, path = execute(name), as_executed(name)
            nbformat.write(handed_out(executed), NOTEBOOKS / name)
            if path != NOTEBOOKS / name:
                nbformat.write(to_read(executed), path)
            print(f"{name}: {time.monotonic() - started:.1f} s, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
