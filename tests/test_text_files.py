"""Text files are read with line numbers in the errors, whatever their encoding mark and line ends."""

from pathlib import Path

import pytest

from mrnn_np.errors import UserError
from mrnn_np.text_files import read_lines


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a\nb\n", ["a", "b"]),
        (b"a\nb", ["a", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\n\nb\n\n", ["a", "", "b", ""]),
        (b"\xef\xbb\xbfa\n", ["a"]),
        (b"a\rb\n", ["a\rb"]),
        (b"a\rb\r", ["a", "b"]),
        (b"a\rb", ["a", "b"]),
        (b"a\r\rb\r\nc\n", ["a\r\rb", "c"]),
        (b"a\rb\rc\n", ["a", "b", "c"]),
        ("\ufeffa\r\ncaf\u00e9\n".encode("utf-16-le"), ["a", "caf\u00e9"]),
        ("\ufeffa\rb".encode("utf-16-be"), ["a", "b"]),
        ("caf\u00e9\x85\u2028x\n".encode(), ["caf\u00e9\x85\u2028x"]),
    ],
)
def test_read_lines(tmp_path: Path, raw: bytes, lines: list[str]):
    path = tmp_path / "text"
    path.write_bytes(raw)
    assert read_lines(path) == lines


def test_read_lines_names_the_line_that_is_not_utf8(tmp_path: Path):
    path = tmp_path / "text"
    path.write_bytes(b"a\ncaf\xe9\n")
    with pytest.raises(
        UserError, match=r"text:2: byte 0xe9 at column 4; expected UTF-8 text, so save the file in that encoding$"
    ):
        read_lines(path)


def test_read_lines_names_what_is_no_text(tmp_path: Path):
    path = tmp_path / "text"
    for raw, message in (
        (b"a\n\0b\xe9\n", r"text:2: byte 0xe9 at column 3; expected UTF-8 text"),
        (b"a\nb\0\n", r"text:2: byte 0x00 at column 2; expected UTF-8 text"),
        (b"\xff\xfea", r"text: begins as UTF-16 does, but byte 3 and its neighbours are none; save the file as UTF-8$"),
    ):
        path.write_bytes(raw)
        with pytest.raises(UserError, match=message):
            read_lines(path)


def test_read_lines_of_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(UserError, match=r"missing\.txt: cannot be read \(No such file or directory\)$"):
        read_lines(tmp_path / "missing.txt")
