"""Rows of features summarised by hand, and each thing that can be wrong with them."""

from typing import Any

import numpy as np
import pytest

from mrnn_np.data import features as features_module
from mrnn_np.data.captions import CaptionData
from mrnn_np.data.inspection.features import feature_findings, rows_by_split, summarise_rows
from mrnn_np.data.names import NameIndex

COPIES = "images have the very features of another one; copies, or one picture read for several names"
NAMES = tuple(f"{i}.jpg" for i in range(40))


def data_of(train: tuple[str, ...], val: tuple[str, ...], **more: tuple[str, ...]) -> CaptionData:
    splits = {"train": train, "val": val, **more}
    return CaptionData("tiny", splits, {image: (("a",),) for images in splits.values() for image in images}, ())


GOOD = data_of(NAMES[:30], NAMES[30:])


def values_of(**changes: Any) -> np.ndarray:
    """Return different rows, but for {"row7": what row 7 holds}."""
    values = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    for row, value in changes.items():
        values[int(row.removeprefix("row"))] = values[value] if isinstance(value, int) else value
    return values


def findings(data: CaptionData, values: np.ndarray, names: tuple[str, ...] = NAMES) -> list[tuple[bool, str]]:
    rows_of = rows_by_split(data, NameIndex(names))
    return [tuple(finding) for finding in feature_findings(data, rows_of, summarise_rows(values), names)]


@pytest.mark.parametrize("chunk", [1, 5, 2**20])
@pytest.mark.parametrize("order", ["C", "F"])
def test_summary(monkeypatch: pytest.MonkeyPatch, chunk: int, order: Any):
    monkeypatch.setattr(features_module, "_CHUNK", chunk)
    values = np.array([[3, 4, 1], [0, 0, 1], [np.nan, 0, 1], [3, 4, 1], [np.inf, 0, 1]], np.float16, order=order)
    rows = summarise_rows(values)
    np.testing.assert_allclose(rows.norms, [26**0.5, 1, np.nan, 26**0.5, np.inf])
    assert rows.finite.tolist() == [True, True, False, True, False]
    assert rows.same_as.tolist() == [0, 1, 2, 0, 4]
    assert rows.constant == 1


def test_norms_do_not_overflow_in_half_precision():
    assert summarise_rows(np.full((2, 4), 6e4, np.float16)).norms == pytest.approx(1.2e5, rel=1e-3)


def test_nothing_wrong():
    assert findings(GOOD, values_of()) == []


@pytest.mark.parametrize(
    ("data", "changes", "mistake", "text"),
    [
        (
            data_of((*NAMES[:30], "x.jpg"), NAMES[30:]),
            {},
            False,
            "1 of 31 images in train have no features; 'x.jpg' is one, while rows are named like '0.jpg': extract them",
        ),
        (data_of(NAMES[:30], ("x.jpg", "1.png")), {}, True, "2 of 2 images in val have no features; 'x.jpg' is one"),
        (data_of(NAMES[:30], NAMES[30:], test=("x.jpg",)), {}, False, "1 of 1 images in test have no features; 'x"),
        (GOOD, {"row7": np.nan}, True, "1 of 40 images have NaN or infinity in their features, the first"),
        (GOOD, {"row7": 0.0}, True, "1 of 40 images have features that are all zero; their extraction failed"),
        (GOOD, {"row7": 5}, False, "1 of 40 images have the very features of another one; copies, or one picture read"),
        (
            data_of(("a/0.jpg", *NAMES[1:30]), ("b/0.jpg", *NAMES[31:])),
            {},
            True,
            "1 rows of features are named so that they could be of two images, the first is '0.jpg'; name them in full",
        ),
    ],
)  # fmt: skip
def test_findings(data: CaptionData, changes: dict[str, Any], mistake: bool, text: str):
    found = [one for one in findings(data, values_of(**changes)) if "of one in train" not in one[1]]
    assert [is_mistake for is_mistake, _ in found] == [mistake]
    assert found[0][1].startswith(text)


def test_what_is_in_no_split_does_not_matter():
    assert findings(data_of(NAMES[:20], NAMES[30:]), values_of(row25=np.nan, row26=0.0, row27=3)) == []


def test_copies_across_splits():
    copied, leaked = findings(GOOD, values_of(row35=2))
    assert copied == (False, f"1 of 40 {COPIES}")
    assert leaked == (
        True,
        "1 of 10 images in val have the very features of one in train; take copies out of one of them",
    )


def test_one_picture_read_for_all():
    found = findings(GOOD, np.ones((40, 5), np.float32))
    assert (True, f"39 of 40 {COPIES}") in found


def test_no_features_at_all():
    found = findings(data_of(("x",), ("y",)), values_of())
    assert [mistake for mistake, _ in found] == [True, True]


def test_names_in_another_case_are_told():
    names = (*(f"IMG_{i}.jpg" for i in range(39)), "\u00c4.jpg")
    data = data_of(tuple(f"img_{i}.jpg" for i in range(30)), ("\u00e4.JPG", "x.jpg", *names[:38]))
    assert [text.partition(";")[0] for _, text in findings(data, values_of(), names)] == [
        "30 of 30 images in train have no features, 30 of them but for upper and lower case",
        "2 of 40 images in val have no features, 1 of them but for upper and lower case",
    ]
