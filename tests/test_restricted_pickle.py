"""The pickle machine: plain data of every protocol, and everything that it must not do."""

import pickle

import pytest

from mrnn_np.restricted_pickle import Function, read_pickle

PLAIN = {
    "text": ["a", "caf\u00e9", "x" * 300],
    "bytes": [b"", b"abc", b"y" * 300],
    "numbers": [0, 255, 65535, -1, 2**40, 0.5],
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    "others": [None, True, False, {}, []],
    3: {"nested": {"deeper": [1]}},
}


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_plain_data_comes_back(protocol):
    assert read_pickle(pickle.dumps(PLAIN, protocol), {}) == PLAIN


def test_shared_values_stay_shared():
    one = ["a"]
    first, second = read_pickle(pickle.dumps([one, one], 4), {})
    assert first is second


def test_a_name_stands_for_what_the_caller_says():
    called = b"\x80\x02cos\nsystem\nK\x03\x85R."
    assert read_pickle(called, {"os system": Function(lambda number: number + 1)}) == 4
    with pytest.raises(TypeError, match="calls something that is no function"):
        read_pickle(called, {"os system": print})


@pytest.mark.parametrize(
    ("hostile", "reason"),
    [
        (b"\x80\x02cos\nsystem\nX\x02\0\0\0ls\x85R.", r"wants to use os\.system"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", r"wants to use os\.system"),
        (b"(S'ls'\nios\nsystem\n.", "instruction STRING"),
        (b"\x80\x02X\x01\0\0\0xQ.", "instruction BINPERSID"),
        (b"\x80\x02}\x82\x01.", "instruction EXT1"),
        (b"\x80\x02]}b.", "treats a list as a dict"),
        (b"\x80\x02}", "exhausted before seeing STOP"),
    ],
)
def test_everything_else_is_refused(hostile, reason):
    with pytest.raises((ValueError, TypeError), match=reason):
        read_pickle(hostile, {})


def test_memory_is_not_taken_at_a_files_word():
    # Python's own reader would make room for two thousand million remembered values.
    assert read_pickle(b"\x80\x02}r\xff\xff\xff\x7f.", {}) == {}
