"""Ranks and what is made of them, worked by hand, and ties against all orders the tied could be put in."""

from itertools import permutations

import numpy as np
import pytest

from mrnn_np.evaluation.retrieval import best, log2_mean, ranks, retrieval_results, summary


def test_ranks_by_hand():
    scores = np.array([[3.0, 1, 2, 0], [3, 1, 2, 0], [0, 0, 0, 0]])
    assert ranks(scores, np.array([7, 8, 9]), np.array([8, 7, 9, 9])).tolist() == [3, 1, 1 + 2 / 3]


def test_the_best_of_several_right_ones_counts():
    scores = np.array([[0.1, 0.9, 0.5, 0.7]])
    assert ranks(scores, np.array([1]), np.array([1, 0, 1, 1])).tolist() == [2]


def test_a_model_that_knows_nothing_gets_the_middle():
    assert ranks(np.zeros((1, 999)), np.array([0]), np.arange(999)).tolist() == [500]


@pytest.mark.parametrize("right", [(0,), (1, 3), (0, 2, 4)])
def test_tied_ranks_are_the_mean_over_all_orders(right):
    scores = np.array([2.0, 1, 1, 1, 1, 1, 0])
    groups = np.array([int(i in {1 + r for r in right}) for i in range(7)])
    first = []
    for order in permutations(range(1, 6)):
        placed = [0, *order, 6]
        first.append(1 + min(placed.index(i) for i in np.flatnonzero(groups)))
    found = ranks(scores[None], np.array([1]), groups)
    np.testing.assert_allclose(found, np.mean(first), rtol=1e-12)


def test_summary():
    found = summary(np.array([1, 2, 5.5, 10, 100]))
    expected = {"R@1": 0.2, "R@5": 0.4, "R@10": 0.8, "median rank": 5.5, "mean rank": 23.7, "queries": 5}
    assert found == expected


def test_mean_of_probabilities_far_below_what_floats_hold():
    values = np.array([[-3000.0, -1.0], [-3002, -2], [-9999, -3]], np.float32)
    expected = [-3000 + np.log2(1.25 / 3), np.log2((0.5 + 0.25 + 0.125) / 3)]
    np.testing.assert_allclose(log2_mean(values), expected, rtol=1e-14)


def test_division_by_the_prior_finds_rare_sentences():
    # Sentence 1 is likely for both images; sentence 0 is about image 0 and sentences 1 and 2 are about image 1.
    log2_given_image = np.array([[-10.0, -5, -30], [-20, -4, -12]])
    results = retrieval_results(log2_given_image, np.array([-15.0, -4.5, -20]), np.array([0, 1, 1]))
    assert results["image -> sentence, P(w|I)"]["R@1"] == 0.5
    assert results["image -> sentence, P(w|I) / P(w)"]["R@1"] == 1
    assert results["sentence -> image, P(w|I)"]["R@1"] == 1
    assert results["sentence -> image, P(w|I)"]["queries"] == 3


def test_best_shows_each_text_once():
    scores = np.array([1.0, 3, 3, 2, 0])
    assert best(scores, ["a", "b", "b", "c", "d"], 3) == [1, 3, 0]
    assert best(scores, ["a", "b", "c", "d", "e"], 2) == [1, 2]
