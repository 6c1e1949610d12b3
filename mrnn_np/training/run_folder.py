"""The folder of a run: where one may begin, where one can go on, and what in it belongs together."""

import contextlib
import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mrnn_np.errors import UserError
from mrnn_np.files import locked, make_folder, write_text
from mrnn_np.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from mrnn_np.training.config import Config, read_config
from mrnn_np.training.setup import Run, resumed_run
from mrnn_np.training.trainer import best_row

MAY_MOVE = ("data", "features", "pictures")
"""Options that say where something is: a run may go on with others."""


def default_folder(config: Config) -> Path:
    """Where a run goes when nobody says."""
    model = "" if config.model_name == "m-rnn" else f"-{config.model_name}"
    cnn = f"-{config.train_cnn}" if config.trains_cnn else ""
    return Path("runs") / (config.data.partition(":")[0] + model + cnn)


def require_no_run(out: Path) -> None:
    """Raise UserError where a new run would write over what an earlier one, or somebody else, left.

    A config.json alone is nobody's loss: versions before this one wrote it first, and may have been killed then.
    """
    if os.path.lexists(out / "last.npz"):
        raise UserError(f"--out: {out} already holds a run; go on with it by --resume, or name another folder")
    if os.path.lexists(out / "best.npz"):
        raise UserError(f"--out: {out} holds best.npz of a run whose last.npz is gone; name another folder")
    if os.path.lexists(out / "config.json"):
        try:
            read_config(out / "config.json")
        except UserError as error:
            raise UserError(f"--out: {error}, so it is not of a run; name another folder") from None


def require_run(out: Path) -> None:
    """Raise UserError where there is no run to go on with."""
    if os.path.lexists(out / "last.npz"):
        return
    if os.path.lexists(out / "best.npz"):
        raise UserError(f"--resume: {out} holds best.npz but no last.npz to go on from; begin a run in another folder")
    raise UserError(f"--resume: {out} holds no last.npz to go on from; leave --resume out to begin a run there")


@contextlib.contextmanager
def begun(out: Path, checkpoint: Checkpoint) -> Iterator[Callable[[], None]]:
    """Make the folder of a new run and hold its lock until the context ends.

    The state that has not seen a word yet is written there, so that there is always one to go back to.  What the
    context is given is to be called before each writing, as `locked` says.

    Raises UserError when there is a run already, and when the folder cannot be made, locked or written to.
    """
    make_folder(out)
    with locked(out) as still_ours:
        require_no_run(out)  # whatever was there before the data were read: another may have begun there meanwhile
        save_checkpoint(out / "last.npz", checkpoint, still_ours)
        _write_config(out, checkpoint.config, still_ours)
        yield still_ours


def resume(out: Path, typed: dict[str, Any]) -> Run:
    """Take up the run in a folder; its options stand, but its data may have moved.

    Raises UserError when there is no such run, when an option was typed or edited that it did not begin with, when
    files of another run are among its own, and when its data changed.
    """
    require_run(out)
    checkpoint = load_checkpoint(out / "last.npz")
    for name, value in checkpoint.former.items():
        raise UserError(f"--resume: the run in {out} began with --{name} {value}, which is no more; begin another")
    for name, value in typed.items():
        began_with = getattr(checkpoint.config, name)
        if name not in MAY_MOVE and value != began_with:
            raise UserError(f"--resume: the run in {out} began with {name} = {began_with}, not {value}; leave it out")
    _require_config(out / "config.json", checkpoint.config)
    _require_best(out / "best.npz", checkpoint)
    moved = {name: typed[name] for name in MAY_MOVE if name in typed}
    return resumed_run(dataclasses.replace(checkpoint, config=dataclasses.replace(checkpoint.config, **moved)))


def mend(out: Path, checkpoint: Checkpoint, allow: Callable[[], object]) -> None:
    """Write the config.json that a run killed at its very beginning lacks.

    `allow` is called before the file takes its place, as `atomic_write` says.
    """
    if not os.path.lexists(out / "config.json"):
        _write_config(out, checkpoint.config, allow)


def _write_config(out: Path, config: Config, allow: Callable[[], object]) -> None:
    write_text(out / "config.json", json.dumps(dataclasses.asdict(config), indent=2) + "\n", allow)


def _require_config(path: Path, began_with: Config) -> None:
    """Raise UserError when a config.json is there that was edited or is another run's."""
    if not os.path.lexists(path):
        return
    config = read_config(path)
    for name, value in dataclasses.asdict(began_with).items():
        if name not in MAY_MOVE and (other := getattr(config, name)) != value:
            found = f"{path} says {name} = {other}, but the run began with {value}"
            raise UserError(f"--resume: {found}; it goes on as it began: put that back, or begin another run")


def _require_best(path: Path, last: Checkpoint) -> None:
    """Raise UserError unless a best.npz is the best of the run's epochs, or of one that ended as the run was killed."""
    history = last.progress.history
    if not os.path.lexists(path):
        if history:
            raise UserError(f"--resume: {path} is gone, the best model so far; put it back, or begin another run")
        return
    best = load_checkpoint(path)
    rows = best.progress.history
    here = {name: getattr(last.config, name) for name in MAY_MOVE}
    of_this_run = (
        dataclasses.replace(best.config, **here) == last.config
        and best.vocabulary == last.vocabulary
        and rows[: len(history)] == history[: len(rows)]
        and len(rows) in ({len(history) + 1} | ({int(best_row(history)["epoch"])} if history else set()))
    )
    if not of_this_run:
        raise UserError(f"--resume: {path} is not of the run that last.npz is of; put its own back, or begin another")
