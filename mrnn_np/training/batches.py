"""The batches of a run, each a function of the seed and the number of its step.

Where the gradient is summed over shares, a batch is dealt: every process has some of its shares, and each share is a
function of the seed, the step and its number, whoever has it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.data.batches import Batch, Sizes
from mrnn_np.data.examples import Examples
from mrnn_np.layers.dropout import NO_DROPOUT, Masks
from mrnn_np.model.general import Model
from mrnn_np.training.config import Config
from mrnn_np.training.streams import DROPOUT, ORDER, stream

B = TypeVar("B", Batch, "Batch | Dealt")


@dataclass(frozen=True)
class Dealt:
    """Some shares of a batch of N words."""

    shares: dict[int, tuple[Batch, Masks]]
    """the sentences and the dropout masks of each share, by its number; one without a sentence is not there"""
    words: int
    """N, with those of the shares of others"""

    def __len__(self) -> int:
        """N."""
        return self.words

    def to(self, asarray: Callable[[Array], Array]) -> "Dealt":
        """The same with all arrays moved by `asarray`, as `Backend.asarray` does."""
        return replace(self, shares={share: moved(drawn, asarray) for share, drawn in self.shares.items()})


Drawn = tuple[Batch | Dealt, Masks]
"""A batch and its masks; the shares of one that is dealt have masks of their own."""


def moved(drawn: tuple[B, Masks], move: Callable[[Array], Array]) -> tuple[B, Masks]:
    """A batch and its masks with their arrays moved."""
    batch, masks = drawn
    return batch.to(move), masks.to(move)


def batches_from(
    step: int, epoch: int, config: Config, model: Model, examples: Examples, own: range
) -> Iterator[Drawn]:
    """Yield the host batches of an epoch, from 0, that are to be done from that step on, with dropout masks.

    `own` are the shares that this process has.  Where their number is the machine's choice and not the run's, the masks
    are those of the whole batch.
    """
    order = order_of(config, examples, stream(config.seed, ORDER, epoch))
    rates = config.dropout_e, config.dropout_r, config.dropout_m, config.dropout_I

    def draw(which: Array, *number: int) -> tuple[Batch, Masks]:
        batch = examples.batch(which)
        return batch, model.draw_masks(stream(config.seed, DROPOUT, *number), batch, rates)

    done = (step - epoch * steps_per_epoch(config, examples)) * config.batch_size
    for number, start in enumerate(range(done, len(order), config.batch_size), step):
        which = order[start : start + config.batch_size]
        if config.shares == 1:
            yield deal_out(*draw(which, number), own, config.trains_cnn)
            continue
        lengths = [len(examples.sentences[i]) for i in which]
        hands = deal(lengths, config.shares)
        if config.trains_cnn:
            hands = deal_images(lengths, examples.images[which], config.shares)
        shares = {share: draw(which[hands[share]], number, share) for share in own if len(hands[share])}
        yield Dealt(shares, sum(lengths)), NO_DROPOUT


def order_of(config: Config, examples: Examples, rng: np.random.Generator) -> Array:
    """Return the order of an epoch's sentences; where a CNN learns too, all of an image stand together.

    A CNN then looks at each picture once an epoch, and not once for every caption of it.
    """
    if not config.trains_cnn:
        return rng.permutation(len(examples.sentences))
    distinct, image_of = np.unique(examples.images, return_inverse=True)
    return np.argsort(rng.permutation(len(distinct))[image_of], kind="stable")


def deal_out(batch: Batch, masks: Masks, shares: range, by_image: bool = False) -> Drawn:
    """Return a batch cut into shares, with its masks; one share is the batch itself.

    With `by_image` all sentences of an image are in one share.
    """
    if len(shares) == 1:
        return batch, masks
    sentences = len(batch.order)
    lengths = (np.array(batch.sizes)[:, None] > np.arange(sentences)).sum(axis=0).tolist()
    images = batch.image_of[:sentences]
    hands = deal_images(lengths, images, len(shares)) if by_image else deal(lengths, len(shares))
    return Dealt(
        {share: cut(batch, masks, hands[share]) for share in shares if len(hands[share])}, len(batch)
    ), NO_DROPOUT


def cut(batch: Batch, masks: Masks, places: Array) -> tuple[Batch, Masks]:
    """Return the sentences at some places of the packed order, which ascend, and their masks, as a batch."""
    sizes = np.array(batch.sizes)
    alive = places < sizes[:, None]
    rows = ((np.cumsum(sizes) - sizes)[:, None] + places)[alive]
    images, image_of = np.unique(batch.image_of[rows], return_inverse=True)
    ids = batch.ids[rows]
    share = Batch(
        ids=ids,
        targets=batch.targets[rows],
        words=np.unique(ids),
        features=batch.features[images],
        image_of=image_of.astype(np.int32),
        sizes=Sizes(size for size in alive.sum(axis=1).tolist() if size),
        order=tuple(range(len(places))),
    )
    e, r, m = (None if mask is None else mask[rows] for mask in (masks.e, masks.r, masks.m))
    return share, Masks(e, r, m, None if masks.I is None else masks.I[images])


def steps_per_epoch(config: Config, examples: Examples) -> int:
    """Return how many batches an epoch has."""
    return -(-len(examples.sentences) // config.batch_size)


def deal(lengths: Sequence[int], shares: int) -> list[Array]:
    """Return which sentences each share has, so that all have about as many sentences, words and time steps.

    As cards are dealt: the longest first, one to each share in turn, there and back again.

    Parameters
    ----------
    lengths : the words of each sentence
    shares : how many there are
    """
    turn, seat = np.divmod(np.arange(len(lengths)), shares)
    share_of = np.where(turn % 2 == 0, seat, shares - 1 - seat)
    longest_first = np.argsort(-np.asarray(lengths), kind="stable")
    return [longest_first[share_of == share] for share in range(shares)]


def deal_images(lengths: Sequence[int], images: Array, shares: int) -> list[Array]:
    """Return the same, all sentences of an image in one share; `images` are those of the sentences."""
    image_of = np.unique(images, return_inverse=True)[1]
    hands = deal(np.bincount(image_of, lengths).tolist(), shares)
    return [np.flatnonzero(np.isin(image_of, hand)) for hand in hands]
