"""A pytest plugin: CuPy itself, the released wheel, computes on the CPU and runs the tests marked gpu.

    PYTHONPATH=FOLDER:tests/real_cupy python -m pytest -p cupy_on_cpu -m gpu

FOLDER holds `fakecuda`, which answers for the CUDA runtime and driver before CuPy is imported: what CuPy generates and
the package's own kernels are compiled by NVRTC, to see that it takes them, and by g++, to run.
"""

import ctypes
import shutil
import sys
from pathlib import Path

import fakecuda
import numpy as np


def with_abs_of_floats(folder, to):
    """Copy the headers of `fakecuda`, in which the ::abs by which CuPy divides complex numbers is C's, of integers."""
    shutil.copytree(folder, to, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    header = to / "cuda_cpu_shim.h"
    header.write_text(header.read_text() + "using std::abs;\n")
    return str(to)


fakecuda.HERE = with_abs_of_floats(fakecuda.HERE, Path(fakecuda.CACHE) / "headers")
cupy = fakecuda.install("cpu", arch="90", check_nvrtc=True)
cublas = sys.modules["cupy_backends.cuda.libs.cublas"]
real_gemm, COMPLEX = cublas.gemmEx, {4: np.complex64, 5: np.complex128}


def gemm(handle, trans_a, trans_b, m, n, k, alpha, a, a_type, lda, b, b_type, ldb, beta, c, c_type, ldc, *how):
    """cuBLAS' gemmEx; `fakecuda` reads the alpha and beta of a complex product as real numbers, and so as others."""
    if c_type not in COMPLEX:
        return real_gemm(
            handle, trans_a, trans_b, m, n, k, alpha, a, a_type, lda, b, b_type, ldb, beta, c, c_type, ldc, *how
        )
    dtype = COMPLEX[c_type]
    alpha, beta = (np.frombuffer(ctypes.string_at(at, np.dtype(dtype).itemsize), dtype)[0] for at in (alpha, beta))
    return fakecuda._gemm(trans_a, trans_b, m, n, k, alpha, a, dtype, lda, b, dtype, ldb, beta, c, dtype, ldc)


cublas.gemmEx = gemm


def pytest_configure(config):
    """Let pass the files that `fakecuda` leaves to the garbage collector."""
    for warning in ("ResourceWarning", "pytest.PytestUnraisableExceptionWarning"):
        config.addinivalue_line("filterwarnings", f"ignore::{warning}")
