"""How good are a model's captions?  python -m mrnn_np.evaluate --checkpoint runs/NAME/best.npz --split dev."""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mrnn_np.captioning.beam import BeamSearch
from mrnn_np.captioning.decoder import Decoder
from mrnn_np.captioning.rerank import Consensus, K, M, consensus_scores
from mrnn_np.captioning.rerank_choice import K_TRIED, best_trial, trial_lines, try_each
from mrnn_np.captioning.whole_split import caption_images, split_similarities
from mrnn_np.captioning.written import Written, save_results
from mrnn_np.command_line.limits import LARGEST_LENGTH_NORM, MOST_IN_A_BEAM, number, whole
from mrnn_np.command_line.options import Parser, add_backend_option, backend_of
from mrnn_np.command_line.run import run_command
from mrnn_np.data.captions import SplitData, attach, load_captions, open_data_set
from mrnn_np.data.data_set import CaptionData
from mrnn_np.data.examples import ReadImages, encode
from mrnn_np.data.features import Features
from mrnn_np.errors import UserError
from mrnn_np.evaluation.caption_scores import NOT_PROVIDED, caption_scores
from mrnn_np.evaluation.cider import Idf
from mrnn_np.evaluation.claims import count_claims
from mrnn_np.evaluation.coco_files import image_ids
from mrnn_np.evaluation.perplexity import bits_per_word, perplexity
from mrnn_np.evaluation.table import published_rows, table
from mrnn_np.files import atomic_write, make_folder
from mrnn_np.training.checkpoint import Checkpoint, load_checkpoint
from mrnn_np.training.setup import count, image_reader, on_other_data, read_features, validation_split
from mrnn_np.training.streams import SHUFFLED, stream


def parse_arguments() -> argparse.Namespace:
    """Read the command line and refuse what contradicts itself."""
    parser = Parser(
        prog="python -m mrnn_np.evaluate",
        description="Caption a split of a data set and score the captions: BLEU, ROUGE-L, CIDEr-D, perplexity.",
    )
    parser.add_argument("--checkpoint", required=True, help="best.npz of a run of mrnn_np.train")
    parser.add_argument("--data", default="", help="the data set (default: that of the training)")
    parser.add_argument("--features", default="", help="features of its images (default: those of the training)")
    parser.add_argument("--split", default="", help="the images to caption (default: dev, or val)")
    parser.add_argument("--limit", type=whole("--limit"), metavar="N", help="only the first N images")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--beam",
        type=whole("--beam", most=MOST_IN_A_BEAM),
        default=10,
        metavar="K",
        help="beam search of this width (default: 10)",
    )
    how.add_argument("--greedy", action="store_true", help="take the most likely next word each time")
    parser.add_argument(
        "--length-norm",
        type=number("--length-norm", float, least=0, most=LARGEST_LENGTH_NORM),
        default=0.5,
        metavar="A",
        help="rank beams by log2 P / words^A (default: 0.5)",
    )
    parser.add_argument(
        "--rerank", choices=tuple(M), help="take the hypothesis most like the captions of similar training images"
    )
    parser.add_argument("--k", type=whole("--k"), default=K, help=f"of --rerank: similar images (default: {K})")
    parser.add_argument(
        "--m",
        type=whole("--m"),
        help=f"of --rerank: captions averaged over (default: {' or '.join(map(str, M.values()))})",
    )
    parser.add_argument("--choose-k-m", action="store_true", help="of --rerank: try many --k and --m, take the best")
    parser.add_argument("--idf", default="", metavar="F.npz", help="of CIDEr-D (default: of all captions of the split)")
    parser.add_argument("--save-idf", default="", metavar="F.npz", help="keep the idf that was used here")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write scores, results per image and COCO files here")
    parser.add_argument("--plot", metavar="NAME", help="of --rerank: draw how this image's hypotheses move, in --out")
    add_backend_option(parser)
    arguments = parser.parse_args()
    if arguments.rerank and arguments.greedy:
        raise UserError("--greedy writes one caption per image, so there is nothing to rerank; use --beam K")
    if (arguments.choose_k_m or arguments.plot) and not arguments.rerank:
        raise UserError("--choose-k-m and --plot are about reranking; add --rerank cider or --rerank ngram-f1")
    if arguments.choose_k_m and arguments.split.startswith("test"):
        raise UserError("--choose-k-m on a test split would make its scores worthless; choose on --split dev")
    if arguments.plot and not arguments.out:
        raise UserError("--plot needs a folder to draw into; name it with --out DIR")
    return arguments


@dataclass(frozen=True, eq=False)
class Task:
    """What is captioned, by what, and what the captions are measured by."""

    checkpoint: Checkpoint
    decoder: Decoder
    spec: str
    """the data set, as --data names it"""
    read_images: ReadImages
    split: SplitData
    split_name: str
    data: CaptionData
    features: Features | None
    idf: Idf


def main() -> int:
    """Run the command."""
    arguments = parse_arguments()
    task = open_task(arguments)
    written, how = write(task, arguments)
    columns, of_images = measure(task, written)
    paper = published_rows(task.spec, task.checkpoint.config.image)

    print(f"{task.spec} {task.split_name}: {count(task.split)}; {how}")
    for line in table(columns | {f"paper's {row.model} ({row.mark})": row.scores for row in paper}):
        print(line)
    if paper:
        print("paper's: on its test split, with features of another CNN, so not comparable number for number")
    print(f"not provided, as they need Java: {' and '.join(NOT_PROVIDED)}; --out writes what the official tools read")
    if arguments.out:
        report = {
            "checkpoint": arguments.checkpoint,
            "data": task.spec,
            "split": task.split_name,
            "images": len(task.split.images),
            "captions": how,
            "idf": arguments.idf or f"all {task.idf.images:,} images of the split",
            "scores": columns,
            "paper": [{"model": row.model, "mark": row.mark, "scores": row.scores} for row in paper],
            "not provided": NOT_PROVIDED,
        }
        ids = image_ids(task.spec, task.split.images, task.data.ids)
        for name in save_results(arguments.out, report, task.split, ids, written, of_images):
            print(f"{arguments.out / name}")
    if arguments.plot:
        from mrnn_np.captioning.rerank_plot import draw_reranking  # matplotlib takes its time to import

        of_image = written[task.split.images.index(arguments.plot)]
        path = arguments.out / "reranking.png"
        atomic_write(path, lambda file: draw_reranking(of_image, file, arguments.plot))
        print(path)
    return 0


def open_task(arguments: argparse.Namespace) -> Task:
    """Read everything the arguments name."""
    backend, checkpoint = backend_of(arguments), load_checkpoint(arguments.checkpoint)
    config = on_other_data(checkpoint.config, arguments.data, arguments.features)
    data, features = load_captions(config.data), read_features(config)
    read_images = image_reader(checkpoint, features)
    name = arguments.split or validation_split(data)
    whole = attach(data, features, name)
    split = whole.first(arguments.limit)
    if arguments.plot and arguments.plot not in split.images:
        raise UserError(f"--plot: {arguments.plot!r} is not among the images, which are named like {split.images[0]!r}")
    if arguments.out:
        make_folder(arguments.out)
    # Of the whole split, so that a quick look at a few images is on the same scale.
    idf = Idf.load(arguments.idf) if arguments.idf else Idf.of(whole.captions)
    if arguments.save_idf:
        idf.save(arguments.save_idf)
    params = checkpoint.params.with_theta(backend.asarray(checkpoint.params.theta))
    decoder = Decoder(checkpoint.model, params, backend)
    return Task(checkpoint, decoder, config.data, read_images, split, name, data, features, idf)


def write(task: Task, arguments: argparse.Namespace) -> tuple[list[Written], str]:
    """Write the captions and, where that is asked for, rerank them; say how as well."""
    how = "greedy" if arguments.greedy else f"beam {arguments.beam}, length norm {arguments.length_norm:g}"
    n_best = arguments.beam if arguments.rerank else 1
    options = None if arguments.greedy else BeamSearch(arguments.beam, n_best, arguments.length_norm)
    consensus = open_consensus(task, arguments) if arguments.rerank else None  # so that it complains at once
    with tqdm(total=len(task.split.images), desc="captions", unit="image", disable=None) as bar:
        hypotheses = caption_images(task.decoder, task.split.feature_rows, task.read_images, options, bar.update)
    written = [Written.of(of_image, task.checkpoint.vocabulary) for of_image in hypotheses]
    if consensus is None:
        return written, how

    k, m = consensus.k, consensus.m
    sentences = [of_image.sentences for of_image in written]
    found = split_similarities(consensus, task.split, task.read_images, sentences)
    similarities = list(tqdm(found, total=len(sentences), desc="reranking", unit="image", disable=None))
    if arguments.choose_k_m:
        trials = try_each(similarities, sentences, task.split.captions, task.idf)
        k, m = best_trial(trials).k, best_trial(trials).m
        for line in trial_lines(trials):
            print(line)
    pairs = zip(written, similarities, strict=True)
    reranked = [replace(of_image, consensus=consensus_scores(similar, k, m).tolist()) for of_image, similar in pairs]
    return reranked, f"{how}, reranked by {arguments.rerank} with k = {k} and m = {m}"


def open_consensus(task: Task, arguments: argparse.Namespace) -> Consensus:
    """Return the consensus that --rerank asks for, of as many neighbours as will be needed."""
    if "train" not in task.data.splits:
        raise UserError(f"--rerank: {task.spec} has no split named train, whose captions would be the consensus")
    k = max(K_TRIED) if arguments.choose_k_m else arguments.k
    training, vocabulary = attach(task.data, task.features, "train"), task.checkpoint.vocabulary
    return Consensus.of(task.decoder, vocabulary, training, task.read_images, arguments.rerank, k, arguments.m)


def measure(task: Task, written: list[Written]) -> tuple[dict[str, dict[str, float]], list[dict[str, Any]]]:
    """Return the columns of the table, by title, and the scores of each image's caption."""
    references, captions_of = task.split.captions, task.data.captions
    training = [captions_of[image] for image in task.data.splits.get("train", ())]
    scores, of_images = caption_scores([of_image.best for of_image in written], references, task.idf, training)
    columns = {"this model": scores}
    if written[0].consensus:
        likeliest = [of_image.sentences[0] for of_image in written]
        columns["not reranked"], _ = caption_scores(likeliest, references, task.idf, training)

    if judge := open_data_set(task.spec).judge:
        captions = {name: of_image.best for name, of_image in zip(task.split.images, written, strict=True)}
        claims = count_claims(captions, judge)
        scores |= {"claims true": claims.share_true, "captions with no false claim": claims.share_without_false}

    examples = encode(task.split, task.checkpoint.vocabulary, task.read_images)
    model, params, backend = task.decoder.model, task.decoder.params, task.decoder.backend
    bits = bits_per_word(model, params, examples, backend)
    scores["perplexity"] = perplexity(bits)
    floor = task.data.floor(task.split_name)
    if floor is not None and len(task.split.images) == len(task.data.splits[task.split_name]):
        scores["bits per word above the floor"] = bits - floor
    if task.checkpoint.config.image and len(task.split.images) > 1:
        shuffled = examples.with_shuffled_images(stream(task.checkpoint.config.seed, SHUFFLED))
        scores["perplexity, images shuffled"] = perplexity(bits_per_word(model, params, shuffled, backend))
    return columns, of_images


if __name__ == "__main__":
    run_command(main)
