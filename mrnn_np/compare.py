"""Train several models alike and compare them:  python -m mrnn_np.compare --models m-rnn,visual-in-rnn --seeds 3."""

import argparse
import json
import os
from pathlib import Path

from mrnn_np.backend import Backend
from mrnn_np.backend.threads import cores
from mrnn_np.captioning.beam import BeamSearch
from mrnn_np.captioning.options import add_beam_options, require_beam, search_of
from mrnn_np.command_line.limits import MOST_THREADS, whole
from mrnn_np.command_line.options import Parser, add_backend_option, backend_of
from mrnn_np.command_line.run import run_command
from mrnn_np.comparison.runs import Training, folder_name, raise_at_signals, train_all
from mrnn_np.comparison.scores import keep_options, read_scores, scores_of_run
from mrnn_np.comparison.summary import comma_separated, draw_comparison, markdown
from mrnn_np.errors import UserError
from mrnn_np.files import atomic_write, locked, make_folder, write_text
from mrnn_np.model.presets import PRESETS
from mrnn_np.training.config import Config

OWN = ("--model", "--seed", "--out", "--resume", "--dry-run")
"""Options of training that a comparison sets itself."""

LONGEST_NAME = 200
"""Characters of a model in the name of its folder, to which others are added; file systems take 255 bytes."""


def parse_arguments() -> tuple[argparse.Namespace, list[str]]:
    """Read the command line: the options of this command, and those that are handed to every training."""
    parser = Parser(
        prog="python -m mrnn_np.compare",
        description="Train several models from the same seeds on the same data for the same time, and compare them.",
        epilog="Every other option, as --epochs 5 or --scale 0.25, is handed to mrnn_np.train as it is.  "
        "Give the same command again to go on with a stopped comparison.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--models",
        required=True,
        help="separated by commas, each with options of its own or none, as 'm-rnn,m-rnn --recurrence sigmoid'; "
        f"they are {', '.join(PRESETS)}",
    )
    default = Config.data
    parser.add_argument("--data", default=default, help=f"the data set, as for mrnn_np.train (default: {default})")
    parser.add_argument(
        "--seeds",
        type=whole("--seeds", most=10_000),
        default=1,
        metavar="N",
        help="train from seeds 0 to N - 1 (default: 1)",
    )
    parser.add_argument(
        "--jobs",
        type=whole("--jobs", most=MOST_THREADS),
        default=1,
        metavar="N",
        help="trainings at the same time (default: 1)",
    )
    add_beam_options(parser)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/compare"),
        metavar="DIR",
        help="folder for all that is made (default: runs/compare)",
    )
    add_backend_option(parser)
    arguments, options = parser.parse_known_args()
    require_beam(parser)
    arguments.models = [" ".join(model.split()) for model in arguments.models.split(",")]
    folders = [folder_name(model) for model in arguments.models]
    for model in arguments.models:
        name, *more = model.split() or [""]
        if name not in PRESETS:
            raise UserError(f"--models: {name!r} is not a model; it can be {', '.join(PRESETS)}")
        if len(folder_name(model)) > LONGEST_NAME:
            raise UserError(f"--models: {name} has too many options for the name of a folder; give some to all models")
        if folders.count(folder_name(model)) > 1:
            raise UserError(f"--models: {model} is named twice")
        if own := [option for option in (*options, *more) if option.split("=")[0] in OWN]:
            raise UserError(f"{own[0]}: is set by the comparison itself; leave it out")
    return arguments, ["--data", arguments.data, "--backend", arguments.backend, *options]


def main() -> int:
    """Run the command."""
    arguments, options = parse_arguments()
    raise_at_signals()
    backend, out, seeds = backend_of(arguments), arguments.out, range(arguments.seeds)
    threads, search = arguments.threads or cores(), search_of(arguments)
    make_folder(out)
    with locked(out) as still_ours:
        keep_options(out, options)
        trainings = [Training(model, seed, out) for seed in seeds for model in arguments.models]
        scores = {training: known_scores(training, search) for training in trainings}
        for training in [training for training in trainings if scores[training]]:
            report(training, scores[training])

        def on_end(training: Training) -> None:
            still_ours()
            scores[training] = measured(training, backend, search)
            report(training, scores[training])

        missing = [training for training in trainings if not scores[training]]
        train_all(missing, options, arguments.jobs, threads, on_end)
        runs = {
            model: [scores[training] for training in trainings if training.model == model] for model in arguments.models
        }
        text = markdown(runs, f"Trained by `{' '.join(options)}`.")
        still_ours()
        write_text(out / "compare.md", text)
        write_text(out / "compare.csv", comma_separated(runs, seeds))
        atomic_write(out / "compare.png", draw_comparison(runs).write)
    print(f"\n{text}\n{out}: compare.md, compare.csv, compare.png")
    return 0


def name_of(search: BeamSearch | None) -> str:
    """What a scores.json calls the scores of captions that were written so."""
    if search is None:
        return "beam 1"
    return f"beam {search.width}" + (f", length norm {search.length_norm:g}" if search.length_norm else "")


def known_scores(training: Training, search: BeamSearch | None) -> dict[str, float]:
    """The scores of a run that was measured before on captions that were written alike, or none."""
    file = training.folder / "scores.json"
    kept = read_scores(file) if os.path.lexists(file) else {}
    if kept is None:
        print(f"{file}: is damaged; this run is measured again", flush=True)
    return (kept or {}).get(name_of(search), {})


def measured(training: Training, backend: Backend, search: BeamSearch | None) -> dict[str, float]:
    """Measure a run that has ended, and keep its scores in its folder."""
    file, scores = training.folder / "scores.json", scores_of_run(training.folder, backend, search)
    write_text(file, json.dumps({**(read_scores(file) or {}), name_of(search): scores}, indent=1) + "\n")
    return scores


def report(training: Training, scores: dict[str, float]) -> None:
    """Print a line about a run."""
    quality = f"BLEU-4 {scores['BLEU-4']:.3f}" + (
        f", {scores['true claims']:.1%} of claims true" if "true claims" in scores else ""
    )
    print(
        f"{training.model}, seed {training.seed}: {scores['bits']:.3f} bits per word, PPL {scores['perplexity']:.2f}, "
        f"{quality}, {scores['words/s']:,.0f} words/s",
        flush=True,
    )


if __name__ == "__main__":
    run_command(main)
