"""What a step does on a device besides computing."""

import contextlib

import pytest


@pytest.fixture
def watched_steps(strict_cupy):
    """A context for each step, in which nothing may wait or have float64, and the counts of those that are done."""
    counted = []

    @contextlib.contextmanager
    def watched():
        with strict_cupy.testing_counts() as counts:
            with strict_cupy.set_options(allow_sync=False, allow_float64=False):
                yield
        counted.append(counts)

    return watched, counted
