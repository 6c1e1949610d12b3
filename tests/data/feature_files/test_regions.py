"""Regions averaged above a score: the mean by hand, two file formats, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from mrnn_np.data.features import load_features
from mrnn_np.errors import UserError

NAMES = np.array(["b", "a", "b", "b", "c"])
SCORES = np.array([0.9, 0.5, 0.5, 0.4, 0.1])
VALUES = np.array([[1, 0], [2, 2], [3, 4], [100, 100], [5, 5]], np.float16)


def write(folder: Path, **changes: object) -> Path:
    arrays = {"features": VALUES, "names": NAMES, "scores": SCORES, "source": np.array('{"cnn": "rcnn"}'), **changes}
    np.savez(folder / "r.npz", **{name: array for name, array in arrays.items() if array is not None})
    return folder / "r.npz"


def test_mean_of_the_regions_that_score_enough(tmp_path: Path):
    loaded = load_features(f"{write(tmp_path)},min-score=0.5")
    assert loaded.names == ("b", "a")
    assert loaded.values.dtype == np.float32
    np.testing.assert_array_equal(loaded.values, [[2, 2], [2, 2]])
    assert loaded.path == str(tmp_path / "r.npz")
    assert loaded.source == {"cnn": "rcnn", "regions": "mean of those that score 0.5 or more"}
    np.testing.assert_allclose(load_features(f"{write(tmp_path)},min-score=0.1").values[0], [104 / 3, 104 / 3])


def test_npy_with_scores_beside(tmp_path: Path):
    np.save(tmp_path / "r.npy", VALUES)
    np.save(tmp_path / "r.scores.npy", SCORES[:, None])
    (tmp_path / "r.names.txt").write_text("\n".join(NAMES))
    loaded = load_features(f"{tmp_path / 'r.npy'},min-score=0.5")
    assert loaded.names == ("b", "a")
    np.testing.assert_array_equal(loaded.values, [[2, 2], [2, 2]])


@pytest.mark.parametrize(
    ("changes", "option", "message"),
    [
        ({}, "", r"r\.npz: holds regions; say from which score on they count, as in r\.npz,min-score=0\.5"),
        ({"scores": None}, ",min-score=0.5", r"r\.npz: holds no scores of regions; leave ,min-score=0\.5 out"),
        ({}, ",min-score=2", r"r\.npz: none of the 5 regions scores 2 or more, the best has 0\.9; lower min-score"),
        ({"scores": SCORES[:4]}, ",min-score=0", r"r\.npz: 5 names, 5 rows and scores of shape \(4,\); expected one"),
        ({"features": VALUES[:4]}, ",min-score=0", r"r\.npz: 4 rows of features but 5 names; expected one name a row"),
        (
            {"scores": np.array([0.9, np.nan, 0, 0, 0])},
            ",min-score=0",
            r"r\.npz: a region of 'a' has no finite score; expected",
        ),
        ({"scores": SCORES.astype(str)}, ",min-score=0", r"r\.npz: scores are <U32; expected a number for each region"),
        ({"features": VALUES[0]}, ",min-score=0", r"r\.npz: features have shape \(2,\); expected \[images, numbers\]"),
        (
            {"features": np.full((5, 2), 1e300)},
            ",min-score=0",
            r"r\.npz: 3 of 3 rows hold NaN, infinity or numbers above",
        ),
        ({}, ",min-score=nan", r"min-score is 'nan'; expected a number, as in FILE,min-score=0\.5"),
        ({}, ",min-score=-inf", r"min-score is '-inf'; expected a number, as in FILE,min-score=0\.5"),
        ({}, ",min-score=", r"min-score is ''; expected a number, as in FILE,min-score=0\.5"),
        ({}, ",min-score=high", r"min-score is 'high'; expected a number, as in FILE,min-score=0\.5"),
    ],
)
def test_refused(tmp_path: Path, changes: dict[str, object], option: str, message: str):
    with pytest.raises(UserError, match=message):
        load_features(f"{write(tmp_path, **changes)}{option}")


def test_a_path_that_holds_the_option_itself(tmp_path: Path):
    folder = tmp_path / "rcnn,min-score=0.5"
    folder.mkdir()
    np.savez(folder / "f.npz", features=VALUES[:2], names=["a", "b"])
    assert load_features(folder / "f.npz").names == ("a", "b")
    assert load_features(f"{write(folder)},min-score=0.5").names == ("b", "a")


def test_regions_of_one_image_in_two_spellings(tmp_path: Path):
    names = np.array(["caf\u00e9", "a", "cafe\u0301", "./a", "a"])
    loaded = load_features(f"{write(tmp_path, names=names, scores=np.ones(5))},min-score=0.5")
    assert loaded.names == ("caf\u00e9", "a")
    np.testing.assert_array_equal(loaded.values[0], [2, 2])


def test_a_folder_has_no_scores(tmp_path: Path):
    with pytest.raises(UserError, match=r": a folder holds no scores of regions; leave ,min-score=0\.5 out"):
        load_features(f"{tmp_path},min-score=0.5")
