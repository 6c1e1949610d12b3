"""What cannot fit in memory is refused before it is asked for."""

import re
import sys

import pytest

from mrnn_np.backend import room
from mrnn_np.errors import UserError
from mrnn_np.model.mrnn import MRNN
from mrnn_np.training.setup import require_room_for


@pytest.fixture
def small_machine(monkeypatch):
    monkeypatch.setattr(room, "room", lambda: 2**30)


def test_the_least_of_all_limits_counts(monkeypatch, tmp_path):
    room.room.cache_clear()
    monkeypatch.setattr(room, "GROUP_LIMITS", (tmp_path / "no", tmp_path / "v2", tmp_path / "v1"))
    (tmp_path / "v2").write_text("max\n")
    (tmp_path / "v1").write_text("123456\n")
    assert room.room() == 123456
    (tmp_path / "v1").write_text(f"{2**63}\n")
    room.room.cache_clear()
    whole = room.room()
    assert 2**26 < whole < 2**50
    if sys.platform != "win32":
        monkeypatch.setattr(room.resource, "getrlimit", lambda _: (2**25, 2**50))
        room.room.cache_clear()
        assert room.room() == 2**25
    room.room.cache_clear()


def test_what_fits_and_what_does_not(small_machine):
    room.require_room("a thing", 2**30, "lower --thing")
    message = "a thing takes 1.5 GB of 1.0 and does not fit in memory; lower --thing"
    with pytest.raises(UserError, match=f"^{re.escape(message)}$"):
        room.require_room("a thing", 3 * 2**29, "lower --thing")


@pytest.mark.parametrize(
    ("optimiser", "words", "message"),
    [
        ("sgd", 1000, None),
        (
            "adam",
            1000,
            r"^training 45,917,560 parameters takes 1.2 GB of 1.0 and does not fit in memory; lower --scale",
        ),
        ("sgd", 10**6, r"^a batch of 1,000,000 words takes .* and does not fit in memory; lower --batch-size"),
    ],
)
def test_a_training(small_machine, optimiser, words, message):
    model = MRNN(1000, 10, 128, 256, 30_000)  # 0.94 GB for SGD
    if message is None:
        require_room_for(model, optimiser, words)
    else:
        with pytest.raises(UserError, match=message):
            require_room_for(model, optimiser, words)
