"""Runs the package's own CUDA kernels on the CPU, with nothing but a C++ compiler.

    module = compile_cuda(source)
    module["softmax_cost"]((blocks,), (threads,), (scores, targets, bits, np.int32(M)))

It is stricter than CUDA, which takes an argument of any type for any other: here each must have the type of the source.
"""

import ctypes
import os
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
COMPILER = shutil.which("g++")
FOLDER = tempfile.TemporaryDirectory(prefix="cuda_on_cpu")
"""Keeps what is compiled to the end of the process: reports of memory errors name lines of it."""
ENTRY = re.compile(r'extern "C" __global__ void (\w+)\(([^)]*)\)')
SCALARS = {"int": np.int32, "size_t": np.uint64, "float": np.float32, "double": np.float64}
SANITIZED = "CUDA_ON_CPU_SANITIZED"
"""With this variable set, memory accesses are checked; Python must then run with libasan.so in LD_PRELOAD."""


class Kernel:
    """One kernel of a compiled source.

    `descending` says in which order threads and blocks run: a test may change it for all kernels.
    """

    descending = False

    def __init__(self, name: str, parameters: list[str], run: Any) -> None:
        """Keep the C function and the types it takes, such as "const float*"."""
        self.name, self.parameters, self._run = name, parameters, run

    def __call__(self, grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]) -> None:
        """Run every thread of every block."""
        if len(args) != len(self.parameters):
            raise TypeError(f"{self.name}: {len(self.parameters)} arguments are needed, got {len(args)}")
        if len(block) != 1 or not 32 <= block[0] <= 1024 or block[0] % 32:
            raise ValueError(f"{self.name}: blocks are one row of whole warps, got {block}")
        x, y, z = (*grid, 1, 1)[:3]
        if not (0 < x < 2**31 and 0 < y < 2**16 and 0 < z < 2**16):
            raise ValueError(f"{self.name}: CUDA cannot launch a grid of {grid}")
        values = [self._value(*pair) for pair in zip(self.parameters, args, strict=True)]
        pointers = (ctypes.c_void_p * len(values))(*map(ctypes.addressof, values))
        if self._run(pointers, (ctypes.c_uint * 3)(x, y, z), block[0], int(self.descending)):
            raise RuntimeError(f"{self.name}: threads of a block wait for each other at different places")

    def _value(self, parameter: str, arg: Any) -> Any:
        """Check one argument and return it in C's memory."""
        *_, base = parameter.removesuffix("*").split()
        dtype = np.dtype(SCALARS[base])
        where = f"{self.name}({parameter})"
        if not parameter.endswith("*"):
            if type(arg) is not dtype.type:
                raise TypeError(f"{where}: {dtype.name} is needed, got {type(arg).__name__}")
            return np.ctypeslib.as_ctypes_type(dtype)(arg.item())
        if not isinstance(arg, np.ndarray) or arg.dtype != dtype:
            raise TypeError(f"{where}: an array of {dtype.name} is needed, got {getattr(arg, 'dtype', type(arg))}")
        if not arg.flags.c_contiguous:
            raise ValueError(f"{where}: a kernel reads memory without gaps")
        return ctypes.c_void_p(arg.ctypes.data)


@cache
def compile_cuda(source: str) -> dict[str, Kernel]:
    """Compile a source that starts with its `typedef ... real;` and return its kernels by name.

    Raises
    ------
    RuntimeError
        There is no compiler, or it refuses the source; the message is the compiler's.

    """
    if COMPILER is None:
        raise RuntimeError("no g++ is here to run CUDA kernels on the CPU")
    entries = dict(ENTRY.findall(source))
    wrappers = [
        f'extern "C" int run_{name}(void** a, const unsigned* g, unsigned b, int d)'
        f" {{ return cpu::launch(&{name}, a, g, b, d); }}"
        for name in entries
    ]
    folder = Path(tempfile.mkdtemp(dir=FOLDER.name))
    code, library = folder / "kernels.cpp", folder / "kernels.so"
    code.write_text("\n".join(['#include "cuda_on_cpu.h"', source, *wrappers]), encoding="utf-8")
    flags = ["-std=c++17", "-O1", "-g", "-Wall", "-Wno-unused-function", "-shared", "-fPIC", f"-I{HERE}"]
    if SANITIZED in os.environ:
        flags += ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    finished = subprocess.run([COMPILER, *flags, code, "-o", library], capture_output=True, text=True, check=False)
    if finished.returncode or finished.stderr:
        raise RuntimeError(finished.stderr)
    loaded = ctypes.CDLL(str(library))
    (real,) = re.findall(r"^typedef (\w+) real;", source, re.MULTILINE)
    return {name: Kernel(name, _parameters(text, real), loaded[f"run_{name}"]) for name, text in entries.items()}


def _parameters(text: str, real: str) -> list[str]:
    """Return the types in a parameter list, with `real` named: ["float*", "const int*", "int"]."""
    types = [" ".join(parameter.split()[:-1]) for parameter in text.split(",")]
    return [re.sub(r"\breal\b", real, kind) for kind in types]
