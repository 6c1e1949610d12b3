"""A message is one printable line of bounded length, whatever is in it."""

import pytest

from mrnn_np.errors import CommandError, Diverged, UserError, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two men, naïve 男の人", "two men, naïve 男の人"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\nb\r\nc\td", r"a\nb\r\nc\td"),
        ("next\x85line\u2028sep\u2029par", r"next\x85line\u2028sep\u2029par"),
        ("caf\udce9.jpg", r"caf\udce9.jpg"),
        ("photo\u202egpj.exe", r"photo\u202egpj.exe"),
        ("می\u200cرود", "می\u200cرود"),
        ("C:\\new", "C:\\new"),
        ("", ""),
    ],
)
def test_what_a_terminal_would_obey_is_shown(text, shown):
    assert printable(text) == shown
    assert printable(shown) == shown


@pytest.mark.parametrize("kind", [CommandError, UserError, Diverged])
def test_a_message_is_one_line_of_at_most_1000_characters(kind):
    message = str(kind("\x1b\n" * 50_000 + ": cannot be read; name another file"))
    assert len(message) == 1000
    assert message.isprintable()
    assert message.startswith(r"\x1b\n")
    assert "..." in message
    assert message.endswith(": cannot be read; name another file")


def test_a_message_that_fits_is_left_as_it_is():
    assert str(UserError("x" * 1000)) == "x" * 1000
    assert str(UserError("--lr is -1; it must be 0 or more")) == "--lr is -1; it must be 0 or more"
