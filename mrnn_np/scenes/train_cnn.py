"""Train the scene CNN on what scenes show:  python -m mrnn_np.scenes.train_cnn --out scene_cnn.npz.

It learns to score attributes ("a dog", "something red", "left of a tree"), since those are what captions speak of.

Its scenes are its own, not those of the data set's splits: a captioner that learnt from features of pictures that the
CNN had been trained on would meet worse ones in every other picture.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mrnn_np.backend.room import require_room
from mrnn_np.backend.threads import each_core_by_itself, spread
from mrnn_np.command_line.limits import number, whole
from mrnn_np.command_line.options import Parser, add_seed_option
from mrnn_np.command_line.run import run_command
from mrnn_np.errors import UserError
from mrnn_np.model.params import Gradient, Params
from mrnn_np.scenes.attributes import ATTRIBUTES, attributes
from mrnn_np.scenes.cnn import (
    SIZE,
    Pictures,
    SceneCnn,
    as_input,
    initial_weights,
    save_scene_cnn,
    scene_cnn,
    sigmoid_loss_backward,
    sigmoid_loss_forward,
    stored,
)
from mrnn_np.scenes.dataset import load_scenes, own_scenes
from mrnn_np.scenes.render import pictures_of
from mrnn_np.scenes.world import Scene
from mrnn_np.training.optimisers import make_optimiser, new_state
from mrnn_np.vision.network import Network, Weights, backward, forward, masks, run

Labels = npt.NDArray[np.bool_]

MOMENTUM = 0.9
L2 = 0.01
"""Of SGD: bits a picture for each unit of ||w||^2."""
WARMUP = 50
"""Steps over which the learning rate rises; without them it would have to be a third of what it is."""


def train(
    images: Pictures,
    labels: Labels,
    val_images: Pictures,
    val_labels: Labels,
    *,
    seed: int,
    epochs: int,
    batch: int = 32,
    lr: float = 0.008,
    last_lr: float = 0.0,
    optimiser: str = "sgd",
    begin: Weights | None = None,
    mirrored: bool = False,
    design: Callable[[int], Network] = scene_cnn,
    report: Callable[[str], None] = print,
    after_epoch: Callable[[Weights], object] = lambda weights: None,
) -> Weights:
    """Return weights of `scene_cnn`, or of another design, that score the attributes of pictures.

    What is lowered is the bits a picture costs, all attributes together; lr rises to its value over WARMUP steps and
    falls to its last one in a straight line.

    Parameters
    ----------
    images, val_images : (N, 96, 96, 3) uint8
    labels, val_labels : (N, A) bool, which attributes each picture has
    seed : of the first weights and of the order of the pictures
    epochs : how often every picture is seen
    batch : pictures per step
    lr, last_lr : as above
    optimiser : SGD with MOMENTUM and L2, or Adam with neither
    begin : weights to begin with, drawn at random where there are none
    mirrored : whether every other picture is seen from behind, where left is right; the attributes must be ATTRIBUTES
    design : the network, by the number of its attributes
    report : is given one line after each epoch
    after_epoch : is given the weights after each epoch
    """
    network = design(labels.shape[1])
    for_weights, for_order, for_masks = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3))
    weights = first_weights(network, labels, for_weights) if begin is None else dict(begin)
    params = Params({}, np.empty(0, np.float32)).and_others(weights)
    weights |= {name: params[name] for name in params}
    rule = make_optimiser(optimiser, L2 if optimiser == "sgd" else 0.0, MOMENTUM, clip=0.0)
    state = new_state(optimiser, params.theta)
    steps = epochs * -(-len(images) // batch)
    step = 0
    for epoch in range(1, epochs + 1):
        total = 0.0
        bar = tqdm(shuffled(len(images), batch, for_order), f"epoch {epoch}", -(-len(images) // batch), disable=None)
        for rows in bar:
            seen = images[rows], labels[rows]
            if mirrored:
                mirror(*seen, for_order.random(len(rows)) < 0.5)
            dropped = masks(network, (SIZE, SIZE, 3), len(rows), for_masks)
            bits, grads = gradients_on_each_core(network, weights, *seen, dropped)
            total += bits * len(rows)
            rate = min(1, (step + 1) / WARMUP) * (lr + (last_lr - lr) * step / steps)
            rule.update(params, Gradient(params.layout, grads), state, rate)
            step += 1
        val_bits, accuracy = evaluate(network, weights, val_images, val_labels)
        report(
            f"epoch {epoch}/{epochs}: {total / len(images):.4f} bits per attribute, "
            f"validation {val_bits:.4f} bits, {accuracy:.2%} right"
        )
        after_epoch(weights)
    return weights


def first_weights(network: Network, labels: Labels, rng: np.random.Generator) -> Weights:
    """Return weights to begin with.

    The last layer starts at 0 and its bias at the attributes' log odds: the first guess is how common each attribute
    is, and what is learnt from the first step on is what the picture adds to that.
    """
    weights = initial_weights(network, rng)
    common = np.clip(labels.mean(axis=0), 1e-3, 1 - 1e-3)
    weights["attributes.W"][...] = 0
    weights["attributes.b"][...] = np.log(common / (1 - common))
    return weights


def begun_with(weights: Weights, known: Weights) -> None:
    """Put the weights of a smaller network into those of a larger one that has its layers and more.

    Units that the smaller one lacks stay as they are, the last layer as well; the convolutions that are added to what
    was there begin by adding nothing.
    """
    for name, value in known.items():
        if not name.startswith("attributes"):
            weights[name][tuple(map(slice, value.shape))] = value
    if "conv8.K" in weights:
        weights["conv8.K"][...] = 0


_SWAPPED = [
    ATTRIBUTES.index(name.replace("left", "right") if "left" in name else name.replace("right", "left"))
    for name in ATTRIBUTES
]


def mirror(images: Pictures, labels: Labels, which: npt.NDArray[np.bool_]) -> None:
    """Turn the pictures of a batch that `which` names, (N,) bool, from left to right, in place."""
    images[which] = images[which][:, :, ::-1]
    labels[which] = labels[which][:, _SWAPPED]


def train_and_save(
    path: str | Path,
    names: Sequence[str],
    images: Pictures,
    labels: Labels,
    val_images: Pictures,
    val_labels: Labels,
    *,
    seed: int,
    epochs: int,
    lr: float = 0.008,
    report: Callable[[str], None] = print,
) -> SceneCnn:
    """Train as `train` does and write the scene CNN, with how it came about, to the ``.npz`` file `path`.

    `names` are the A attributes' names.  What the file says of the validation pictures is measured with the
    weights as they are in the file.  Returns what `load_scene_cnn` will read.

    Raises UserError when the file cannot be written.
    """
    weights = train(images, labels, val_images, val_labels, seed=seed, epochs=epochs, lr=lr, report=report)
    network = scene_cnn(len(names))
    weights = {name: stored(value).astype(np.float32) for name, value in weights.items()}
    bits, accuracy = evaluate(network, weights, val_images, val_labels)
    provenance = {
        "network": repr(network),
        "seed": f"{seed}",
        "epochs": f"{epochs}",
        "lr": f"{lr:g}",
        "pictures": f"{len(images)}",
        "validation pictures": f"{len(val_images)}",
        "validation bits per attribute": f"{bits:.6f}",
        "validation accuracy": f"{accuracy:.6f}",
    }
    cnn = SceneCnn(weights, tuple(names), provenance)
    save_scene_cnn(path, cnn)
    return cnn


def shuffled(number: int, batch: int, rng: np.random.Generator) -> Iterator[npt.NDArray[np.intp]]:
    """Yield the numbers below `number` in random order, `batch` at a time."""
    order = rng.permutation(number)
    for first in range(0, number, batch):
        yield order[first : first + batch]


def gradients(
    network: Network, weights: Weights, images: Pictures, labels: Labels, dropped: Weights
) -> tuple[float, Weights]:
    """Return the bits per picture and attribute, and the gradients of the bits per picture; `dropped` are `masks`."""
    scores, caches = forward(network, weights | dropped, as_input(images))
    bits, cache = sigmoid_loss_forward(scores, labels)
    d_bits = np.full_like(bits, 1 / len(labels))
    _, grads = backward(network, sigmoid_loss_backward(d_bits, cache), caches, need_dx=False)
    return float(bits.sum() / labels.size), grads


def gradients_on_each_core(
    network: Network, weights: Weights, images: Pictures, labels: Labels, dropped: Weights
) -> tuple[float, Weights]:
    """Return what `gradients` does; each core looks at a share of the pictures."""
    with each_core_by_itself() as threads:
        parts = np.array_split(np.arange(len(images)), min(threads, len(images)))

        def of_share(rows: npt.NDArray[np.intp]) -> tuple[float, Weights]:
            masks_of_share = {name: mask[rows] for name, mask in dropped.items()}
            return gradients(network, weights, images[rows], labels[rows], masks_of_share)

        found = spread(of_share, parts)
    shares = [len(rows) / len(images) for rows in parts]
    bits = sum(share * bits for share, (bits, _) in zip(shares, found, strict=True))
    if len(found) == 1:
        return found[0]
    names = found[0][1]
    return bits, {
        name: sum(share * grads[name] for share, (_, grads) in zip(shares, found, strict=True)) for name in names
    }


def evaluate(
    network: Network, weights: Weights, images: Pictures, labels: Labels, batch: int = 64
) -> tuple[float, float]:
    """Return bits per picture and attribute, and the fraction of attributes guessed right."""
    bits, right = 0.0, 0
    for first in range(0, len(images), batch):
        rows = slice(first, first + batch)
        scores = run(network, weights, as_input(images[rows]))
        bits += float(sigmoid_loss_forward(scores, labels[rows])[0].sum())
        right += int(((scores > 0) == labels[rows]).sum())
    return bits / labels.size, right / labels.size


def pictures_and_labels(scenes: Sequence[Scene]) -> tuple[Pictures, Labels]:
    """Return the pictures of scenes, and which of ATTRIBUTES each has: bool (n, len(ATTRIBUTES))."""
    return pictures_of(tqdm(scenes, desc="drawing", unit="picture", disable=None)), labels_of(scenes)


def labels_of(scenes: Sequence[Scene]) -> Labels:
    """Return which of ATTRIBUTES each scene has: (n, len(ATTRIBUTES))."""
    return np.stack([attributes(scene) for scene in scenes]).astype(bool)


def require_folder_of(out: Path) -> None:
    """Raise UserError where there is no folder for the file --out: before the work, not after it."""
    if not out.parent.is_dir():
        raise UserError(f"--out: there is no folder {out.parent}; make it, or name another")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(
        prog="python -m mrnn_np.scenes.train_cnn",
        description="Train the CNN that turns pictures of scenes into features. The defaults made the shipped weights.",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="F.npz", help="the file of weights to make")
    parser.add_argument(
        "--pictures",
        type=whole("--pictures"),
        default=140_000,
        metavar="N",
        help="how many to learn from (default: 140000)",
    )
    parser.add_argument(
        "--epochs", type=whole("--epochs"), default=6, metavar="N", help="how often each is seen (default: 6)"
    )
    parser.add_argument(
        "--lr", type=number("--lr", float, least=0), default=0.008, help="the largest learning rate (default: 0.008)"
    )
    add_seed_option(parser, "of pictures, first weights and order")
    arguments = parser.parse_args()
    require_room(f"--pictures {arguments.pictures}", 3 * SIZE**2 * arguments.pictures, "lower it")
    require_folder_of(arguments.out)
    return arguments


def main() -> int:
    """Run the command."""
    arguments = parse_arguments()
    val = pictures_and_labels([one.scene for one in load_scenes()["val"].values()])
    images, labels = pictures_and_labels(own_scenes(arguments.pictures, arguments.seed))
    cnn = train_and_save(
        arguments.out, ATTRIBUTES, images, labels, *val, seed=arguments.seed, epochs=arguments.epochs, lr=arguments.lr
    )  # fmt: skip
    print(f"{arguments.out}: {cnn.training}")
    return 0


if __name__ == "__main__":
    run_command(main)
