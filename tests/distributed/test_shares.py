"""The sum over shares: the same bits whoever has them, and the gradient of the whole batch."""

import numpy as np
import pytest
from fake_ranks import on_ranks

from mrnn_np.backend import choose_backend
from mrnn_np.backend.threads import limit_threads
from mrnn_np.distributed.ranks import ALONE, Ranks
from mrnn_np.distributed.shares import Team, default_shares, part
from mrnn_np.errors import UserError
from mrnn_np.model.presets import PRESETS
from mrnn_np.training.batches import deal
from mrnn_np.training.config import Config, config_of
from mrnn_np.training.interrupts import Interrupted
from mrnn_np.training.setup import new_run
from mrnn_np.training.trainer import Trainer

NUMPY = choose_backend("numpy")
NO_DROPOUT = {"dropout_e": 0.0, "dropout_r": 0.0, "dropout_m": 0.0, "dropout_I": 0.0}


def numbers_of(share, xp=np, n=37):
    """Numbers of all sizes, so that every other order of addition gives other bits."""
    rng = np.random.default_rng(share)
    return xp.asarray((rng.normal(size=n) * 10.0 ** rng.integers(-3, 4, n)).astype(np.float32))


LAYOUT = {"a": (37,)}


def summed(team):
    """The sum of each share's numbers, as an array."""
    return team.sum(lambda share: {"a": numbers_of(share, team.backend.xp)}, LAYOUT).theta


def by_hand(shares):
    """Pairs, then pairs of pairs."""
    row = [numbers_of(share) for share in range(shares)]
    while len(row) > 1:
        row = [left + right for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]


@pytest.mark.parametrize("size", range(1, 9))
def test_any_number_of_ranks_has_the_same_sum(size, backend):
    totals = on_ranks(size, lambda ranks: summed(Team(8, ranks, backend)))
    assert {backend.to_numpy(total).tobytes() for total in totals} == {by_hand(8).tobytes()}
    plain = sum(numbers_of(share) for share in range(8))
    assert plain.tobytes() != by_hand(8).tobytes()  # so the order does matter


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_any_number_of_threads_has_the_same_sum(threads):
    team = Team(16, ALONE, NUMPY)
    with limit_threads(threads), team.at_work():
        assert summed(team).tobytes() == by_hand(16).tobytes()


def test_without_a_number_of_its_own_a_run_has_a_share_a_thread():
    for threads in (1, 3):
        with limit_threads(threads):
            team = Team(1, ALONE, NUMPY)
        assert team.all == team.own == range(threads)
    left, middle, right = (numbers_of(share) for share in range(3))
    assert summed(team).tobytes() == (left + middle + right).tobytes()
    with limit_threads(3):
        assert len(Team(8, ALONE, NUMPY).all) == 8


def test_each_share_is_computed_once():
    def computed(ranks):
        shares = []
        Team(8, ranks, NUMPY).sum(lambda share: shares.append(share) or {"a": numbers_of(share)}, LAYOUT)
        return shares

    assert on_ranks(3, computed) == [[0, 1], [2, 3, 4], [5, 6, 7]]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_items_are_done_once_and_their_numbers_come_in_order(size):
    def done(ranks):
        mine, checks = [], []
        values = Team(8, ranks, NUMPY).each(lambda i: mine.append(i) or i / 3, range(11), lambda: checks.append(1))
        return values, mine, len(checks)

    results = on_ranks(size, done)
    assert all(values == [i / 3 for i in range(11)] for values, _, _ in results)
    assert sorted(i for _, mine, _ in results for i in mine) == list(range(11))
    assert {checks for _, _, checks in results} == {-(-11 // size)}


def test_parts_are_even():
    assert [part(range(8), which, 3) for which in range(3)] == [range(0, 2), range(2, 5), range(5, 8)]
    assert [part(range(4, 8), which, 2) for which in range(2)] == [range(4, 6), range(6, 8)]


def test_more_ranks_than_shares_are_one_line():
    ranks = Ranks()
    ranks.size = 9
    with pytest.raises(UserError, match="9 ranks for 8 shares of a batch; start at most 8"):
        Team(8, ranks, NUMPY)


@pytest.mark.parametrize(("workers", "shares"), [(1, 1), (2, 2), (3, 8), (4, 4), (6, 16), (9, 32), (64, 64)])
def test_shares_where_nobody_says(workers, shares):
    assert default_shares(workers) == shares
    most = max(len(part(range(shares), worker, workers)) for worker in range(workers))
    assert shares / (workers * most) > 0.75  # the least of the time that they work, as all wait for the slowest


def test_sentences_are_dealt_evenly():
    lengths = np.random.default_rng(0).integers(3, 30, 128)
    hands = deal(lengths, 8)
    assert sorted(np.concatenate(hands).tolist()) == list(range(128))
    words = [lengths[hand].sum() for hand in hands]
    assert {len(hand) for hand in hands} == {16}
    assert max(words) - min(words) <= 4
    assert [len(hand) for hand in deal([3, 3, 3], 4)] == [1, 1, 1, 0]


@pytest.mark.parametrize("shares", [0, 3, 6, -8, 2**17])
def test_shares_are_a_power_of_two(shares):
    with pytest.raises(UserError, match="--shares is"):
        Config(shares=shares)


@pytest.fixture
def trainer(tiny_flickr8k, tmp_path):
    """A trainer of some options, on some ranks."""

    def make(ranks=ALONE, **options):
        small = {"data": f"flickr8k:{tiny_flickr8k}", "min_count": 1, "scale": 0.06, "batch_size": 12, "epochs": 2}
        run = new_run(config_of(small | options))
        out = tmp_path / str(ranks.rank)
        out.mkdir(exist_ok=True)
        return Trainer(run.checkpoint, run.train_set, run.val_set, NUMPY, out, ranks=ranks)

    return make


def gradients(training, steps):
    """The summed gradient of each of some steps, without a step being taken."""
    found = []
    for batch, masks in training.batches_from(0, epoch=0):
        grads, bits = training.gradient.of(training.params, batch, masks)
        found.append((grads.theta.copy(), float(bits), len(batch)))
    return found[:steps]


def test_the_sum_over_shares_is_the_gradient_of_the_batch(trainer):
    whole, shared = (gradients(trainer(shares=shares, **NO_DROPOUT), 7) for shares in (1, 8))
    assert len(whole) == 7  # of which the last has 8 sentences
    for (g, bits, N), (g_of_shares, bits_of_shares, N_of_shares) in zip(whole, shared, strict=True):
        assert N == N_of_shares
        assert bits_of_shares == pytest.approx(bits, rel=1e-5)
        np.testing.assert_allclose(g_of_shares, g, atol=2e-6 * np.abs(g).max(), rtol=1e-4)


def test_shares_without_a_sentence_add_nothing(trainer):
    whole, shared = (gradients(trainer(shares=shares, batch_size=5, **NO_DROPOUT), 3) for shares in (1, 8))
    for (g, *_), (g_of_shares, *_) in zip(whole, shared, strict=True):
        np.testing.assert_allclose(g_of_shares, g, atol=2e-6 * np.abs(g).max(), rtol=1e-4)


@pytest.mark.parametrize("model", PRESETS)
def test_a_share_a_thread_is_the_gradient_of_the_batch_with_its_dropout(trainer, model):
    options = {"model": model, "dropout_e": 0.2, "dropout_r": 0.3, "dropout_m": 0.4, "dropout_I": 0.1}
    found = []
    for threads in (1, 3):
        with limit_threads(threads):
            found.append(gradients(trainer(**options), 7))
    for (g, bits, N), (g_of_shares, bits_of_shares, N_of_shares) in zip(*found, strict=True):
        assert N == N_of_shares
        assert bits_of_shares == pytest.approx(bits, rel=1e-5)
        np.testing.assert_allclose(g_of_shares, g, atol=2e-6 * np.abs(g).max(), rtol=1e-4)


def test_each_share_has_dropout_masks_of_its_own(trainer):
    (batch, _), *_ = trainer(shares=4, batch_size=80).batches_from(0, epoch=0)
    masks = {share: mask.m[:20].tobytes() for share, (_, mask) in batch.shares.items()}
    assert len(set(masks.values())) == 4


@pytest.mark.parametrize("model", ["m-rnn", "nic"])
def test_ranks_train_the_same_model(trainer, model):
    options = {"model": model, "shares": 8, "clip": 0.5, "l2": 1e-3, "lr": 0.1}

    def trained(ranks):
        training = trainer(ranks, **options)
        lines = []
        training.run(lines.append)
        return training, lines

    def state(training):
        history = [{**row, "words_per_second": 0} for row in training.progress.history]
        return training.params.theta.tobytes(), training.velocity.tobytes(), history

    (alone, lines), *_ = on_ranks(1, trained)
    assert len(lines) == 2
    for size in (2, 3):
        (first, lines), *others = on_ranks(size, trained)
        assert len(lines) == 2
        assert not any(lines for _, lines in others)
        assert all(state(training) == state(alone) for training in (first, *(training for training, _ in others)))


def test_threads_do_not_change_the_bits_of_shares(trainer):
    trained = []
    for threads in (1, 2):
        training = trainer(shares=4, scale=0.5)
        with limit_threads(threads):
            training.run(lambda line: None)
        trained.append(training.params.theta.tobytes())
    assert trained[0] == trained[1]


def test_only_rank_0_writes(trainer, tmp_path):
    on_ranks(2, lambda ranks: trainer(ranks, shares=2, epochs=1).run(lambda line: None))
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert written == {"0/last.npz", "0/best.npz", "0/history.csv", "0/curves.png"}


def test_a_signal_to_one_rank_stops_all_after_the_same_step(trainer):
    def stopped(ranks):
        training = trainer(ranks, shares=4)
        highest, told = training.team.ranks.highest, []

        def signalled(number):
            told.append(number)
            return highest(15 if ranks.rank == 1 and len(told) == 4 else number)

        training.team.ranks.highest = signalled
        with pytest.raises(Interrupted, match="SIGTERM"):
            training.run(lambda line: None)
        return training.progress.step

    assert on_ranks(3, stopped) == [3, 3, 3]


def test_ranks_that_drifted_apart_are_one_line(trainer):
    def drifted(ranks):
        training = trainer(ranks, shares=2)
        if ranks.rank == 1:
            training.params.theta[5] += 1e-3
        with pytest.raises(UserError, match=r"rank 1 has parameters .*, rank 0 has .*; all must have the same"):
            training.run(lambda line: None)
        return True

    assert on_ranks(2, drifted) == [True, True]
