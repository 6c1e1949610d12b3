"""Distinct and novel captions, their length and their words."""

import pytest

from mrnn_np.errors import UserError
from mrnn_np.evaluation.caption_scores import distinct_ratio, mean_length, novel, words_used

CAPTIONS = [["a", "dog"], ("a", "dog"), ["a", "cat", "runs"], []]


def test_by_hand():
    assert distinct_ratio(CAPTIONS) == 3 / 4
    assert mean_length(CAPTIONS) == 7 / 4
    assert words_used(CAPTIONS) == 4
    assert novel(CAPTIONS, [("a", "dog"), ("cat",)]) == [False, False, True, True]


@pytest.mark.parametrize("ratio", [distinct_ratio, mean_length])
def test_no_captions(ratio):
    with pytest.raises(UserError, match="metrics: there are no captions; expected one an image"):
        ratio([])
