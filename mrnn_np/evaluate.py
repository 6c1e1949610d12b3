"""How good are a model's captions?  python -m mrnn_np.evaluate --checkpoint runs/NAME/best.npz --split dev."""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mrnn_np.captioning.captioner import Captioner, OpenSplit
from mrnn_np.captioning.options import (
    add_beam_options,
    add_model_options,
    add_rerank_options,
    consensus_of,
    require_beam,
    search_of,
)
from mrnn_np.captioning.rerank import consensus_scores
from mrnn_np.captioning.rerank_choice import K_TRIED, best_trial, trial_lines, try_each
from mrnn_np.captioning.written import Written, save_results
from mrnn_np.command_line.options import Parser, add_backend_option, backend_of
from mrnn_np.command_line.run import run_command
from mrnn_np.data.captions import SplitData
from mrnn_np.data.examples import encode
from mrnn_np.distributed.job import join
from mrnn_np.distributed.ranks import Ranks
from mrnn_np.errors import UserError
from mrnn_np.evaluation.caption_scores import NOT_PROVIDED, caption_scores
from mrnn_np.evaluation.cider import Idf
from mrnn_np.evaluation.claims import count_claims
from mrnn_np.evaluation.coco_files import image_ids
from mrnn_np.evaluation.perplexity import perplexity
from mrnn_np.evaluation.table import published_rows, table
from mrnn_np.files import atomic_write, make_folder, new_file, write_text
from mrnn_np.training.setup import sizes
from mrnn_np.training.streams import SHUFFLED, stream


def parse_arguments() -> argparse.Namespace:
    """Read the command line and refuse what contradicts itself."""
    parser = Parser(
        prog="python -m mrnn_np.evaluate",
        description="Caption a split of a data set and score the captions: BLEU, ROUGE-L, CIDEr-D, perplexity.",
    )
    add_model_options(parser, "dev, or val")
    add_beam_options(parser)
    add_rerank_options(parser)
    parser.add_option_of("--rerank", "--choose-k-m", action="store_true", help="try many --k and --m, take the best")
    parser.add_argument("--idf", default="", metavar="F.npz", help="of CIDEr-D (default: of all captions of the split)")
    parser.add_argument("--save-idf", default="", metavar="F.npz", help="keep the idf that was used here")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write scores, results per image and COCO files here")
    parser.add_option_of("--rerank", "--plot", metavar="NAME", help="draw how this image's captions move, in --out")
    parser.add_argument(
        "--page", type=new_file, metavar="F.html", help="write a page to browse the captions by, word by word"
    )
    parser.add_option_of("--page", "--pictures", type=Path, metavar="DIR", help="where the photographs are")
    add_backend_option(parser)
    arguments = parser.parse_args()
    require_beam(parser)
    if arguments.choose_k_m and parser.typed & {"--k", "--m"}:
        raise UserError("--choose-k-m chooses --k and --m; leave them out")
    if arguments.choose_k_m and arguments.split.startswith("test"):
        raise UserError("--choose-k-m on a test split would make its scores worthless; choose on --split dev")
    if arguments.plot and not arguments.out:
        raise UserError("--plot needs a folder to draw into; name it with --out DIR")
    return arguments


@dataclass(frozen=True, eq=False)
class Task:
    """What is captioned, by what, and what the captions are measured by."""

    captioner: Captioner
    opened: OpenSplit
    idf: Idf
    ranks: Ranks
    """the processes that do it together"""

    @property
    def split(self) -> SplitData:
        """The images to caption and what people said of them."""
        return self.opened.split


def main() -> int:
    """Run the command."""
    arguments = parse_arguments()
    ranks = join()
    task = open_task(arguments, ranks)
    written, how = write(task, arguments)
    columns, of_images = score(task, written)
    if ranks.rank > 0:
        return 0
    spec, split_name = task.opened.data_set.name, task.opened.name
    paper = published_rows(spec, task.captioner.config.image)

    print(f"{spec} {split_name}: {sizes(task.split)}; {how}")
    for line in table(columns | {f"paper's {row.model} ({row.mark})": row.scores for row in paper}):
        print(line)
    if paper:
        print("paper's: on its test split, with features of another CNN, so not comparable number for number")
    print(f"not provided, as they need Java: {' and '.join(NOT_PROVIDED)}; --out writes what the official tools read")
    if arguments.out:
        report = {
            "checkpoint": arguments.checkpoint,
            "data": spec,
            "split": split_name,
            "images": len(task.split.images),
            "captions": how,
            "idf": arguments.idf or f"all {task.idf.images:,} images of the split",
            "scores": columns,
            "paper": [{"model": row.model, "mark": row.mark, "scores": row.scores} for row in paper],
            "not provided": NOT_PROVIDED,
        }
        ids = image_ids(spec, task.split.images, task.opened.data.ids)
        for name in save_results(arguments.out, report, task.split, ids, written, of_images):
            print(f"{arguments.out / name}")
    if arguments.plot:
        from mrnn_np.captioning.rerank_plot import draw_reranking  # matplotlib takes its time to import

        of_image = written[task.split.images.index(arguments.plot)]
        path = arguments.out / "reranking.png"
        atomic_write(path, draw_reranking(of_image, arguments.plot).write)
        print(path)
    if arguments.page:
        from mrnn_np.explanation.browse import split_page  # which brings the CNNs along

        text = split_page(task.captioner, task.opened, written, of_images, columns, arguments.pictures)
        write_text(arguments.page, text)
        print(arguments.page)
    return 0


def open_task(arguments: argparse.Namespace, ranks: Ranks) -> Task:
    """Read everything the arguments name."""
    captioner = Captioner.load(arguments.checkpoint, backend_of(arguments, ranks))
    opened = captioner.open(arguments.data, arguments.features, arguments.split, arguments.limit)
    images = opened.split.images
    if arguments.plot and arguments.plot not in images:
        raise UserError(f"--plot: {arguments.plot!r} is not among the images, which are named like {images[0]!r}")
    if arguments.out:
        make_folder(arguments.out)
    # Of the whole split, so that a quick look at a few images is on the same scale.
    idf = Idf.load(arguments.idf) if arguments.idf else Idf.of(opened.whole.captions)
    if arguments.save_idf and ranks.rank == 0:
        idf.save(arguments.save_idf)
    return Task(captioner, opened, idf, ranks)


def write(task: Task, arguments: argparse.Namespace) -> tuple[list[Written], str]:
    """Write the captions and, where that is asked for, rerank them; say how as well."""
    how = "greedy" if arguments.greedy else f"beam {arguments.beam}, length norm {arguments.length_norm:g}"
    every = arguments.rerank or arguments.page  # a page shows what else the beam found
    search = search_of(arguments, n_best=arguments.beam if every else 1)
    captioner, read_images, consensus = task.captioner, task.opened.read_images, None
    if arguments.rerank:  # before anything is captioned, so that it complains at once
        consensus = consensus_of(arguments, captioner, task.opened, max(K_TRIED) if arguments.choose_k_m else None)
    with tqdm(total=len(task.split.images), desc="captions", unit="image", disable=None) as bar:
        hypotheses = captioner.write(task.split.feature_rows, read_images, search, bar.update, task.ranks)
    written = [Written.of(of_image, captioner.vocabulary) for of_image in hypotheses]
    if consensus is None:
        return written, how

    k, m = consensus.k, consensus.m
    sentences = [of_image.sentences for of_image in written]
    found = consensus.similarities_of_split(task.split, read_images, sentences)
    similarities = list(tqdm(found, total=len(sentences), desc="reranking", unit="image", disable=None))
    if arguments.choose_k_m:
        trials = try_each(similarities, sentences, task.split.captions, task.idf)
        k, m = best_trial(trials).k, best_trial(trials).m
        for line in trial_lines(trials):
            print(line)
    pairs = zip(written, similarities, strict=True)
    reranked = [replace(of_image, consensus=consensus_scores(similar, k, m).tolist()) for of_image, similar in pairs]
    return reranked, f"{how}, reranked by {arguments.rerank} with k = {k} and m = {m}"


def score(task: Task, written: list[Written]) -> tuple[dict[str, dict[str, float]], list[dict[str, Any]]]:
    """Return the columns of the table, by title, and the scores of each image's caption."""
    references, data = task.split.captions, task.opened.data
    training = [data.captions[image] for image in data.splits.get("train", ())]
    scores, of_images = caption_scores([of_image.best for of_image in written], references, task.idf, training)
    columns = {"this model": scores}
    if written[0].consensus:
        likeliest = [of_image.sentences[0] for of_image in written]
        columns["not reranked"], _ = caption_scores(likeliest, references, task.idf, training)

    if judge := task.opened.data_set.judge:
        captions = {name: of_image.best for name, of_image in zip(task.split.images, written, strict=True)}
        claims = count_claims(captions, judge)
        scores |= {"claims true": claims.share_true, "captions with no false claim": claims.share_without_false}

    captioner, split_name = task.captioner, task.opened.name
    examples = encode(task.split, captioner.vocabulary, task.opened.read_images)
    bits = captioner.bits_per_word(examples, task.ranks)
    scores["perplexity"] = perplexity(bits)
    floor = data.floor(split_name)
    if floor is not None and len(task.split.images) == len(data.splits[split_name]):
        scores["bits per word above the floor"] = bits - floor
    if captioner.config.image and len(task.split.images) > 1:
        shuffled = examples.with_shuffled_images(stream(captioner.config.seed, SHUFFLED))
        scores["perplexity, images shuffled"] = perplexity(captioner.bits_per_word(shuffled, task.ranks))
    return columns, of_images


if __name__ == "__main__":
    run_command(main, shared=True)
