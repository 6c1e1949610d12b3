"""The runs of a comparison as one table: for each model the mean over seeds and how far the seeds are apart."""

import re
from collections.abc import Mapping, Sequence

from mrnn_np.evaluation.table import score_text
from mrnn_np.files import csv_text
from mrnn_np.plots.style import BLUE, ORANGE, Picture, row_of_axes

PAPER_ABLATION = {
    "m-rnn": (0.600, 0.412, 0.278, 0.187),
    "no-emb-input": (0.592, 0.408, 0.277, 0.188),
    "one-layer-emb": (0.594, 0.406, 0.274, 0.184),
    "emb-one-input": (0.590, 0.406, 0.274, 0.185),
    "visual-in-rnn": (0.466, 0.267, 0.157, 0.101),
    "visual-in-rnn-both": (0.546, 0.333, 0.191, 0.120),
    "visual-in-rnn-both-shared": (0.478, 0.279, 0.171, 0.110),
}
"""BLEU-1 to -4 of the paper's ablations on Flickr30K with VGGNet, recalled: not checked against the paper."""

COLUMNS = ("parameters", "perplexity", "bits above the floor", "BLEU-1", "BLEU-4", "true claims", "true captions")
"""What the table shows of each run, where it was measured, beside the difference to the first model and the speed."""

AXES = {
    "bits": "validation cost (bits per word)",
    "bits above the floor": "cost above the floor (bits per word)",
    "true claims": "share of claims that are true",
    "BLEU-4": "BLEU-4",
}
"""What the axes of the picture are called."""

Runs = Mapping[str, Sequence[Mapping[str, float]]]
"""For each model, its scores from each seed, in the order of the seeds."""


def markdown(runs: Runs, about: str) -> str:
    """Return the table and what its columns mean; `about` says what was trained on what."""
    first = next(iter(runs))
    shown = [name for name in COLUMNS if everywhere(name, runs)]
    recalled = [n for n in (1, 4) if any(without_rate(model) in PAPER_ABLATION for model in runs)]
    head = ["model", *shown, f"bits more than {first}", "words/s", *(f"BLEU-{n} in the paper" for n in recalled)]
    rows = []
    for model, of_model in runs.items():
        cells = [spread([scores[name] for scores in of_model]) for name in shown]
        more = [scores["bits"] - other["bits"] for scores, other in zip(of_model, runs[first], strict=True)]
        speed = spread([round(scores["words/s"]) for scores in of_model])
        in_paper = PAPER_ABLATION.get(without_rate(model))
        paper = [f"{in_paper[n - 1]:.3f}" if in_paper else "" for n in recalled]
        rows.append([model, *cells, "" if model == first else spread(more, signed=True), speed, *paper])
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    seeds = len(runs[first])
    notes = [about, f"Each number is the mean over {seeds} seed{'s' * (seeds > 1)}, with the least and the largest."]
    if recalled:
        notes.append("The paper's numbers are those of Flickr30K with VGGNet, recalled and not checked.")
    return f"{table}\n\n{' '.join(notes)}\n"


def everywhere(name: str, runs: Runs) -> bool:
    """Whether that score was measured in every run."""
    return all(name in scores for of_model in runs.values() for scores in of_model)


def without_rate(model: str) -> str:
    """A model without its learning rate, which does not make it another model: "nic --lr 1" is nic."""
    return re.sub(r" --lr[ =]\S+", "", model)


def spread(values: Sequence[float], signed: bool = False) -> str:
    """Return the mean and, where they differ, the least and the largest."""
    mean = sum(values) / len(values)
    if all(isinstance(value, int) for value in values):
        mean = round(mean)

    def text(value: float) -> str:
        return f"{value:+.3f}" if signed else score_text(value)

    if min(values) == max(values):
        return text(mean)
    return f"{text(mean)} ({text(min(values))} to {text(max(values))})"


def comma_separated(runs: Runs, seeds: Sequence[int]) -> str:
    """Return every score of every run as CSV, one line per run."""
    return csv_text(
        [
            {"model": model, "seed": seed, **scores}
            for model, of_model in runs.items()
            for seed, scores in zip(seeds, of_model, strict=True)
        ]
    )


def draw_comparison(runs: Runs) -> Picture:
    """Return the picture: the cost, and how good the captions are; the first model is at the top."""
    cost = "bits above the floor" if everywhere("bits above the floor", runs) else "bits"
    quality = "true claims" if everywhere("true claims", runs) else "BLEU-4"
    figure, axes = row_of_axes(2, height=1.2 + 0.32 * len(runs))
    for axis, score, colour in zip(axes, (cost, quality), (BLUE, ORANGE), strict=True):
        for place, of_model in enumerate(runs.values()):
            values = [scores[score] for scores in of_model]
            mean = sum(values) / len(values)
            axis.plot(values, [place] * len(values), "o", color=colour, markersize=4, alpha=0.6)
            axis.plot([mean, mean], [place - 0.3, place + 0.3], color=colour)
        axis.set_yticks(range(len(runs)), list(runs))
        axis.invert_yaxis()
        axis.set_xlabel(AXES[score])
    axes[1].tick_params(labelleft=False)
    return figure
