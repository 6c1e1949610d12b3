"""Data sets as the command line names them."""

from pathlib import Path

import pytest

from mrnn_np.data.readers.by_name import KINDS, folder_of, read_corpus
from mrnn_np.errors import UserError


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_reader_that_names_what_it_misses(tmp_path: Path, kind: str):
    place = tmp_path / "with,comma"
    with pytest.raises(UserError, match=r"with,comma") as raised:
        read_corpus(f"{kind}:{place}")
    assert "not a known data set" not in str(raised.value)


def test_the_folder_of_a_data_set(tmp_path: Path):
    (tmp_path / "a,b").mkdir()
    assert folder_of(f"flickr8k:{tmp_path / 'a,b'}") == tmp_path / "a,b"
    assert folder_of(f"coco:{tmp_path / 'a,b'},splits=/x/y.json") == tmp_path / "a,b"
    assert folder_of(f"karpathy:{tmp_path / 'dataset.json'},restval") == tmp_path
    assert folder_of(f"csv:{tmp_path / 'mine.csv'}") == tmp_path
