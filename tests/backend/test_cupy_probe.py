"""Every reason for which CuPy cannot run, as the user sees it: one line on stderr, exit status 2."""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mrnn_np.backend.cupy_probe import driver_cuda_version

FAKES = Path(__file__).parent / "fakes"
ROOT = Path(__file__).parents[2]

COMMAND = """
import sys
from mrnn_np.backend import choose_backend
from mrnn_np.command_line.run import run_command
run_command(lambda: print(choose_backend(sys.argv[1]).note) or 0)
"""

WITHOUT_A_GPU = "without a GPU use --backend numpy"
NONE_FOUND = f"(no NVIDIA driver was found here either: {WITHOUT_A_GPU})"
DRIVER_IS_THERE = "the driver is there but no GPU is visible"
OUT_OF_DATE = "the NVIDIA driver supports CUDA"

# What CuPy does, the driver's CUDA version ("" without a driver), the CUDA version CuPy is built for, the message.
CASES = [
    ("not installed", "", "", f"CuPy is not installed; run: pip install 'cupy-cuda13x[ctk]' {NONE_FOUND}"),
    ("not installed", "13000", "", "CuPy is not installed; run: pip install 'cupy-cuda13x[ctk]'"),
    ("not installed", "12080", "", "CuPy is not installed; run: pip install 'cupy-cuda12x[ctk]'"),
    (
        "broken",
        "12080",
        "",
        "CuPy is installed but broken (missing module cuda.pathfinder); "
        "reinstall it: pip install --force-reinstall 'cupy-cuda12x[ctk]'",
    ),
    (
        "other hardware",
        "13000",
        "",
        "CuPy cannot be imported (ImportError: libamdhip64.so.7: cannot open shared object file: No such file or "
        "directory); uninstall the cupy that `pip list` shows, then run: pip install 'cupy-cuda13x[ctk]'",
    ),
    (
        "other NumPy",
        "12080",
        "",
        "CuPy cannot be imported (ValueError: numpy.dtype size changed, may indicate binary incompatibility); "
        "uninstall the cupy that `pip list` shows, then run: pip install 'cupy-cuda12x[ctk]'",
    ),
    (
        "status 35",
        "",
        "13020",
        "no NVIDIA driver is installed (libcuda.so.1 not found); install one, or use --backend numpy",
    ),
    (
        "status 35",
        "12080",
        "13020",
        f"{OUT_OF_DATE} 12.8 but this CuPy needs CUDA 13; update the driver, or: "
        "pip uninstall cupy-cuda13x && pip install 'cupy-cuda12x[ctk]'",
    ),
    ("status 35", "11040", "12090", f"{OUT_OF_DATE} 11.4 but this CuPy needs CUDA 12; update the driver"),
    ("status 100", "13000", "13020", f"{DRIVER_IS_THERE} (CUDA_VISIBLE_DEVICES is unset); {WITHOUT_A_GPU}"),
    ("no devices", "13000", "13020", f"{DRIVER_IS_THERE} (CUDA_VISIBLE_DEVICES is unset); {WITHOUT_A_GPU}"),
    (
        "status 3",
        "13000",
        "13020",
        "CUDA does not start (CUDARuntimeError: cudaErrorInitializationError: initialization error); "
        f"check that nvidia-smi works; {WITHOUT_A_GPU}",
    ),
    (
        "status 804",
        "13000",
        "13020",
        "CUDA does not start (CUDARuntimeError: cudaErrorCompatNotSupportedOnDevice: forward compatibility was "
        f"attempted on non supported HW); check that nvidia-smi works; {WITHOUT_A_GPU}",
    ),
    (
        "no NVRTC",
        "13000",
        "13020",
        'a test kernel failed (DynamicLibNotFoundError: Failure finding "libnvrtc.so.13": No such file); '
        "if a CUDA library is missing: pip install 'cupy-cuda13x[ctk]'",
    ),
    (
        "no cuBLAS",
        "12080",
        "12090",
        "a test kernel failed (ImportError: libcublas.so.13: cannot open shared object file: No such file or "
        "directory); if a CUDA library is missing: pip install 'cupy-cuda12x[ctk]'",
    ),
]


@pytest.fixture(scope="session")
def driver_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the stand-in for the driver library and return the folder it lies in."""
    compiler = shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("the stand-in for libcuda.so.1 needs gcc on Linux")
    folder = tmp_path_factory.mktemp("driver")
    library = folder / "libcuda.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, FAKES / "libcuda.c"], check=True)
    return folder


def run_backend(
    name: str, driver_folder: Path, cupy: str, driver: str, built: str, **more: str
) -> subprocess.CompletedProcess[str]:
    """Choose the backend `name` in a process of its own, with the stand-ins for CuPy and the driver."""
    environment = {key: value for key, value in os.environ.items() if key != "CUDA_VISIBLE_DEVICES"}
    environment |= {
        "PYTHONPATH": str(FAKES),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LD_LIBRARY_PATH": os.pathsep.join([str(driver_folder), os.environ.get("LD_LIBRARY_PATH", "")]),
        "FAKE_CUPY": cupy,
        "FAKE_CUPY_CUDA": built or "13020",
        "FAKE_DRIVER_VERSION": driver or "0",
        **more,
    }
    command = [sys.executable, "-c", COMMAND, name]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("cupy", "driver", "built", "message"), CASES, ids=["-".join(case[:3]) for case in CASES])
def test_cupy_that_cannot_run_says_why(driver_folder: Path, cupy: str, driver: str, built: str, message: str):
    finished = run_backend("cupy", driver_folder, cupy, driver, built)
    assert finished.stderr == f"error: --backend cupy: {message}\n"
    assert finished.returncode == 2
    assert finished.stdout == ""


@pytest.mark.parametrize("visible", ["", "-1"])
def test_hidden_gpus_are_named(driver_folder: Path, visible: str):
    finished = run_backend("cupy", driver_folder, "status 100", "13000", "", CUDA_VISIBLE_DEVICES=visible)
    assert f"no GPU is visible (CUDA_VISIBLE_DEVICES is {visible!r})" in finished.stderr


def test_a_driver_that_fails_is_no_driver(driver_folder: Path):
    finished = run_backend("cupy", driver_folder, "status 35", "13000", "", FAKE_DRIVER_STATUS="100")
    assert "no NVIDIA driver is installed" in finished.stderr


@pytest.mark.parametrize(
    ("cupy", "note"),
    [
        ("works", "auto: CuPy 14.2.0 on NVIDIA Fake 100"),
        ("not installed", "auto: NumPy, because CuPy is not installed"),
        ("no devices", f"auto: NumPy, because {DRIVER_IS_THERE} (CUDA_VISIBLE_DEVICES is unset)"),
    ],
)
def test_auto_says_what_it_chose_and_why(driver_folder: Path, cupy: str, note: str):
    finished = run_backend("auto", driver_folder, cupy, "13000", "")
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, note + "\n", "")


def test_cupy_that_runs_says_where(driver_folder: Path):
    finished = run_backend("cupy", driver_folder, "works", "13000", "")
    assert (finished.returncode, finished.stdout) == (0, "CuPy 14.2.0 on NVIDIA Fake 100\n")


def test_without_a_driver_library_there_is_no_driver(monkeypatch: pytest.MonkeyPatch):
    def absent(name: str) -> Any:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", absent)
    assert driver_cuda_version() is None


@pytest.mark.parametrize(("platform", "library"), [("win32", "nvcuda.dll"), ("linux", "libcuda.so.1")])
def test_the_driver_library_of_each_platform(monkeypatch: pytest.MonkeyPatch, platform: str, library: str):
    asked = []

    class Library:
        def __init__(self, name: str) -> None:
            asked.append(name)

        @staticmethod
        def cuDriverGetVersion(pointer: Any) -> int:
            pointer._obj.value = 12090
            return 0

    monkeypatch.setattr(ctypes, "CDLL", Library)
    monkeypatch.setattr(sys, "platform", platform)
    assert driver_cuda_version() == (12, 9)
    assert asked == [library]
