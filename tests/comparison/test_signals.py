"""What asks a comparison to stop stops it wherever it is."""

import signal
import threading

import pytest

from mrnn_np.comparison.runs import raise_at_signals
from mrnn_np.training.interrupts import Interrupted

ASKING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def handlers():
    """Puts the handlers of signals back."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in ASKING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", ASKING)
def test_each_signal_stops_it_in_one_line(number):
    raise_at_signals()
    with pytest.raises(Interrupted) as stopped:
        signal.raise_signal(number)
    assert stopped.value.exit_status == 128 + number
    name = signal.Signals(number).name
    assert str(stopped.value) == f"interrupted by {name}; nothing is lost, give the same command again to go on"


def test_what_nohup_ignores_stays_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    raise_at_signals()
    signal.raise_signal(signal.SIGHUP)


def test_another_thread_leaves_signals_to_the_main_one():
    thread = threading.Thread(target=raise_at_signals)
    thread.start()
    thread.join()
    assert {signal.getsignal(number) for number in ASKING} == {signal.SIG_DFL}
