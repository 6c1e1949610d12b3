"""Features on their way to a file: rows go to disk as they are made, and a killed run goes on where it stopped.

While `feats.npz` is being made there are `feats.npz.part`, the numbers row by row, and `feats.npz.part.names`, one JSON
value a line: first what is made, then the name of each row with a checksum of its numbers.  What has no end yet, or no
longer fits its checksum, and all that follows it, is made again.
"""

import json
import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mrnn_np.data.features import load_features, save_features
from mrnn_np.errors import UserError
from mrnn_np.files import lock, open_file

_LONGEST_LINE = 2**20  # bytes: no name is longer, but a damaged file may be one line


def rows_of(out: Path) -> Path:
    """Where the numbers of a feature file are while it is being made."""
    return out.with_name(f"{out.name}.part")


def lines_of(out: Path) -> Path:
    """Where the names of its rows are meanwhile."""
    return out.with_name(f"{out.name}.part.names")


def reserve(out: Path) -> None:
    """See to it that no other command makes the file `out` at the same time as this process.

    Raises UserError when another does, when `out` exists already or when it cannot be written.
    """
    if out.suffix != ".npz":
        raise UserError(f"--out {out}: features go to an .npz file; give it a name that ends in .npz")
    _require_new(out)
    try:
        rows_of(out).touch()
    except OSError as error:
        raise UserError(f"--out {out}: cannot be written ({error.strerror or error})") from None
    open_file(rows_of(out)).close()
    lock(rows_of(out))
    try:
        _require_new(out)  # another command may have made it since, and have let go of the lock
    except UserError:
        rows_of(out).unlink(missing_ok=True)
        raise


def _require_new(out: Path) -> None:
    if os.path.exists(out):
        raise UserError(f"--out {out}: exists already; delete it or choose another name")


def clear_up(out: Path) -> int:
    """Remove the partial files of a run that was killed when all was made and only they were left to be removed.

    Returns the number of rows that it made, 0 when there was no such run.
    """
    if not (os.path.isfile(out) and os.path.isfile(lines_of(out))):
        return 0
    try:
        header, entries, _ = _read_lines(lines_of(out))
        made = load_features(out)
    except UserError:  # then nobody made it from these
        return 0
    if header.get("source") != made.source or [name for name, _ in entries] != list(made.names):
        return 0
    _remove(out)
    return len(entries)


def _remove(out: Path) -> None:
    # The names last: they are what `clear_up` goes by.
    rows_of(out).unlink(missing_ok=True)
    lines_of(out).unlink(missing_ok=True)


class PartialFeatures:
    """The features of `width` float32 numbers that will become the file `out`; `names` are those made so far.

    `remarks` says what of an earlier run is not as it was left, a line each.  Who writes features reserves `out` first.
    """

    def __init__(self, out: Path, width: int, source: dict[str, str], computed: str = "") -> None:
        """Go on with what an earlier run left, or begin.

        Parameters
        ----------
        out, width, source : what `save_features` is to write
        computed : what else the last bits of the numbers depend on, in words

        Raises UserError when what was left is of another CNN, preprocessing or weights, or when the files cannot be
        read or written.
        """
        self._out, self._width, self._source, self._computed = out, width, source, computed
        self._rows, self._lines = rows_of(out), lines_of(out)
        self.names: list[str] = []
        self.remarks: list[str] = []
        self._ends: list[int] = []  # where in the file of names each row's line ends
        try:
            if not os.path.lexists(self._lines) or not self._resume():
                self._begin()
        except OSError as error:
            raise UserError(f"--out {out}: cannot be written ({error.strerror or error})") from None

    def append(self, names: Sequence[str], values: npt.NDArray[np.float32]) -> None:
        """Add one row of `values` (n, width) for each name.  Raises UserError when the disk is full."""
        rows = [np.ascontiguousarray(row, np.float32).tobytes() for row in values]
        lines = [_line([name, zlib.crc32(row)]) for name, row in zip(names, rows, strict=True)]
        try:
            # The rows first: a name on disk then means that its row is there too.
            with open(self._rows, "ab") as file:
                file.writelines(rows)
            with open(self._lines, "ab") as file:
                file.writelines(lines)
        except OSError as error:
            raise UserError(f"--out {self._out}: cannot be written ({error.strerror or error})") from None
        for name, line in zip(names, lines, strict=True):
            self.names.append(name)
            self._ends.append(self._ends[-1] + len(line))

    def keep(self, count: int) -> None:
        """Forget all rows but the first `count`.  Raises UserError when the files cannot be written."""
        try:
            self._cut(count)
        except OSError as error:
            raise UserError(f"--out {self._out}: cannot be written ({error.strerror or error})") from None

    def finish(self) -> None:
        """Turn the rows into the feature file, without reading them all into memory, and remove the partial files."""
        values = np.memmap(self._rows, np.float32, "r", shape=(len(self.names), self._width))
        save_features(self._out, self.names, values, self._source)
        del values  # Windows removes no file that is mapped
        _remove(self._out)

    def abandon(self) -> None:
        """Remove the partial files."""
        _remove(self._out)

    def _resume(self) -> bool:
        """Read what is complete and cut off the rest; whether there was anything but the beginning of a beginning."""
        header, entries, ends = _read_lines(self._lines)
        if not ends:
            return False
        if header.get("source") != self._source:
            raise UserError(f"{self._lines}: is left from other features; delete it or choose another --out")
        if (before := header.get("computed")) != self._computed:
            how = f"was begun with {before} and goes on with {self._computed}"
            self.remarks.append(f"{self._out}: {how}; the last bits may differ from those of one run")
        with open_file(self._rows) as file:
            for name, checksum in entries:
                row = file.read(4 * self._width)
                if len(row) < 4 * self._width or zlib.crc32(row) != checksum:
                    break
                self.names.append(name)
        if os.path.getsize(self._lines) > ends[len(self.names)]:
            what = f"what follows the first {len(self.names):,} images is cut short or damaged"
            self.remarks.append(f"{self._lines}: {what}; it is made again")
        self._ends = ends
        self._cut(len(self.names))
        return True

    def _begin(self) -> None:
        self._rows.write_bytes(b"")
        header = _line({"source": self._source, "computed": self._computed})
        self._lines.write_bytes(header)
        self._ends = [len(header)]

    def _cut(self, count: int) -> None:
        """Cut the files off behind `count` rows; the names first, since no name may stand there without its row."""
        del self.names[count:], self._ends[count + 1 :]
        os.truncate(self._lines, self._ends[count])
        os.truncate(self._rows, 4 * self._width * count)


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _read_lines(path: Path) -> tuple[dict[str, Any], list[tuple[str, int]], list[int]]:
    """Return the header of a file of names, the entries that are whole, and where the lines of all these end.

    Raises UserError when the file cannot be read or its header is damaged.
    """
    entries: list[tuple[str, int]] = []
    with open_file(path) as file:
        header = file.readline(_LONGEST_LINE)
        if not header.endswith(b"\n"):  # a kill cut it short
            return {}, [], []
        made = _parsed(header)
        if not isinstance(made, dict):
            raise UserError(f"{path}: is damaged, or left from another version; delete it or choose another --out")
        ends = [len(header)]
        for line in iter(lambda: file.readline(_LONGEST_LINE), b""):
            match _parsed(line):
                case [str(name), int(checksum)] if line.endswith(b"\n"):
                    entries.append((name, checksum))
                    ends.append(ends[-1] + len(line))
                case _:
                    break
    return made, entries, ends


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
