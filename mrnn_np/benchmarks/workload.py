"""The work every variant does: the same parameters, the same ragged batches, the paper's sizes."""

import numpy as np

from mrnn_np.data.batches import Batch, pack
from mrnn_np.data.vocabulary import END
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params

D_I = 4096
LR, L2, MOMENTUM = 0.01, 1e-6, 0.9


def workload(vocabulary: int, batch_size: int, batches: int) -> tuple[MRNN, Params, list[Batch]]:
    """Return the model, its first parameters and some batches, all on the host.

    Sentences have 4 to 30 words, 11.5 on average as Flickr8k's; words are drawn by Zipf's law; each has its own image.
    """
    rng = np.random.default_rng(0)
    model = MRNN(vocabulary, D_I)
    share = 1 / np.arange(1, vocabulary - 2)
    share /= share.sum()
    features = rng.normal(size=(batch_size, D_I)).astype(np.float32)
    packed = []
    for _ in range(batches):
        lengths = np.clip(np.rint(rng.gamma(9, 11.5 / 9, batch_size)), 4, 30).astype(int)
        sentences = [np.append(rng.choice(vocabulary - 3, n - 1, p=share) + 3, END) for n in lengths]
        packed.append(pack(sentences, list(range(batch_size)), features.__getitem__))
    return model, initial_params(model, rng, np.ones(vocabulary)), packed
