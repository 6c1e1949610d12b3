"""Numbers that a model has made, before anything is made of them."""

import numpy as np
import numpy.typing as npt

from mrnn_np.errors import UserError


def require_finite(numbers: npt.ArrayLike) -> None:
    """Raise UserError where there is none, or one that is not finite: the model's parameters have grown too large."""
    if not np.size(numbers) or not np.isfinite(numbers).all():
        raise UserError("checkpoint: the model's probabilities are not finite; take an earlier checkpoint")
