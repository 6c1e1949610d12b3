"""Find images by sentence and sentences by image:  python -m mrnn_np.retrieve --checkpoint runs/NAME/best.npz.

Measures both directions on a split of the data set.  --query shows the images that a sentence fits best, --image the
sentences that fit an image best.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mrnn_np.backend import Array
from mrnn_np.captioning.captioner import Captioner, OpenSplit
from mrnn_np.captioning.options import add_image_options, add_model_options
from mrnn_np.command_line.limits import whole
from mrnn_np.command_line.options import Parser, add_backend_option, add_seed_option, backend_of
from mrnn_np.command_line.run import run_command
from mrnn_np.data.captions import SplitData
from mrnn_np.data.tokens import tokenize
from mrnn_np.distributed.job import join
from mrnn_np.distributed.ranks import Ranks
from mrnn_np.errors import UserError
from mrnn_np.evaluation.kept_scores import kept_scores, scores_file
from mrnn_np.evaluation.perplexity import require_finite
from mrnn_np.evaluation.prefix_tree import prefix_tree
from mrnn_np.evaluation.retrieval import best, log2_mean, prior_rows, retrieval_results
from mrnn_np.evaluation.step_scores import Scorer, pair_scorer
from mrnn_np.files import atomic_write, make_folder, new_file, write_text
from mrnn_np.plots.contact_sheet import Panel, contact_sheet, plain
from mrnn_np.training.setup import sizes
from mrnn_np.training.streams import SAMPLING, stream
from mrnn_np.vision.pictures import picture_of

QUERY_IMAGES = 1000
"""Images that --query looks at together; one sentence has few softmax rows."""


def parse_arguments() -> argparse.Namespace:
    """Read the command line and refuse what contradicts itself."""
    parser = Parser(
        prog="python -m mrnn_np.retrieve",
        description="Measure how well a trained model finds the image of a sentence and the sentence of an image. "
        "Give the same command again to go on with a stopped run.",
    )
    add_model_options(parser, "dev, or val")
    parser.add_argument(
        "--prior-images",
        type=whole("--prior-images"),
        default=100,
        metavar="N",
        help="training images to average P(w) over (default: 100)",
    )
    add_seed_option(parser, "draws these images")
    parser.add_argument(
        "--work", type=Path, metavar="DIR", help="keeps scores (default: retrieval beside the checkpoint)"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--query", metavar="TEXT", help="show the images that this sentence fits best")
    add_image_options(parser, what, nargs=None)
    shown = whole("--top")
    parser.add_option_of("--query --image", "--top", type=shown, default=5, metavar="N", help="how many (default: 5)")
    parser.add_option_of("--query", "--sheet", type=new_file, metavar="F.png", help="draw the images found here")
    parser.add_option_of("--sheet", "--pictures", type=Path, metavar="DIR", help="where the photographs are")
    parser.add_argument("--out", type=new_file, metavar="F.json", help="write the results here as well")
    add_backend_option(parser)
    arguments = parser.parse_args()
    if arguments.query is not None and (others := parser.typed & {"--prior-images", "--seed"}):
        raise UserError(f"--query ranks by P(w given I) alone, without P(w); leave {' and '.join(sorted(others))} out")
    return arguments


@dataclass(frozen=True, eq=False)
class Search:
    """What is searched, and the model that does it."""

    captioner: Captioner
    opened: OpenSplit
    """the images and sentences to choose from"""
    work: Path
    """folder of `kept_scores`"""
    ranks: Ranks
    """the processes that score together"""

    @property
    def split(self) -> SplitData:
        """The images and sentences to choose from."""
        return self.opened.split

    def sentences(self) -> list[Array]:
        """Return the sentences to choose from as word ids, in the order of the split; unknown words are UNK."""
        encode = self.captioner.vocabulary.encode
        return [encode(caption) for captions in self.split.captions for caption in captions]

    def prior_features(self, arguments: argparse.Namespace) -> Array:
        """Return the features of the training images that P(w) is averaged over, (at most --prior-images, d_I)."""
        rows, rng = self.opened.training().feature_rows, stream(arguments.seed, SAMPLING)
        return self.opened.read_images(prior_rows(rows, arguments.prior_images, rng))

    def scorer(self, sentences: list[Array]) -> Scorer:
        """Return what scores these sentences with any image."""
        decoder = self.captioner.decoder
        return pair_scorer(decoder.model, decoder.params, prefix_tree(sentences), decoder.backend)

    def kept(self, scorer: Scorer, sentences: list[Array], *groups: Array) -> Iterator[Array]:
        """Yield log2 P(sentence | image) of each group of images, taken from `work` as far as it is there.

        A group is features (n, d_I) and gives (n, S); a bar counts the softmax rows of all groups.
        """
        if self.ranks.rank == 0:
            make_folder(self.work, "--work")
            print(f"scores are kept in {self.work}; the same command goes on where it was stopped", file=sys.stderr)
        rows = sum(map(len, groups)) * len(scorer.tree.contexts)
        with tqdm(total=rows, unit="row", unit_scale=True, disable=None) as bar:
            for features in groups:
                path = scores_file(self.work, self.captioner.checkpoint.params.theta, sentences, features)
                yield kept_scores(path, scorer, features, bar.update, self.ranks)


def open_search(arguments: argparse.Namespace, ranks: Ranks) -> Search:
    """Read everything the arguments name."""
    captioner = Captioner.load(arguments.checkpoint, backend_of(arguments, ranks))
    if not captioner.config.image:
        raise UserError(f"{arguments.checkpoint}: is RNN-Base, which never sees an image; retrieval needs an m-RNN")
    opened = captioner.open(arguments.data, arguments.features, arguments.split, arguments.limit)
    work = arguments.work or Path(arguments.checkpoint).parent / "retrieval"
    return Search(captioner, opened, work, ranks)


def main() -> int:
    """Run the command."""
    arguments = parse_arguments()
    search = open_search(arguments, ranks := join())
    if ranks.rank > 0:
        help_scoring(search, arguments)
        return 0
    if arguments.query is not None:
        results = find_images(search, arguments)
    elif arguments.image is not None:
        results = find_sentences(search, arguments)
    else:
        results = measure_both_ways(search, arguments)
    if arguments.out:
        write_text(arguments.out, json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    return 0


def help_scoring(search: Search, arguments: argparse.Namespace) -> None:
    """Score with rank 0 what it keeps; --query is little work, which it does alone."""
    if arguments.query is not None:
        return
    sentences, groups = search.sentences(), [search.prior_features(arguments)]
    if arguments.image is None:
        groups.append(search.opened.read_images(search.split.feature_rows))
    list(search.kept(search.scorer(sentences), sentences, *groups))


def measure_both_ways(search: Search, arguments: argparse.Namespace) -> dict[str, object]:
    """Print how well the right ones are found, both ways, with and without dividing by P(w)."""
    split, sentences = search.split, search.sentences()
    scorer = search.scorer(sentences)
    images, others = search.opened.read_images(split.feature_rows), search.prior_features(arguments)
    log2_given_others, log2_given_image = search.kept(scorer, sentences, others, images)
    image_of = np.repeat(np.arange(len(images)), [len(captions) for captions in split.captions])
    results = retrieval_results(log2_given_image, log2_mean(log2_given_others), image_of)
    data, split_name = search.opened.data.name, search.opened.name
    print(f"{data} {split_name}: {sizes(split)}, P(w) from {len(others):,} training images")
    print(f"{'':34}{'R@1':>7}{'R@5':>7}{'R@10':>7}   median rank   mean rank")
    for name, row in results.items():
        recall = "".join(f"{row[key]:7.1%}" for key in ("R@1", "R@5", "R@10"))
        print(f"{name:34}{recall}{row['median rank']:14,.1f}{row['mean rank']:12,.1f}")
    what = {"checkpoint": arguments.checkpoint, "data": data, "split": split_name}
    counts = {"images": len(images), "sentences": len(sentences), "prior_images": len(others), "seed": arguments.seed}
    return {**what, **counts, "results": results}


def find_images(search: Search, arguments: argparse.Namespace) -> dict[str, object]:
    """Print the images of the split that the sentence --query fits best, and draw them where --sheet says."""
    words, vocabulary, split = tokenize(arguments.query), search.captioner.vocabulary, search.split
    if not words:
        raise UserError(f'--query: {arguments.query!r} holds no word; give a sentence as "a dog runs"')
    if unknown := [word for word in words if word not in vocabulary.id_of]:
        print(f"not in the model's vocabulary, so any unknown word to it: {', '.join(unknown)}", file=sys.stderr)
    scorer = search.scorer([vocabulary.encode(words)])
    parts = np.array_split(split.feature_rows, -(-len(split.images) // QUERY_IMAGES))
    log2_probs = np.concatenate([scorer(search.opened.read_images(rows))[:, 0] for rows in parts])
    require_finite(log2_probs)
    found = [
        {"image": split.images[i], "caption": " ".join(split.captions[i][0]), "log2_prob": float(log2_probs[i])}
        for i in best(log2_probs, split.images, arguments.top)
    ]
    for place, entry in enumerate(found, 1):
        print(f"{place}. {entry['image']}   log2 P(w|I) = {entry['log2_prob']:.1f}   {entry['caption']}")
    if arguments.sheet:
        names, draw = [str(entry["image"]) for entry in found], search.opened.data_set.picture
        pictures = [picture_of(name, arguments.pictures, draw, "--sheet", "--pictures") for name in names]
        lines = [plain(f"{place}. {entry['caption']}") for place, entry in enumerate(found, 1)]
        panels = [Panel(picture, [line]) for picture, line in zip(pictures, lines, strict=True)]
        sheet = contact_sheet(panels, min(5, len(panels)))
        atomic_write(arguments.sheet, lambda file: sheet.save(file, "PNG"))
    return {"query": arguments.query, "found": found}


def find_sentences(search: Search, arguments: argparse.Namespace) -> dict[str, object]:
    """Print the sentences of the split that fit the image --image best, by P(w|I) / P(w)."""
    captioner, sentences = search.captioner, search.sentences()
    values = captioner.look_at([arguments.image], search.opened.features, arguments.cnn, arguments.weights)
    scorer, others = search.scorer(sentences), search.prior_features(arguments)
    (log2_given_others,) = search.kept(scorer, sentences, others)
    log2_probs = scorer(values)[0]
    require_finite(log2_probs)
    texts = [" ".join(caption) for captions in search.split.captions for caption in captions]
    gains = log2_probs - log2_mean(log2_given_others)
    found = [
        {"caption": texts[i], "log2_ratio": round(float(gains[i]), 4), "log2_prob": round(float(log2_probs[i]), 4)}
        for i in best(gains, texts, arguments.top)
    ]
    for place, entry in enumerate(found, 1):
        numbers = f"log2 P(w|I)/P(w) = {entry['log2_ratio']:.1f}, log2 P(w|I) = {entry['log2_prob']:.1f}"
        print(f"{place}. {entry['caption']}   ({numbers})")
    return {"image": arguments.image, "found": found}


if __name__ == "__main__":
    run_command(main, shared=True)
