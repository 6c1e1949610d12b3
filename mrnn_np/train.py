"""Train an m-RNN:  python -m mrnn_np.train, or on photographs with --data flickr8k:DIR."""

import argparse
import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from mrnn_np.backend import Backend
from mrnn_np.captioning.beam import BeamSearch, beam_search
from mrnn_np.captioning.captioner import Captioner
from mrnn_np.captioning.decoder import Decoder
from mrnn_np.captioning.one_at_a_time import greedy
from mrnn_np.command_line.options import Parser, add_backend_option, backend_of
from mrnn_np.command_line.run import run_command
from mrnn_np.data.captions import open_data_set
from mrnn_np.data.data_set import DataSet
from mrnn_np.distributed.job import join
from mrnn_np.distributed.ranks import Ranks
from mrnn_np.distributed.shares import default_shares, threads_of
from mrnn_np.errors import UserError
from mrnn_np.evaluation.perplexity import perplexity
from mrnn_np.files import always, atomic_write, locked, write_text
from mrnn_np.model.presets import PRESETS
from mrnn_np.training.config import Config, add_options, config_of, typed_options
from mrnn_np.training.gradient import all_that_learns
from mrnn_np.training.report import parameter_table, vocabulary_note
from mrnn_np.training.run_folder import begun, default_folder, mend, require_no_run, require_run, resume
from mrnn_np.training.same_start import require_same_start
from mrnn_np.training.setup import SMALLER, Run, new_run, validation_split
from mrnn_np.training.streams import GRADCHECK, SHUFFLED, stream
from mrnn_np.training.trainer import Trainer, best_row


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(
        prog="python -m mrnn_np.train",
        description="Train the multimodal recurrent neural network on images' features and captions.",
        epilog="Ctrl-C saves and stops; the same command with --resume goes on as if nothing had happened.",
    )
    add_options(parser)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for this run's files (default: runs/NAME, of the data)"
    )
    add_backend_option(parser)
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out, with its own options")
    parser.add_argument(
        "--gradcheck",
        action="store_true",
        help="first check the gradient of this very model on training captions",
    )
    parser.add_argument("--dry-run", action="store_true", help="read and print everything, train and write nothing")
    return parser.parse_args()


def main() -> int:
    """Run the command."""
    arguments = parse_arguments()
    typed = typed_options(arguments)
    ranks = join()
    backend = backend_of(arguments, ranks)
    if ranks.size > 1 and not arguments.resume:
        typed.setdefault("shares", default_shares(ranks.size * ranks.highest(threads_of(backend))))
    config = config_of(typed)
    out = arguments.out or default_folder(config)
    if backend.name == "cupy":
        from mrnn_np.distributed.gpus import on_device

        ranks = on_device(ranks, backend)
    if arguments.dry_run:
        announce(resume(out, typed) if arguments.resume else begin(out, config), backend, ranks, arguments.gradcheck)
        print(f"dry run: nothing is trained, nothing is written to {out}")
    elif arguments.resume:
        require_run(out)
        with locked(out) if ranks.rank == 0 else contextlib.nullcontext(always) as still_ours:
            # Locked before it is read, so that nobody else trains it on meanwhile.
            run = resume(out, typed)
            announce(run, backend, ranks, arguments.gradcheck)
            if ranks.rank == 0:
                mend(out, run.checkpoint, still_ours)
            train(run, backend, ranks, out, still_ours)
    else:
        run = begin(out, config)
        announce(run, backend, ranks, arguments.gradcheck)
        with begun(out, run.checkpoint) if ranks.rank == 0 else contextlib.nullcontext(always) as still_ours:
            train(run, backend, ranks, out, still_ours)
    return 0


def begin(out: Path, config: Config) -> Run:
    """Set up a new run for a folder that holds none."""
    require_no_run(out)
    return new_run(config)


def announce(run: Run, backend: Backend, ranks: Ranks, gradcheck: bool) -> None:
    """Print what is about to be trained, the same on all ranks, and check its gradient where that was asked for."""
    require_same_start(run.checkpoint, ranks)
    describe(run, backend, ranks)
    if gradcheck:
        check_gradient(run, backend)


def train(run: Run, backend: Backend, ranks: Ranks, out: Path, still_ours: Callable[[], object]) -> None:
    """Train to the end, and print what the best model is worth.

    `still_ours` is called before each file takes its place; it raises where `out` is no longer the folder of the run.
    """
    trainer = Trainer(run.checkpoint, run.train_set, run.val_set, backend, out, run.sources.floor, still_ours, ranks)
    trainer.run(example=lambda params: example_caption(Decoder(run.checkpoint.model, params, backend), trainer, run))
    if ranks.rank > 0:
        return
    best = best_row(trainer.progress.history)
    print(
        f"\nbest validation: {best['val_bits']:.3f} bits per word, PPL {best['val_ppl']:.2f}, in epoch {best['epoch']}"
    )
    captioner = Captioner.load(out / "best.npz", backend)
    read_images = captioner.read_images(run.sources.features)
    run = replace(run, val_set=replace(run.val_set, read_images=read_images))
    if captioner.config.image:
        bits = captioner.bits_per_word(run.val_set.with_shuffled_images(stream(captioner.config.seed, SHUFFLED)))
        print(f"with the images shuffled: {bits:.3f} bits per word, PPL {perplexity(bits):.2f}")
    files = "best.npz, last.npz, config.json, history.csv, curves.png"
    data_set = open_data_set(captioner.config.data)
    if data_set.judge or data_set.picture:
        still_ours()
        files += show_samples(data_set, captioner, run, out, still_ours)
    print(f"{out}: {files}\n")
    show_captions(captioner, run)


def describe(run: Run, backend: Backend, ranks: Ranks) -> None:
    """Print what was read, the model, and the plan."""
    config, progress = run.checkpoint.config, run.checkpoint.progress
    for note in (*run.sources.notes, vocabulary_note(run), f"backend: {backend.note}", *ranks.notes(config.shares)):
        print(note)
    about = PRESETS[config.model_name].about
    print(f"\n{config.model_name}, {about}:\n{parameter_table(run.checkpoint.params.layout)}\n")
    words, begun = run.train_set.words, f", from step {progress.step:,} on" if progress.step else ""
    print(f"{config.epochs} epochs of {words:,} words, in batches of {config.batch_size} captions{begun}")


def check_gradient(run: Run, backend: Backend) -> None:
    """Check the model about to be trained; a wrong gradient ends the command."""
    from mrnn_np.gradients.check import check_model, verdict_table  # no training needs it but one with --gradcheck

    model = all_that_learns(run.checkpoint, backend)
    rng = stream(run.checkpoint.config.seed, GRADCHECK)
    batch = run.train_set.batch(rng.choice(len(run.train_set.sentences), 8, replace=False))
    verdicts = list(check_model(model, run.checkpoint.params, batch, backend, rng))
    print(f"{verdict_table(verdicts)}\n")
    if not all(verdict.passed for verdict in verdicts):
        raise UserError("--gradcheck: a gradient is wrong, see above; nothing was trained")


def example_caption(decoder: Decoder, trainer: Trainer, run: Run) -> str:
    """Return what the model says now about one validation image, another after each epoch."""
    val, epoch = run.sources.val, len(trainer.progress.history)
    number = (epoch * 37) % len(val.images)
    (hypothesis,) = greedy(decoder, trainer.seen_val_set().read_images(val.feature_rows[number : number + 1]))
    return f"   {val.images[number]}: {run.checkpoint.vocabulary.decode(hypothesis.words)}"


def show_samples(
    data_set: DataSet, captioner: Captioner, run: Run, out: Path, still_ours: Callable[[], object], shown: int = 24
) -> str:
    """Print how much of what the model says about the validation images is true, draw the first few, explain all.

    Each is done where the data set can.  Returns ", samples.png, page.html" if those were written, to go on a list of
    files.
    """
    from mrnn_np.evaluation.claims import count_claims, sheet_of_claims  # of no use to other data sets

    val, decode = run.sources.val, captioner.vocabulary.decode
    found = greedy(captioner.decoder, run.val_set.read_images(val.feature_rows))
    captions = {name: decode(hypothesis.words).split() for name, hypothesis in zip(val.images, found, strict=True)}
    if data_set.judge:
        print(f"captions of the validation {data_set.name}, greedy: {count_claims(captions, data_set.judge)}")
    if not data_set.picture:
        return ""
    sheet = sheet_of_claims({name: captions[name] for name in val.images[:shown]}, data_set.picture, data_set.judge)
    atomic_write(out / "samples.png", lambda file: sheet.save(file, format="PNG"))

    # These bring the CNNs and more along, which training does without.
    from mrnn_np.captioning.written import Written
    from mrnn_np.explanation.browse import split_page

    opened = captioner.open(split=validation_split(data_set.captions()))
    written = [Written.of([hypothesis], captioner.vocabulary) for hypothesis in found]
    text = split_page(captioner, opened, written, [{}] * len(written), {}, mapped=shown)
    write_text(out / "page.html", text, still_ours)
    return ", samples.png, page.html"


def show_captions(captioner: Captioner, run: Run, count: int = 5) -> None:
    """Print what the best model says about a few validation images, beside what people said."""
    val = run.sources.val
    shown = np.linspace(0, len(val.images) - 1, count).astype(int)
    found = beam_search(captioner.decoder, run.val_set.read_images(val.feature_rows[shown]), BeamSearch())
    for i, (hypothesis, *_) in zip(shown, found, strict=True):
        print(val.images[i])
        print(f"   model   {captioner.vocabulary.decode(hypothesis.words)}   (log2 P = {hypothesis.log2_prob:.1f})")
        for caption in val.captions[i]:
            print(f"   person  {' '.join(caption)}")


if __name__ == "__main__":
    run_command(main, SMALLER, shared=True)
