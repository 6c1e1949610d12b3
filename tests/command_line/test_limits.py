"""Numbers out of their limits are one line, with the option's name."""

import argparse
import math

import pytest

from mrnn_np.command_line.limits import number, require, whole
from mrnn_np.errors import UserError


@pytest.mark.parametrize(
    ("value", "limits", "must"),
    [
        (0, {"least": 1}, "1 or more"),
        (math.nan, {"least": 0}, "0 or more"),
        (0.0, {"above": 0}, "above 0"),
        (math.nan, {"above": 0}, "above 0"),
        (1.0, {"least": 0, "below": 1}, "below 1"),
        (10**30, {"least": 0, "most": 9}, "9 or less"),
        (math.inf, {"least": 0}, "a finite number"),
        (-math.inf, {}, "a finite number"),
        (math.nan, {}, "a finite number"),
    ],
)
def test_out_of_limits(value, limits, must):
    with pytest.raises(UserError) as error:
        require("--x", value, **limits)
    assert str(error.value) == f"--x is {value}; it must be {must}"


@pytest.mark.parametrize(
    ("value", "limits"),
    [(1, {"least": 1}), (0.5, {"above": 0, "below": 1}), (9, {"most": 9}), (10**400, {}), (-1e300, {})],
)
def test_within_limits(value, limits):
    require("--x", value, **limits)


def test_on_a_command_line():
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--n", type=whole("--n", most=5))
    parser.add_argument("--x", type=number("--x", float, least=0))
    arguments = parser.parse_args(["--n", "5", "--x", "0.25"])
    assert (arguments.n, arguments.x) == (5, 0.25)
    for words, message in (
        (["--n", "6"], "--n is 6; it must be 5 or less"),
        (["--x", "inf"], "--x is inf; it must be a finite number"),
    ):
        with pytest.raises(UserError) as error:
            parser.parse_args(words)
        assert str(error.value) == message
    with pytest.raises(argparse.ArgumentError, match=r"argument --n: invalid int value: 'x'"):
        parser.parse_args(["--n", "x"])
