"""Find what tells pictures of scenes from pictures of nothing:  python -m mrnn_np.scenes.train_unlike --out F.npz.

It is found for the weights that the CNN has now, and so once more whenever these are trained again.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mrnn_np.backend import choose_backend
from mrnn_np.command_line.limits import whole
from mrnn_np.command_line.options import Parser, add_seed_option
from mrnn_np.command_line.run import run_command
from mrnn_np.scenes.cnn import Pictures, as_input
from mrnn_np.scenes.dataset import own_scenes
from mrnn_np.scenes.many_hands import in_many_hands
from mrnn_np.scenes.nothing import nothing
from mrnn_np.scenes.render import pictures_of
from mrnn_np.scenes.train_cnn import require_folder_of
from mrnn_np.vision.cnn import Cnn, load_cnn
from mrnn_np.vision.unlike import Unlike, Vectors, activations, save_unlike

CNN = "drawings"
WARNED = {"classic": 0.01, "drawings": 0.03}
"""The largest shares of scenes, of which one learnt nothing, that may be warned of."""
HELD_OUT = 5
"""Every so many-th picture is kept for that."""
SHRINKAGE = 0.001
_BATCH = 64


def direction_between(ones: Vectors, others: Vectors) -> Vectors:
    """Return Fisher's (1936) linear discriminant, (d,) of length 1, along which two kinds of vectors differ most.

    C w = m_others - m_ones,  where m are the means and C the mean of the covariances, its diagonal raised by SHRINKAGE
    times its mean, as there may be more units than pictures that differ in them.
    """
    C = (np.cov(ones.T, dtype=np.float64) + np.cov(others.T, dtype=np.float64)) / 2
    C[np.diag_indices_from(C)] += SHRINKAGE * C.diagonal().mean()
    w = np.linalg.solve(C, others.mean(axis=0) - ones.mean(axis=0))
    direction: Vectors = (w / np.linalg.norm(w)).astype(np.float32)
    return direction


def find(cnn: Cnn, scenes: Mapping[str, Pictures], others: Pictures) -> Unlike:
    """Return what tells `others`, pictures of nothing, from scenes, by the sort of hand that drew them, as in WARNED.

    Pictures are uint8 (n, 96, 96, 3).  The direction is the discriminant's; a picture may be as far along it as all but
    WARNED of the scenes held out.
    """
    vectors = {kind: look(cnn, pictures) for kind, pictures in {**scenes, "others": others}.items()}
    held_out = {kind: every[::HELD_OUT] for kind, every in vectors.items()}
    seen = {kind: np.delete(every, np.s_[::HELD_OUT], axis=0) for kind, every in vectors.items()}
    direction = direction_between(np.concatenate([seen[kind] for kind in scenes]), seen["others"])
    most = max(float(np.quantile(held_out[kind] @ direction, 1 - share)) for kind, share in WARNED.items())
    about = {
        **{f"scenes, {kind}": f"{len(pictures)}" for kind, pictures in scenes.items()},
        "pictures of nothing": f"{len(others)}",
        **{f"of {kind} held out, warned": f"{(of @ direction > most).mean():.4f}" for kind, of in held_out.items()},
    }
    return Unlike(direction, most, cnn.source["weights"], about)


def look(cnn: Cnn, pictures: Pictures) -> Vectors:
    """Return the activations for pictures, uint8 (n, 96, 96, 3)."""
    bar = tqdm(range(0, len(pictures), _BATCH), "looking", unit_scale=_BATCH, unit="picture", disable=None)
    return np.concatenate([activations(cnn, as_input(pictures[first : first + _BATCH])) for first in bar])


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(
        prog="python -m mrnn_np.scenes.train_unlike",
        description="Find what tells pictures of scenes from pictures of nothing. The defaults made the shipped file.",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="F.npz", help="the file to make")
    parser.add_argument(
        "--pictures",
        type=whole("--pictures"),
        default=3_000,
        metavar="N",
        help="of scenes in the classic hand, in many hands, and of nothing, each (default: 3000)",
    )
    add_seed_option(parser, "of the pictures")
    arguments = parser.parse_args()
    require_folder_of(arguments.out)
    return arguments


def main() -> int:
    """Run the command."""
    arguments = parse_arguments()
    own, seed = own_scenes(2 * arguments.pictures, arguments.seed + 1), arguments.seed + 2
    drawings, _ = in_many_hands(own[arguments.pictures :], seed)
    scenes = {"classic": pictures_of(own[: arguments.pictures]), "drawings": drawings}
    others = np.stack([np.asarray(nothing(arguments.seed * arguments.pictures + i)) for i in range(arguments.pictures)])
    found = find(load_cnn(CNN, None, choose_backend("numpy")), scenes, others)
    save_unlike(arguments.out, found)
    print(f"{arguments.out}: {found.training}")
    return 0


if __name__ == "__main__":
    run_command(main)
