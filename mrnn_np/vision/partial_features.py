"""Features on their way to a file: rows go to disk as they are made, and a killed run goes on where it stopped.

While `feats.npz` is being made there are `feats.npz.part`, the numbers row by row, and `feats.npz.part.names`, one JSON
value a line: first the source of the features, then the name of each row.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mrnn_np.data.features import save_features
from mrnn_np.errors import UserError
from mrnn_np.folders import lock


def rows_of(out: Path) -> Path:
    """Where the numbers of a feature file are while it is being made."""
    return out.with_name(f"{out.name}.part")


def reserve(out: Path) -> None:
    """See to it that no other command makes the file `out` at the same time as this process.

    Raises UserError when another does, when `out` exists already or when it cannot be written.
    """
    if out.suffix != ".npz":
        raise UserError(f"--out {out}: features go to an .npz file; give it a name that ends in .npz")
    if out.exists():
        raise UserError(f"--out {out}: exists already; delete it or choose another name")
    try:
        rows_of(out).touch()
    except OSError as error:
        raise UserError(f"--out {out}: cannot be written ({error.strerror or error})") from None
    lock(rows_of(out))


class PartialFeatures:
    """The features of `width` float32 numbers that will become the file `out`; `names` are those made so far.

    Who writes them reserves `out` first.
    """

    def __init__(self, out: Path, width: int, source: dict[str, str]) -> None:
        """Go on with what an earlier run left, or begin.

        Raises UserError when what was left is of another CNN, preprocessing or weights, or when the files cannot be
        written.
        """
        self._out, self._width, self._source = out, width, source
        self._rows, self._lines = rows_of(out), out.with_name(f"{out.name}.part.names")
        try:
            self.names: list[str] = self._resume() if self._lines.exists() else self._begin()
        except OSError as error:
            raise UserError(f"--out {out}: cannot be written ({error.strerror or error})") from None

    def append(self, names: Sequence[str], values: npt.NDArray[np.float32]) -> None:
        """Add one row of `values` [n, width] for each name.  Raises UserError when the disk is full."""
        try:
            # The rows first: a name on disk then means that its row is there too.
            with open(self._rows, "ab") as file:
                file.write(np.ascontiguousarray(values, np.float32).tobytes())
            with open(self._lines, "a", encoding="utf-8") as file:
                file.writelines(json.dumps(name) + "\n" for name in names)
        except OSError as error:
            raise UserError(f"--out {self._out}: cannot be written ({error.strerror or error})") from None
        self.names.extend(names)

    def finish(self) -> None:
        """Turn the rows into the feature file, without reading them all into memory, and remove the partial files."""
        values = np.memmap(self._rows, np.float32, "r", shape=(len(self.names), self._width))
        save_features(self._out, self.names, values, self._source)
        del values  # Windows removes no file that is mapped
        self._rows.unlink()
        self._lines.unlink()

    def _resume(self) -> list[str]:
        """Return the names whose rows are complete, and cut off what was half written."""
        # A line that a kill cut short has no end and is what follows the last "\n".
        source, *lines = self._lines.read_text(encoding="utf-8").split("\n")[:-1] or [json.dumps(self._source)]
        if source != json.dumps(self._source):
            raise UserError(f"{self._lines}: is left from other features; delete it or choose another --out")
        names = [json.loads(line) for line in lines[: self._rows.stat().st_size // (4 * self._width)]]
        os.truncate(self._rows, 4 * self._width * len(names))
        self._write_lines(names)
        return names

    def _begin(self) -> list[str]:
        self._rows.write_bytes(b"")
        self._write_lines([])
        return []

    def _write_lines(self, names: list[str]) -> None:
        self._lines.write_text("".join(json.dumps(value) + "\n" for value in (self._source, *names)), "utf-8")
