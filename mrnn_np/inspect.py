"""Look at data before training on it:  python -m mrnn_np.inspect --data KIND:PLACE --features F.

Ends with exit status 1 when training on it would be a mistake.
"""

if __name__ == "inspect":  # somebody who wants the standard library's
    import mrnn_np  # noqa: F401 - which is mrnn_np.py here, and ends the process

import argparse
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from mrnn_np.command_line.limits import whole
from mrnn_np.command_line.options import Parser
from mrnn_np.command_line.run import run_command
from mrnn_np.data.captions import open_data_set
from mrnn_np.data.data_set import CaptionData, DataSet
from mrnn_np.data.feature_files.by_kind import read_contents
from mrnn_np.data.feature_files.contents import Contents
from mrnn_np.data.features import require_form
from mrnn_np.data.inspection.captions import (
    Finding,
    SplitCaptions,
    caption_findings,
    inspect_captions,
    name_findings,
    vocabulary_sizes,
)
from mrnn_np.data.inspection.features import RowSummary, feature_findings, rows_by_split, summarise_rows
from mrnn_np.data.inspection.histograms import draw_histograms
from mrnn_np.data.names import NameIndex
from mrnn_np.files import atomic_write, make_folder


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(
        prog="python -m mrnn_np.inspect",
        description="Say what is in captions and features. Exit status 1: training on them would be a mistake.",
    )
    parser.add_argument("--data", required=True, help="the data set, as for mrnn_np.train")
    parser.add_argument(
        "--features", default="", metavar="F", help="their file (default: features.npz beside the captions, if any)"
    )
    parser.add_argument(
        "--min-count",
        type=whole("--min-count"),
        default=5,
        metavar="N",
        help="that --min-count is to be in training (default: 5)",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="draw histograms into this folder")
    return parser.parse_args()


def main() -> int:
    """Run the command."""
    arguments = parse_arguments()
    data_set = open_data_set(arguments.data)
    data = data_set.captions()
    splits = inspect_captions(data)
    print_lines(arguments.data, captions_text(splits), data.notes)
    findings = name_findings(data) + caption_findings(data, splits, arguments.min_count)
    norms = None
    if found := open_features(data_set, arguments.features):
        path, contents = found
        require_form(path, contents.names, contents.values)
        rows = summarise_rows(contents.values)
        norms = rows.norms[rows.finite]
        rows_of = rows_by_split(data, NameIndex(contents.names))
        print_lines(str(path), features_text(data, contents, rows, rows_of))
        findings += feature_findings(data, rows_of, rows, contents.names)
    else:
        print("\nno features; name their file with --features F")
    if arguments.out:
        print(f"\n{draw(arguments.out, splits, norms)}")
    return verdict(findings)


def open_features(data_set: DataSet, place: str) -> tuple[str | Path, Contents] | None:
    """Read the features that are named, or the data set's own or those beside its captions; None if there are none."""
    if place:
        return read_contents(place)
    if data_set.features:
        features = data_set.features()
        return features.path, Contents(features.names, features.values, features.source)
    beside = data_set.features_file
    return read_contents(beside) if os.path.exists(beside) else None


def captions_text(splits: dict[str, SplitCaptions]) -> Iterator[str]:
    """Yield the lines about captions and their words."""
    yield "split      images  captions  an image  different  words: mean  median  most"
    for split, some in splits.items():
        of_image = f"{some.per_image.min()}-{some.per_image.max()}"
        lengths = f"{some.lengths.mean():13.1f}{np.median(some.lengths):8.0f}{some.lengths.max():6}"
        yield f"{split:8}{len(some.per_image):9,}{len(some.lengths):10,}{of_image:>10}{some.distinct:11,}{lengths}"
    if "train" in splits:
        yield ""
        yield "words said that often in train, and their share of all that is said"
        for threshold, size, shares in vocabulary_sizes(splits):
            text = "  ".join(f"{split} {share:.1%}" for split, share in shares.items())
            yield f"{threshold:3} times: {size:7,} words   {text}"


def features_text(
    data: CaptionData, contents: Contents, rows: RowSummary, rows_of: dict[str, np.ndarray]
) -> Iterator[str]:
    """Yield the lines about features and the images that have them."""
    n, d = contents.values.shape
    yield f"{n:,} images x {d:,} numbers, {contents.values.dtype}" + "".join(
        f"; {key} {value}" for key, value in contents.source.items()
    )
    for split, some in rows_of.items():
        yield f"{split:8} {np.count_nonzero(some >= 0):,} of {len(some):,} images have features"
    used = {row for some in rows_of.values() for row in some.tolist()}
    yield f"{n - len(used - {-1}):,} rows are of images in no split or without captions"
    if rows.finite.any():
        low, middle, high = np.quantile(rows.norms[rows.finite], (0, 0.5, 1))
        yield f"norms: {low:.3g} to {high:.3g}, median {middle:.3g}"
    bad, zero = np.count_nonzero(~rows.finite), np.count_nonzero(rows.norms == 0)
    copies = np.count_nonzero(rows.same_as != np.arange(n))
    yield f"rows with NaN or infinity: {bad:,}; all zero: {zero:,}; with the numbers of an earlier row: {copies:,}"
    yield f"columns that hold one number in all rows: {rows.constant:,} of {d:,}"


def print_lines(title: str, *groups: Iterable[str]) -> None:
    """Print a title and the lines below it."""
    print(f"\n{title}")
    for group in groups:
        for line in group:
            print(f"  {line}" if line else "")


def draw(folder: Path, splits: dict[str, SplitCaptions], norms: np.ndarray | None) -> Path:
    """Draw the histograms into a folder and return the file."""
    make_folder(folder)
    atomic_write(folder / "histograms.png", lambda file: draw_histograms(splits, norms, file))
    return folder / "histograms.png"


def verdict(findings: list[Finding]) -> int:
    """Print the findings, mistakes first, and return the exit status."""
    print()
    for finding in sorted(findings, key=lambda finding: not finding.mistake):
        print(f"{'MISTAKE' if finding.mistake else 'note'}: {finding.text}")
    mistaken = any(finding.mistake for finding in findings)
    print("training on this would be a mistake" if mistaken else "nothing speaks against training on this")
    return int(mistaken)


if __name__ == "__main__":
    run_command(main)
