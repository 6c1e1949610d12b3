"""The learning rate, step by step."""

import pytest

from mrnn_np.training.sgd import SCHEDULES, learning_rate


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_it_rises_linearly_to_the_peak(schedule):
    rates = [learning_rate(step, 100, 0.8, schedule, warmup=4) for step in range(5)]
    assert rates == pytest.approx([0.2, 0.4, 0.6, 0.8, 0.8])


def test_without_a_warmup_it_begins_at_the_peak():
    assert [learning_rate(0, 10, 0.5, schedule) for schedule in SCHEDULES] == [0.5] * 3


def test_what_is_constant_stays():
    assert {learning_rate(step, 100, 0.8, "constant", 10) for step in range(10, 100)} == {0.8}


def test_steps_halve_it_after_a_half_two_thirds_and_five_sixths():
    rates = [learning_rate(step, 70, 0.8, "step", warmup=10) for step in range(10, 70)]
    assert rates == [0.8] * 30 + [0.4] * 10 + [0.2] * 10 + [0.1] * 10


def test_a_cosine_falls_from_the_peak_to_nothing():
    rates = [learning_rate(step, 110, 0.8, "cosine", warmup=10) for step in (10, 35, 60, 85, 110)]
    assert rates == pytest.approx([0.8, 0.8 * (1 + 0.5**0.5) / 2, 0.4, 0.8 * (1 - 0.5**0.5) / 2, 0])
    assert learning_rate(60, 110, 0.8, warmup=10) == pytest.approx(0.4)


def test_a_training_of_warming_up_alone():
    assert learning_rate(7, 5, 0.8, "cosine", warmup=8) == 0.8
    assert learning_rate(8, 8, 0.8, "cosine", warmup=8) == 0.8
