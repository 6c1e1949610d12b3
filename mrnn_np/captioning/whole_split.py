"""A whole split, in batches: its captions, and what they have in common with those of similar images."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from mrnn_np.backend import Array
from mrnn_np.captioning.beam import BeamSearch, beam_search
from mrnn_np.captioning.decoder import Decoder, Hypothesis, finite
from mrnn_np.captioning.one_at_a_time import greedy
from mrnn_np.captioning.rerank import Consensus
from mrnn_np.captioning.shards import in_shards
from mrnn_np.data.captions import SplitData
from mrnn_np.data.examples import ReadImages
from mrnn_np.evaluation.sentences import Sentence

_BATCH = {"numpy": 64, "cupy": 256}
"""Images captioned together: a GPU has room for more, and takes hardly longer."""


def caption_images(
    decoder: Decoder,
    rows: Array,
    read_images: ReadImages,
    options: BeamSearch | None,
    on_images: Callable[[int], object] = lambda number: None,
) -> list[list[Hypothesis]]:
    """Return the hypotheses of each image, best first.

    Parameters
    ----------
    rows : (n,) int, the images as `read_images` numbers them
    options : what beam search looks for; None is greedy decoding
    on_images : called with the number of images that have been captioned since the last call

    Raises
    ------
    UserError : the beam is too wide for the memory there is, or the model's numbers are not finite
    """
    if options is not None:
        options.require_room(min(_BATCH[decoder.backend.name], len(rows)), decoder.model.M)
    hypotheses: list[list[Hypothesis]] = []
    for some in _batches(len(rows), _BATCH[decoder.backend.name]):
        values = read_images(rows[some])
        if options is None:
            hypotheses += finite([[hypothesis] for hypothesis in greedy(decoder, values)])
        else:
            hypotheses += finite(in_shards(partial(beam_search, options=options), decoder, values))
        on_images(len(values))
    return hypotheses


def split_similarities(
    consensus: Consensus, split: SplitData, read_images: ReadImages, sentences: Sequence[Sequence[Sentence]]
) -> Iterator[list[Array]]:
    """Yield `Consensus.similarities` of each image of a split, `sentences` being the hypotheses of each."""
    for some in _batches(len(split.images), _BATCH["numpy"]):
        yield from consensus.similarities(split.images[some], read_images(split.feature_rows[some]), sentences[some])


def _batches(images: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, images, size))
