"""The clipped n-gram F1 by hand."""

import pytest

from mrnn_np.evaluation.ngram_f1 import count_ngrams, ngram_f1


def f1(a, b):
    return ngram_f1(count_ngrams(a.split()), count_ngrams(b.split()))


def test_by_hand():
    # Words: 4 of 4 and 5 match; pairs: 3 of 3 and 4; triples: 2 of 2 and 3; fours: 1 of 1 and 2.
    assert f1("a b c d", "a b c d e") == pytest.approx((8 / 9 + 6 / 7 + 4 / 5 + 2 / 3) / 4)
    # "a" four times counts as often as it stands in the other sentence: once.
    assert f1("a a a a", "a b c d") == pytest.approx((2 / 8) / 4)


def test_equal_sentences_and_symmetry():
    assert f1("a b a b a", "a b a b a") == 1
    assert f1("a b a c d", "c d a b") == f1("c d a b", "a b a c d") > 0


def test_fewer_than_four_words_are_alike_to_nothing():
    assert f1("a b c", "a b c") == f1("a b c d", "a b c") == f1("", "a b c d") == 0
