"""What a trained model is worth (size, perplexity, captions, speed), kept so that each is measured once."""

import json
import os
from pathlib import Path
from statistics import median

from mrnn_np.backend import Backend
from mrnn_np.captioning.beam import BeamSearch
from mrnn_np.captioning.captioner import Captioner
from mrnn_np.errors import UserError
from mrnn_np.evaluation.bleu import bleu
from mrnn_np.evaluation.claims import count_claims
from mrnn_np.files import write_text
from mrnn_np.files.json_files import read_own_json
from mrnn_np.model.params import layout_size
from mrnn_np.training.checkpoint import load_checkpoint
from mrnn_np.training.trainer import best_row

ALWAYS = ("parameters", "perplexity", "bits", "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "epoch", "words/s")
"""What is measured of every run, whatever its data."""


def scores_of_run(folder: Path, backend: Backend, search: BeamSearch | None) -> dict[str, float]:
    """Return the scores of a run's best model on the validation split, by name.

    Parameters
    ----------
    folder : of a run that has ended
    search : what beam search looks for; None is greedy decoding
    """
    captioner = Captioner.load(folder / "best.npz", backend)
    history = load_checkpoint(folder / "last.npz").progress.history
    best, opened = best_row(history), captioner.open()
    split, floor = opened.split, opened.data.floor(opened.name)
    found = captioner.write(split.feature_rows, opened.read_images, search)
    captions = [captioner.vocabulary.decode(best_of_image.words).split() for best_of_image, *_ in found]
    scores: dict[str, float] = {"parameters": layout_size(captioner.decoder.params.layout)}
    scores |= {"perplexity": best["val_ppl"], "bits": best["val_bits"]}
    if floor is not None:
        scores["bits above the floor"] = best["val_bits"] - floor
    scores |= {f"BLEU-{n}": score for n, score in enumerate(bleu(captions, split.captions), 1)}
    if judge := opened.data_set.judge:
        claims = count_claims(dict(zip(split.images, captions, strict=True)), judge)
        scores |= {"true claims": claims.share_true, "true captions": claims.share_without_false}
    return {**scores, "epoch": best["epoch"], "words/s": median(row["words_per_second"] for row in history)}


def keep_options(out: Path, options: list[str]) -> None:
    """Write the options that every run of the comparison in a folder is trained with.

    Raises UserError when it was begun with others, or no longer says with which.
    """
    file = out / "options.json"
    if os.path.lexists(file):
        try:
            before = read_own_json(file, list[str])
        except UserError:
            raise UserError(f"--out: {file} is damaged and no longer says how {out} was begun; name another") from None
        if before != options:
            raise UserError(f"--out: {out} was begun with {' '.join(before)}; name another folder")
    write_text(file, json.dumps(options) + "\n")


def read_scores(file: Path) -> dict[str, dict[str, float]] | None:
    """Return the scores in a scores.json, by how captions were written; None where it is missing, cut or foreign."""
    try:
        kept: dict[str, dict[str, float]] = read_own_json(file, dict[str, dict[str, float]])
    except UserError:
        return None
    return kept if all(set(ALWAYS) <= scores.keys() for scores in kept.values()) else None
