"""The pickle machine: plain data of every protocol, and everything that it must not do."""

import pickle

import numpy as np
import pytest

from mrnn_np.files import pickles
from mrnn_np.files.pickles import DEEPEST, Class, Function, _extent, ordered_dict, read_pickle, walkable

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


def test_a_key_may_be_a_few_words():
    words = tuple("abcdefghij")
    assert read_pickle(pickle.dumps({words: 1, (): 2}, 4), {}) == {words: 1, (): 2}
    for key in ((*words, "k"), ("a", 1), (("a",),)):
        with pytest.raises(ValueError, match="it has a tuple as the key of a dictionary; expected text or a number"):
            read_pickle(pickle.dumps({key: 1}, 4), {})


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


def test_keys_are_text_numbers_and_short_tuples_of_text():
    plain = {"a": 1, b"b": 2, 3: 3, 0.5: 4, None: 5, True: 6, ("a", "dog"): 7, 2**63: 8}
    assert read_pickle(pickle.dumps(plain, 4), {}) == plain
    for key in ((1,), ("a",) * 11, (("a",),), 2**64):
        with pytest.raises(
            ValueError, match=f"it has a {type(key).__name__} as the key of a dictionary; expected text"
        ):
            read_pickle(pickle.dumps({key: 1}, 4), {})
        with pytest.raises(ValueError, match="as the key of a dictionary"):
            read_pickle(pickle.dumps({"a": 1, key: 1}, 4), {})


def test_an_ordered_dictionary_of_python_2_is_made_of_a_list_of_pairs():
    names = {"collections OrderedDict": Function(ordered_dict)}
    assert read_pickle(b"\x80\x02ccollections\nOrderedDict\n](]U\x01aaK\x01a]U\x01baK\x02ae\x85R.", names) == {
        "a": 1,
        "b": 2,
    }
    assert read_pickle(b"\x80\x02ccollections\nOrderedDict\n)R.", names) == {}
    with pytest.raises(ValueError, match="it has a tuple as the key of a dictionary"):
        read_pickle(b"\x80\x02ccollections\nOrderedDict\n]]()\x85\x85eK\x01aa\x85R.", names)


def test_memory_is_not_taken_at_a_files_word():
    # Python's own reader would make room for two thousand million remembered values.
    with pytest.raises(ValueError, match="it remembers 0 values and then one as number 2,147,483,647"):
        read_pickle(b"\x80\x02}r\xff\xff\xff\x7f.", {})
    for claim in (b"X\xff\xff\xff\x7f", b"\x8e" + (2**62).to_bytes(8, "little"), b"\x8b\xff\xff\xff\x7f"):
        with pytest.raises(ValueError, match=r"expected|not enough data"):
            read_pickle(b"\x80\x04" + claim + b"abc.", {})


def test_python_2_numbers_what_it_remembers_from_1():
    assert read_pickle(b"\x80\x02]q\x01(U\x01aq\x02h\x02e.", {}) == ["a", "a"]
    with pytest.raises(ValueError, match="it asks for value number 5 of the 0 that it remembers"):
        read_pickle(b"\x80\x02h\x05.", {})


@pytest.mark.parametrize(
    ("opening", "closing"),
    [(b"]", b"a"), (b"", b"\x85"), (b"}K\x01", b"s"), (b"](", b"e")],
    ids=["list", "tuple", "dict", "APPENDS"],
)
def test_depth(opening, closing):
    def nested(depth):
        return b"\x80\x04" + opening * depth + b"K\x01" + closing * depth + b"."

    assert str(read_pickle(nested(100), {})).count("1") >= 1
    for depth in (101, 100_000):
        with pytest.raises(ValueError, match="it is nested more than 100 deep"):
            read_pickle(nested(depth), {})


def test_depth_counts_along_shared_values():
    # Each of the lists holds the one before, 50 deep, in its own depth of 50.
    pickled = b"\x80\x04](]\x94"
    for number in range(4):
        pickled += b"]" * 50 + b"h" + bytes([number]) + b"a" * 50 + b"\x94"
    with pytest.raises(ValueError, match="it is nested more than 100 deep"):
        read_pickle(pickled + b"e.", {})


def test_a_value_that_holds_itself():
    itself = []
    itself.append(itself)
    with pytest.raises(ValueError, match="it is nested more than 100 deep"):
        read_pickle(pickle.dumps(itself, 4), {})


@pytest.mark.parametrize(
    "kind", [list, tuple, lambda pair: {"a": pair[0], "b": pair[1]}], ids=["list", "tuple", "dict"]
)
def test_shared_values_that_unfold_without_a_bound(kind):
    value = kind(["x", "x"])
    for _ in range(60):
        value = kind([value, value])
    pickled = pickle.dumps(value, 4)
    assert len(pickled) < 2000
    with pytest.raises(ValueError, match=r"its [0-9,]+ bytes unfold to more than [0-9,]+ values"):
        read_pickle(pickled, {})


def test_a_long_text_that_is_shared_without_a_bound():
    with pytest.raises(ValueError, match=r"unfold to more than 1[0-9,]+ values"):
        read_pickle(pickle.dumps(["x" * 100_000] * 10_000, 4), {})


def test_more_containers_than_memory(monkeypatch):
    monkeypatch.setattr(pickles, "MOST_CONTAINERS", 1000)
    assert len(read_pickle(b"\x80\x04](" + b"]" * 999 + b"e.", {})) == 999
    for opening in (b"]", b"}", b")\x85"):
        with pytest.raises(ValueError, match="it holds more than 1,000 lists, tuples and other containers"):
            read_pickle(b"\x80\x04](" + opening * 1000 + b"e.", {})


def test_names_are_not_printed_at_length():
    with pytest.raises(TypeError, match="it treats a list as a str"):
        read_pickle(b"\x80\x04]\x8c\x06system\x93.", {})
    with pytest.raises(ValueError, match=r"^.{200,300}$"):
        read_pickle(b"\x80\x04X\xa0\x86\x01\x00" + b"x" * 100_000 + b"\x8c\x06system\x93.", {})


def test_classes_make_instances_and_functions_do_not():
    made = b"\x80\x02cfake\nthing\nK\x03\x85\x81."
    assert read_pickle(made, {"fake thing": Class(lambda number: number + 1)}) == 4
    with pytest.raises(ValueError, match="instruction NEWOBJ"):
        read_pickle(made, {"fake thing": Function(lambda number: number + 1)})


# --- How large a value is for whoever walks it ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "size", "height"),
    [
        (3, 2, 0),
        ("abc", 5, 0),
        ([1, 2], 5, 1),
        (["ab", b"cde"], 10, 1),
        ({"a": [1]}, 8, 2),
        (np.zeros(3, np.float32), 13, 0),
        ([[1, 2]] * 3, 15, 2),
    ],
)
def test_size_and_height_by_hand(value, size, height):
    """A number is one, a text one more than its letters, an array its bytes, a container two more than its content."""
    assert _extent([value], {}, 0) == (size, height)


def test_what_unfolds_beyond_its_bytes_is_refused():
    long = ["x" * 1000]
    assert walkable([long] * 900, 10) == [long] * 900
    with pytest.raises(ValueError, match="its 10 bytes unfold to more than 1,000,000 values"):
        walkable([long] * 1100, 10)
    assert walkable([long] * 1100, 10_000)


def test_the_depth_has_an_end():
    for depth in (DEEPEST, DEEPEST + 1):
        value = []
        for _ in range(depth):
            value = [value]
        if depth == DEEPEST:
            assert walkable(value, 1) is value
        else:
            with pytest.raises(ValueError, match="nested more than 100 deep"):
                walkable([value], 1)
