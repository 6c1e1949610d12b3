"""A pytest plugin: CuPy itself, the released wheel, computes on the CPU and runs the tests marked gpu.

    PYTHONPATH=FOLDER:tests/real_cupy python -m pytest -p cupy_on_cpu -m gpu

FOLDER holds `fakecuda`, which answers for the CUDA runtime and driver before CuPy is imported: what CuPy generates and
the package's own kernels are compiled by NVRTC, to see that it takes them, and by g++, to run.
"""

import fakecuda

cupy = fakecuda.install("cpu", arch="90", check_nvrtc=True)


def pytest_configure(config):
    """Let pass the files that `fakecuda` leaves to the garbage collector."""
    for warning in ("ResourceWarning", "pytest.PytestUnraisableExceptionWarning"):
        config.addinivalue_line("filterwarnings", f"ignore::{warning}")
