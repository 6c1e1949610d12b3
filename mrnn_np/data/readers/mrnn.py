"""The m-RNN authors' lists of COCO's annotations: pickled lists of a dictionary for each image.

anno_list_mscoco_train_m_RNN.npy           118,286 images to learn from
anno_list_mscoco_modelVal_m_RNN.npy          4,000 to judge epochs by, here "val"
anno_list_mscoco_trainModelVal_m_RNN.npy   both of these, read where the first is missing
anno_list_mscoco_crVal_m_RNN.npy             1,000 to choose k and m of consensus reranking by, here "crVal"
anno_list_mscoco_test2014.npy              without captions, so not read

{"id": 42, "file_name": "COCO_val2014_000000000042.jpg", "sentences": [["a", "dog"], ...], ...}
"""

import reprlib
from collections.abc import Iterator
from pathlib import Path

from mrnn_np.data.readers.corpus import Caption, Corpus, Splits, Tokens, named, tokens_by_image
from mrnn_np.errors import UserError
from mrnn_np.files import find_files
from mrnn_np.files.json_files import field
from mrnn_np.files.npy_objects import read_objects

_FILES = {"modelVal": "val", "train": "train", "trainModelVal": "train", "crVal": "crVal"}


def read_mrnn(folder: Path) -> Corpus:
    """Read the authors' lists from a folder; nothing that they pickle is run.

    An image is called by its file name.  The words of a sentence are joined and divided anew by `tokenize`.

    Raises UserError when there is no list to train on, and with file and number when a record is not what it should be
    or an image stands there twice.
    """
    tokens: Tokens = {}
    splits: Splits = {}
    notes: tuple[str, ...] = ()
    there = find_files(folder, "anno_list_mscoco_*_m_rnn.npy")
    for name, split in _FILES.items():
        path = folder / f"anno_list_mscoco_{name}_m_RNN.npy"
        if split in splits or path not in there:
            continue
        in_file, empty = tokens_by_image(_captions(path))
        if name == "trainModelVal":
            in_file = {image: captions for image, captions in in_file.items() if image not in splits.get("val", ())}
        if shared := in_file.keys() & tokens.keys():
            raise UserError(f"{path}: {min(shared)!r} is in another list too; get the files again")
        splits[split] = tuple(in_file)
        tokens |= in_file
        notes += empty
    if not splits.get("train"):
        raise UserError(f"{folder}: holds nothing to train on; expected anno_list_mscoco_train_m_RNN.npy there")
    return Corpus(splits, tokens, notes)


def _captions(path: Path) -> Iterator[Caption]:
    records = read_objects(path)
    if not isinstance(records, list):
        raise UserError(f"{path}: holds a {type(records).__name__}; expected a list of a dictionary for each image")
    numbers: dict[str, int] = {}
    for number, record in enumerate(records, 1):
        where = f"{path}: image {number:,}"
        name = named(field(record, "file_name", str, where), where)
        if numbers.setdefault(name, number) != number:
            raise UserError(f"{where}: {name!r} is image {numbers[name]:,} too; get the file again")
        for sentence in field(record, "sentences", list, where):
            if not isinstance(sentence, list) or not all(isinstance(word, str) for word in sentence):
                raise UserError(f"{where}: 'sentences' holds {reprlib.repr(sentence)}; expected lists of words")
            yield Caption(name, " ".join(sentence), where)
