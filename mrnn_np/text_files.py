"""Text as editors and other programs write it: in UTF-8 or, if its mark says so, UTF-16, with line ends of any kind."""

import codecs
from pathlib import Path

from mrnn_np.errors import UserError
from mrnn_np.files import read_bytes


def read_lines(path: str | Path) -> list[str]:
    r"""Return the lines of a text file, without their line ends.

    It is UTF-8, or UTF-16 if its byte order mark says so; the mark is dropped.  Lines end in ``\n`` or ``\r\n``, so
    that line numbers are those of an editor, or in ``\r`` where that is how most lines end, as on old Macs.  The last
    line needs no line end.

    Raises UserError when the file cannot be read, or names the first line that is no such text.
    """
    raw = _as_utf8(path, read_bytes(path))
    if raw.count(b"\r") - raw.count(b"\r\n") > raw.count(b"\n"):
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = []
    for number, line in enumerate(raw.removesuffix(b"\n").split(b"\n") if raw else [], 1):
        try:
            bad = line.find(b"\0")
            lines.append(line.removesuffix(b"\r").decode("utf-8"))
        except UnicodeDecodeError as error:
            bad = error.start
        if bad >= 0:
            found = f"byte 0x{line[bad]:02x} at column {bad + 1}"
            raise UserError(f"{path}:{number}: {found}; expected UTF-8 text, so save the file in that encoding")
    return lines


def _as_utf8(path: str | Path, raw: bytes) -> bytes:
    """Return text without its byte order mark, in UTF-8 if the mark says UTF-16."""
    if not raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode("utf-16").encode()
    except UnicodeDecodeError as error:
        found = f"begins as UTF-16 does, but byte {error.start + 1:,} and its neighbours are none"
        raise UserError(f"{path}: {found}; save the file as UTF-8") from None
