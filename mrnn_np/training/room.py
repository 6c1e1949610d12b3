"""Whether a training fits in memory, asked before any of it is there."""

from mrnn_np.backend.room import require_room
from mrnn_np.model.general import Model
from mrnn_np.model.params import layout_size

SMALLER = "lower --scale, --d-m or raise --min-count"
"""What to do about a model that does not fit."""


def require_room_for(model: Model, optimiser: str, words: int) -> None:
    """Raise UserError when a model, what trains it, or the scores of a batch of so many words cannot fit."""
    n = layout_size(model.layout)
    # The state that is saved and the one that is trained, each theta and what the optimiser remembers; the gradient.
    vectors = 2 * (3 if optimiser == "adam" else 2) + 1
    require_room(f"training {n:,} parameters", 4 * vectors * n, SMALLER)
    # The scores of the words, whose gradient takes their place.
    require_room(f"a batch of {words:,} words", 4 * words * model.M, "lower --batch-size or raise --min-count")
