"""Batches made by another thread: the same ones, in order, a few ahead, and errors where they are asked for."""

import threading

import pytest

from mrnn_np.data.read_ahead import read_ahead


@pytest.mark.parametrize("number", [0, 1, 2, 7])
def test_everything_comes_in_order(number):
    assert list(read_ahead(range(number))) == list(range(number))


def test_it_is_made_by_another_thread_while_the_caller_works():
    made = [threading.Event() for _ in range(5)]

    def things():
        for i, event in enumerate(made):
            event.set()
            yield i, threading.current_thread().name

    for i, (number, thread) in enumerate(read_ahead(things(), depth=2)):
        assert number == i
        assert thread != threading.current_thread().name
        # The caller is still at number i; the second after it gets made all the same.
        assert made[min(i + 2, 4)].wait(timeout=10)
    assert all(event.is_set() for event in made)


def test_no_more_than_depth_is_made_ahead():
    made = []
    coming = read_ahead((made.append(i) or i for i in range(100)), depth=3)
    assert next(coming) == 0
    coming.close()
    assert len(made) <= 4


def test_an_error_comes_after_what_was_made_before_it():
    def things():
        yield 1
        raise OSError("the disk is gone")

    coming = read_ahead(things())
    assert next(coming) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        next(coming)
