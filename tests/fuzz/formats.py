"""Every kind of file that is read, a user's or our own: how a sound one is made, and how it is read."""

import contextlib
import csv
import io
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bombs
import numpy as np
from bad_pickles import HARM, write_legacy, write_npy, write_zip
from PIL import Image

from mrnn_np import caption, compare, extract, retrieve, train
from mrnn_np.backend import choose_backend
from mrnn_np.data.captions import CaptionData, attach, load_captions
from mrnn_np.data.features import Features, load_features, save_features
from mrnn_np.evaluation.cider import Idf
from mrnn_np.scenes import cnn as scene_cnn
from mrnn_np.scenes import dataset
from mrnn_np.vision.cnn import Cnn, load_cnn
from mrnn_np.vision.fit_weights import fit_weights
from mrnn_np.vision.network import Conv, Dense, Flatten
from mrnn_np.vision.pictures import open_picture
from mrnn_np.vision.weight_files import read_weights

Rng = np.random.Generator
ONCE = 10**9
NUMPY = choose_backend("numpy")
NAMES = tuple(f"{number:03}.jpg" for number in range(12))
SPLITS = {"train": NAMES[:8], "val": NAMES[8:10], "test": NAMES[10:]}
SPLIT_OF = {name: split for split, names in SPLITS.items() for name in names}
CAPTIONS = {name: (f"A {name[1:3]} runs .", "the dog waits, on grass") for name in NAMES}
VALUES = np.random.default_rng(0).normal(size=(len(NAMES), 6)).astype(np.float32)


@dataclass(frozen=True)
class Format:
    """A kind of file.

    `make` writes a sound one into an empty folder, with what it needs beside it; `read` reads what that folder holds
    and returns a value of the type `kind`; `damaged` are the files there that may be damaged; `spoil` puts something
    else in their place; reading one may be so much `effort` that it is tried less often; some libraries `print`.
    """

    make: Callable[[Path], object]
    read: Callable[[Path], Any]
    kind: type
    damaged: str = "*"
    spoil: Callable[[Path, Rng], object] | None = None
    effort: int = 1
    prints: bool = False


def command(main: Callable[[], int], *arguments: object) -> int:
    """Run a command as its users do, but in this process."""
    sys.argv = ["command", *map(str, arguments)]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return main()


# Captions


def captions(spec: str) -> Callable[[Path], Any]:
    def read(folder: Path) -> Any:
        data = load_captions(spec.format(folder))
        for split in data.splits:
            attach(data, None, split)
        return data

    return read


def flickr8k(folder: Path) -> None:
    write_tokens(folder / "Flickr8k.token.txt")
    for split, name in (("train", "train"), ("val", "dev"), ("test", "test")):
        (folder / f"Flickr_8k.{name}Images.txt").write_text("\n".join(SPLITS[split]) + "\n")


def write_tokens(path: Path) -> None:
    lines = [f"{name}#{k}\t{text}\n" for name, texts in CAPTIONS.items() for k, text in enumerate(texts)]
    path.write_text("".join(lines))


def flickr30k(folder: Path) -> None:
    write_tokens(folder / "results_20130124.token")
    for split, names in SPLITS.items():
        (folder / f"{split}.txt").write_text("\n".join(names) + "\n")


def flickr30k_of_kaggle(folder: Path) -> None:
    lines = [f"{name}| {k}| {text}\n" for name, texts in CAPTIONS.items() for k, text in enumerate(texts)]
    (folder / "results.csv").write_text("image_name| comment_number| comment\n" + "".join(lines))
    (folder / "splits.json").write_text(json.dumps({split: list(names) for split, names in SPLITS.items()}))


def coco(folder: Path) -> None:
    for split in ("train", "val"):
        images = [{"id": int(name[:3]), "file_name": name} for name in SPLITS[split]]
        said = [{"image_id": one["id"], "caption": text} for one in images for text in CAPTIONS[one["file_name"]]]
        contents = {"images": images, "annotations": said}
        (folder / f"captions_{split}2014.json").write_text(json.dumps(contents))


def karpathy(folder: Path) -> None:
    images = [
        {"filename": name, "imgid": i, "split": SPLIT_OF[name], "sentences": [{"raw": text} for text in CAPTIONS[name]]}
        for i, name in enumerate(NAMES)
    ]
    images[0]["sentences"] = [{"tokens": ["a", "dog"]}]
    (folder / "dataset.json").write_text(json.dumps({"images": images}))


def iaprtc12(folder: Path) -> None:
    for name, texts in CAPTIONS.items():
        body = f"<DESCRIPTION>{'; '.join(texts)};</DESCRIPTION>\n<IMAGE>images/01/{name}</IMAGE>"
        (folder / f"{name[:3]}.eng").write_text(
            f"<DOC>\n<DOCNO>annotations/01/{name[:3]}.eng</DOCNO>\n{body}\n</DOC>\n"
        )


def mrnn(folder: Path) -> None:
    for split, name in (("train", "train"), ("val", "modelVal")):
        records = [
            {"id": int(image[:3]), "file_name": image, "sentences": [text.split() for text in CAPTIONS[image]]}
            for image in SPLITS[split]
        ]
        np.save(folder / f"anno_list_mscoco_{name}_m_RNN.npy", np.array(records, object))


def jsonl(folder: Path) -> None:
    records = [{"image": name, "captions": texts, "split": SPLIT_OF[name]} for name, texts in CAPTIONS.items()]
    (folder / "own.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))


def own_csv(folder: Path) -> None:
    with open(folder / "own.csv", "w", newline="") as file:
        rows = [(name, text, SPLIT_OF[name]) for name, texts in CAPTIONS.items() for text in texts]
        csv.writer(file).writerows([("image", "caption", "split"), *rows])


# Features


def features(place: str) -> Callable[[Path], Any]:
    def read(folder: Path) -> Any:
        found = load_features(f"{folder}/{place}")
        float(np.asarray(found.values, np.float64).sum())
        return found

    return read


def npz(folder: Path) -> None:
    save_features(folder / "f.npz", NAMES, VALUES, {"cnn": "vgg16"})


def npz_compressed(folder: Path) -> None:
    np.savez_compressed(folder / "f.npz", features=VALUES, names=np.array(NAMES))


def npz_vectors(folder: Path) -> None:
    np.savez(folder / "f.npz", **dict(zip(NAMES, VALUES, strict=True)))


def npz_regions(folder: Path) -> None:
    np.savez(folder / "f.npz", features=VALUES, names=np.repeat(NAMES[:6], 2), scores=np.linspace(0, 1, 12))


def write_names(folder: Path) -> None:
    (folder / "f.names.txt").write_text("\n".join(NAMES) + "\n")


def npy(folder: Path) -> None:
    np.save(folder / "f.npy", VALUES)
    write_names(folder)


def npy_beside_dataset(folder: Path) -> None:
    np.save(folder / "f.npy", VALUES)
    karpathy(folder)


def npy_of_objects(folder: Path) -> None:
    np.save(folder / "f.npy", dict(zip(NAMES, VALUES, strict=True)))


def mat_5(folder: Path) -> None:
    from scipy.io import savemat

    savemat(folder / "f.mat", {"feats": VALUES.T, "names": np.array(NAMES, object)}, do_compression=False)


def mat_5_compressed(folder: Path) -> None:
    from scipy.io import savemat

    savemat(folder / "f.mat", {"feats": VALUES.T}, do_compression=True)
    write_names(folder)


def hdf5(name: str, **options: object) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        import h5py

        # A file of MATLAB's begins with 512 bytes of its own.
        with h5py.File(folder / name, "w", userblock_size=512 if name.endswith(".mat") else 0) as file:
            file.create_dataset("feats" if options else "features", data=VALUES, **options)
            if name.endswith(".h5"):
                file["names"] = list(NAMES)
        if name.endswith(".mat"):
            with open(folder / name, "r+b") as raw:
                raw.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
            write_names(folder)

    return make


def write_safetensors(path: Path, arrays: dict[str, Any]) -> None:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, array in arrays.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [at, at := at + array.nbytes]}
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(array.tobytes() for array in arrays.values()))


def safetensors(folder: Path) -> None:
    write_safetensors(folder / "f.safetensors", {"features": VALUES})
    write_names(folder)


def folder_of_npy(folder: Path) -> None:
    for name, vector in zip(NAMES, VALUES, strict=True):
        np.save(folder / f"{name}.npy", vector)


def folder_of_txt(folder: Path) -> None:
    for name, vector in zip(NAMES, VALUES, strict=True):
        np.savetxt(folder / f"{name}.txt", vector)


def folder_of_npz(folder: Path) -> None:
    for name, vector in zip(NAMES, VALUES, strict=True):
        np.savez(folder / f"{name}.npz", features=vector)


# Weights

NETWORK = (Conv("c", 4, 3), Flatten(), Dense("d", 5))


def weight_arrays() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    shapes = {"c.weight": (4, 3, 3, 3), "c.bias": (4,), "d.weight": (5, 144), "d.bias": (5,)}
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def weights_npz(folder: Path) -> None:
    np.savez(folder / "w.npz", **weight_arrays())


def weights(name: str) -> Callable[[Path], Any]:
    return lambda folder: fit_weights(NETWORK, read_weights(folder / name), (8, 8, 3), str(folder / name))


def pth(**options: object) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        import torch

        torch.save({name: torch.tensor(array) for name, array in weight_arrays().items()}, folder / "w.pth", **options)

    return make


def scene_weights(folder: Path) -> None:
    shutil.copy(scene_cnn.SHIPPED_WEIGHTS, folder / "scene.npz")


# Our own files


def options_of_training(folder: Path) -> list[object]:
    return ["--data", f"csv:{folder}/own.csv", "--features", f"{folder}/f.npz", "--epochs", 2, "--scale", 0.02]


def run_folder(folder: Path) -> None:
    """Write captions, features and a run that has ended; it remembers the data by relative paths."""
    own_csv(folder)
    npz(folder)
    os.chdir(folder)
    command(train.main, *options_of_training(Path(".")), "--min-count", 1, "--out", "run")


def resumed(folder: Path) -> int:
    os.chdir(folder)
    return command(train.main, "--resume", "--out", "run")


def captioned(folder: Path) -> int:
    os.chdir(folder)
    return command(caption.main, "--checkpoint", "run/best.npz", "--greedy", "--out", "captions.json")


def retrieval(folder: Path) -> None:
    run_folder(folder)
    retrieved(folder)


def retrieved(folder: Path) -> int:
    os.chdir(folder)
    return command(retrieve.main, "--checkpoint", "run/best.npz", "--prior-images", 3)


def idf(folder: Path) -> None:
    Idf.of([[text.lower().split() for text in texts] for texts in CAPTIONS.values()]).save(folder / "idf.npz")


def read_idf(folder: Path) -> Idf:
    found = Idf.load(folder / "idf.npz")
    found(("a", "dog"))
    return found


def comparison(folder: Path) -> None:
    own_csv(folder)
    npz(folder)
    compared(folder)


def compared(folder: Path) -> int:
    os.chdir(folder)
    options = [*options_of_training(Path(".")), "--min-count", 1, "--out", "cmp"]
    return command(compare.main, "--models", "m-rnn,rnn-base", *options)


class Drawn:
    """A picture that is drawn in no time."""

    def write(self, file: Any) -> None:
        file.write(b"drawn")


def compared_again(folder: Path) -> int:
    """Compare what is trained and measured; without the processes that would find the trainings at their end."""
    compare.train_all = lambda trainings, options, jobs, threads, on_end: [*map(on_end, trainings)]
    compare.draw_comparison = lambda runs: Drawn()  # drawing takes a second
    return compared(folder)


def partial_features(folder: Path) -> None:
    """Write three pictures and what a run that the last one stopped leaves."""
    for name in ("a.png", "b.png", "c.png"):
        Image.new("RGB", (20, 20), "red").save(folder / name)
    extract.main.__globals__["BATCH"] = 1
    append = extract.PartialFeatures.append

    def stopped(self: Any, names: Any, *values: Any) -> None:
        if "c.png" in names:
            raise KeyboardInterrupt
        append(self, names, *values)

    extract.PartialFeatures.append = stopped  # type: ignore[method-assign]
    with contextlib.suppress(KeyboardInterrupt):
        extracted(folder)
    extract.PartialFeatures.append = append  # type: ignore[method-assign]


def extracted(folder: Path) -> int:
    os.chdir(folder)
    return command(extract.main, "--cnn", "scene", "a.png", "b.png", "c.png", "--out", "f.npz", "--threads", 1)


def few_scenes(folder: Path) -> None:
    dataset.SIZES = {"train": 3, "val": 2, "test": 2}  # type: ignore[misc]
    os.environ["MRNN_NP_CACHE"] = str(folder)
    dataset.load_scenes.__wrapped__()


def read_scenes(folder: Path) -> Any:
    few_scenes(folder)
    return dataset.load_scenes.__wrapped__()


# Pictures


def hostile(
    make: Callable[[Path], object], read: Callable[[Path], Any], kind: type, spoil: Callable[[Path, Rng], object]
) -> Format:
    """Pickles that are programs: none may be obeyed."""

    def read_unharmed(folder: Path) -> Any:
        os.chdir(folder)
        try:
            return read(folder)
        finally:
            assert HARM not in os.listdir(), "it was obeyed"

    return Format(make, read_unharmed, kind, spoil=spoil, effort=3)


def picture(name: str, mode: str = "RGB", **options: object) -> Format:
    def make(folder: Path) -> None:
        pixels = np.random.default_rng(0).integers(0, 256, (24, 30, 3), np.uint8)
        wide = pixels[..., 0] * np.uint16(257)
        drawn = Image.fromarray(wide) if mode == "I;16" else Image.fromarray(pixels).convert(mode)
        drawn.save(folder / name, **options)

    def read(folder: Path) -> Any:
        return np.asarray(scene_cnn.PREPROCESSING(open_picture(folder / name)))

    return Format(make, read, np.ndarray, prints=name.endswith(".tif"))  # libtiff does, past all of Python


FORMATS = {
    "flickr8k": Format(flickr8k, captions("flickr8k:{}"), CaptionData),
    "flickr30k and lists": Format(flickr30k, captions("flickr30k:{}"), CaptionData),
    "flickr30k of Kaggle and lists in JSON": Format(
        flickr30k_of_kaggle, captions("flickr30k:{0},splits={0}/splits.json"), CaptionData
    ),
    "coco": Format(coco, captions("coco:{}"), CaptionData),
    "karpathy": Format(karpathy, captions("karpathy:{}/dataset.json"), CaptionData),
    "iaprtc12": Format(iaprtc12, captions("iaprtc12:{}"), CaptionData),
    "mrnn": Format(mrnn, captions("mrnn:{}"), CaptionData),
    "jsonl": Format(jsonl, captions("jsonl:{}/own.jsonl"), CaptionData),
    "csv": Format(own_csv, captions("csv:{}/own.csv"), CaptionData),
    "npz": Format(npz, features("f.npz"), Features),
    "npz, compressed": Format(npz_compressed, features("f.npz"), Features),
    "npz of vectors": Format(npz_vectors, features("f.npz"), Features),
    "npz of regions": Format(npz_regions, features("f.npz,min-score=0.1"), Features),
    "npy and names.txt": Format(npy, features("f.npy"), Features),
    "npy and dataset.json": Format(npy_beside_dataset, features("f.npy"), Features),
    "npy of objects": Format(npy_of_objects, features("f.npy"), Features),
    "mat, version 5": Format(mat_5, features("f.mat"), Features, effort=10),
    "mat, version 5, compressed": Format(mat_5_compressed, features("f.mat"), Features, "*.mat", effort=10),
    "mat, version 7.3": Format(hdf5("f.mat"), features("f.mat"), Features, "*.mat", effort=10),
    "h5, contiguous": Format(hdf5("f.h5"), features("f.h5"), Features, effort=10),
    "h5, chunked": Format(
        hdf5("f.h5", chunks=(4, 6), compression="gzip", shuffle=True), features("f.h5"), Features, effort=10
    ),
    "safetensors": Format(safetensors, features("f.safetensors"), Features, "*.safetensors"),
    "folder of npy": Format(folder_of_npy, features(""), Features),
    "folder of txt": Format(folder_of_txt, features(""), Features),
    "weights in npz": Format(weights_npz, weights("w.npz"), dict),
    "weights in pth": Format(pth(), weights("w.pth"), dict),
    "weights in pth, legacy": Format(pth(_use_new_zipfile_serialization=False), weights("w.pth"), dict),
    "weights in safetensors": Format(
        lambda folder: write_safetensors(folder / "w.safetensors", weight_arrays()), weights("w.safetensors"), dict
    ),
    "png of 90,000,000 rows": replace(picture("a.png"), spoil=bombs.png, effort=ONCE),
    "npz of 1.2 GB": Format(npz, features("f.npz"), Features, spoil=bombs.npz("f.npz", "features"), effort=ONCE),
    "checkpoint of 1.2 GB": Format(run_folder, captioned, int, spoil=bombs.npz("run/best.npz", "theta"), effort=ONCE),
    "npy of 10^9 empty lists": Format(
        npy_of_objects, features("f.npy"), Features, spoil=bombs.npy_of_objects, effort=ONCE
    ),
    "h5 of 10^12 rows": Format(hdf5("f.h5"), features("f.h5"), Features, spoil=bombs.hdf5(), effort=ONCE),
    "h5 of 10^12 rows in chunks": Format(
        hdf5("f.h5"), features("f.h5"), Features, spoil=bombs.hdf5(chunks=(4, 6)), effort=ONCE
    ),
    "hostile pickles in npy": hostile(npy_of_objects, features("f.npy"), Features, write_npy),
    "hostile pickles in pth": hostile(pth(), weights("w.pth"), dict, write_zip),
    "hostile pickles in pth, legacy": hostile(pth(), weights("w.pth"), dict, write_legacy),
    "weights of the scene CNN": Format(
        scene_weights, lambda folder: load_cnn("scene", folder / "scene.npz", NUMPY), Cnn, effort=10
    ),
    "checkpoint": Format(run_folder, captioned, int, "run/best.npz"),
    "run folder": Format(run_folder, resumed, int, "run/*", effort=10),
    "comparison": Format(comparison, compared_again, int, "cmp/*.json", effort=10),
    "scores of a comparison": Format(comparison, compared_again, int, "cmp/*/scores.json", effort=10),
    "kept scores": Format(retrieval, retrieved, int, "run/retrieval/*"),
    "idf": Format(idf, read_idf, Idf),
    "partial features": Format(partial_features, extracted, int, "f.npz*", effort=3),
    "cache of the scenes": Format(few_scenes, read_scenes, dict, effort=3),
    "jpg": picture("a.jpg"),
    "jpg, progressive, CMYK": picture("a.jpg", "CMYK", progressive=True),
    "png": picture("a.png"),
    "png of a palette": picture("a.png", "P"),
    "png, 16 bits": picture("a.png", "I;16"),
    "gif": picture("a.gif"),
    "tiff": picture("a.tif"),
    "tiff, compressed": picture("a.tif", compression="tiff_lzw"),
    "webp": picture("a.webp"),
    "bmp": picture("a.bmp"),
    "ppm": picture("a.ppm"),
    "jp2": picture("a.jp2"),
    "jp2, 16 bits": picture("a.jp2", "I;16"),
    "avif": picture("a.avif"),
    "tga": picture("a.tga", compression="tga_rle"),
    "tiff, 16 bits": picture("a.tif", "I;16", compression="tiff_adobe_deflate"),
}
