"""The image among the words, on its way into the recurrent layers.

At every word it is  s(t) = w(t) + U_I I.  Shown once, before the first word ("init"), it is  s(0) = U_I I, s(t) = w(t):
one time step more, whose r(0) nobody reads but r(1).
"""

from mrnn_np.backend import Array, get_xp
from mrnn_np.data.batches import Batch, Sizes
from mrnn_np.layers.rows import sum_rows


def image_among_words(w: Array, u: Array, batch: Batch, once: bool) -> tuple[Array, Sizes]:
    """Return s and its packed sizes.

    Parameters
    ----------
    w : (N, d_w), packed as `batch` is
    u : (B_I, d_w), the image's term U_I I
    once : before the first word, instead of at every word
    """
    if not once:
        return w + u[batch.image_of], batch.sizes
    B = batch.sizes[0]
    return get_xp(w).concatenate([u[batch.image_of[:B]], w]), batch.sizes.behind_one_more_step()


def image_among_words_back(ds: Array, B_I: int, image_of: Array, extra: int) -> tuple[Array, Array]:
    """Return dw (N, d_w) and du (B_I, d_w) from ds; `extra` rows of ds, 0 or B, are those of the image itself."""
    labels = get_xp(ds).arange(B_I)
    if not extra:
        return ds, sum_rows(ds, image_of, labels)
    return ds[extra:], sum_rows(ds[:extra], image_of[:extra], labels)


def after_zeros(dr: Array, extra: int) -> Array:
    """The gradient of r(0), r(1) ... from that of r(1) ...: nothing above reads the r(0) of `extra` more rows."""
    xp = get_xp(dr)
    return xp.concatenate([xp.zeros((extra, dr.shape[1]), dr.dtype), dr]) if extra else dr
