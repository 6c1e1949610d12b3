"""IAPR TC-12: 20,000 photographs, each with a text file in which semicolons divide the sentences.

    <DOC>
    <DOCNO>annotations/01/1000.eng</DOCNO>
    <DESCRIPTION>a boy in a woolly hat; he is leaning on a grey wall;</DESCRIPTION>
    <IMAGE>images/01/1000.jpg</IMAGE>
    </DOC>

M. Grubinger, P. Clough, H. Mueller, T. Deselaers: The IAPR TC-12 benchmark, OntoImage 2006.
"""

import html
from collections.abc import Iterator
from pathlib import Path

from mrnn_np.data.readers.corpus import Caption, Corpus, hold_out_val, named, split_by_name, tokens_by_image
from mrnn_np.data.readers.splits import read_split_lists
from mrnn_np.errors import UserError
from mrnn_np.files import find_files, read_bytes


def read_iaprtc12(folder: Path, lists: Path | None) -> Corpus:
    """Read the English annotations, all files *.eng in a folder at any depth; they are ISO-8859-1.

    An image is called as in "01/1000.jpg"; each sentence of its description is a caption.  The splits are those of
    the lists of images in `lists`, or in the folder itself (see `read_split_lists`): the usual ones are
    iaprtc12_train_list.txt and iaprtc12_test_list.txt.  If there is no val split, a tenth of train becomes it; without
    any list, all splits are made by a hash of the names.

    Raises UserError when there is no annotation, or when a file cannot be read, holds no description or no image.
    """
    paths = find_files(folder, "*.eng", deep=True)
    if not paths:
        raise UserError(f"{folder}: holds no annotations; expected files *.eng there or in its folders")
    tokens, notes = tokens_by_image(caption for path in paths for caption in _captions(path))
    splits = read_split_lists(lists or folder, tokens)
    if not splits:
        splits, note = split_by_name(list(tokens))
    elif "train" in splits and not {"val", "dev"} & splits.keys():
        splits, note = hold_out_val(splits)
    else:
        return Corpus(splits, tokens, notes)
    return Corpus(splits, tokens, (f"{folder}: {note}", *notes))


def _captions(path: Path) -> Iterator[Caption]:
    text = read_bytes(path).decode("iso-8859-1")
    description, image = _between(text, "DESCRIPTION"), _between(text, "IMAGE")
    if description is None or not image:
        raise UserError(f"{path}: has no <DESCRIPTION> or no <IMAGE>; expected both, as in IAPR TC-12")
    name = named(image, str(path)).removeprefix("images/")
    for sentence in html.unescape(description).split(";"):
        if sentence.strip():
            yield Caption(name, sentence, str(path))


def _between(text: str, tag: str) -> str | None:
    """Return what stands between <tag> and </tag>, None where there is no such thing."""
    found, end, _ = text.partition(f"<{tag}>")[2].partition(f"</{tag}>")
    return found if end else None
