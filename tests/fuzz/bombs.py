"""Small files that claim to be huge, or unfold to something huge."""

import os
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bad_pickles import ARRAY, write_pickle

Rng = np.random.Generator


def png(folder: Path, rng: Rng) -> None:
    """Write a strip of 1 x 90,000,000 white pixels, 1.2 MB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    packer, millions = zlib.compressobj(1), 90
    pixels = b"".join(packer.compress(b"\0\xff\xff\xff" * 10**6) for _ in range(millions)) + packer.flush()
    header = (1).to_bytes(4, "big") + (millions * 10**6).to_bytes(4, "big") + bytes((8, 2, 0, 0, 0))
    raw = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    (folder / "a.png").write_bytes(raw)


def npz(name: str, array: str) -> Callable[[Path, Rng], None]:
    """Return what puts 1.2 GB of zeros, which deflate makes 5 MB, in the place of an array of an .npz."""

    def write(folder: Path, rng: Rng) -> None:
        with zipfile.ZipFile(folder / name) as archive:
            others = {member: archive.read(member) for member in archive.namelist()}
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for member, contents in others.items():
                if member != f"{array}.npy":
                    archive.writestr(member, contents)
            with archive.open(f"{array}.npy", "w", force_zip64=True) as file:
                description = {"descr": "<f4", "fortran_order": False, "shape": (300_000, 1024)}
                np.lib.format.write_array_header_1_0(file, description)
                for _ in range(300):
                    file.write(bytes(4 * 1024 * 1000))

    return write


def npy_of_objects(folder: Path, rng: Rng) -> None:
    """Write an array of 1,000 x 1,000,000 x 0 objects, which is as many empty lists."""
    dtype = b"cnumpy\ndtype\n(X\x02\x00\x00\x00O8\x89\x88tR(K\x03X\x01\x00\x00\x00|NNNK\x00K\x00K?tb"
    write_pickle(folder, b"\x80\x02" + ARRAY + b"(K\x01(M\xe8\x03J@B\x0f\x00K\x00t" + dtype + b"\x89]tb.")


def hdf5(**options: object) -> Callable[[Path, Rng], None]:
    """Return what writes an .h5 whose header claims 10^12 rows."""

    def write(folder: Path, rng: Rng) -> None:
        import h5py

        os.unlink(folder / "f.h5")
        with h5py.File(folder / "f.h5", "w") as file:
            file.create_dataset("features", (10**12, 6), np.float32, **options)
            file["names"] = ["000.jpg"]

    return write
