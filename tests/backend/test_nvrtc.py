"""NVIDIA's own compiler takes every kernel, for an A100 (sm_80) and an H100 (sm_90); it needs no GPU and no driver."""

import ctypes
import importlib.util
import re
from pathlib import Path

import pytest

from mrnn_np.backend import kernels

ENTRY = re.compile(r'extern "C" __global__ void (\w+)')


@pytest.fixture(scope="module")
def nvrtc():
    """The library of the package nvidia-cuda-nvrtc."""
    spec = importlib.util.find_spec("nvidia")
    folders = [] if spec is None else [Path(folder) for folder in spec.submodule_search_locations]
    found = sorted(path for folder in folders for path in folder.rglob("libnvrtc.so.*"))
    found = [path for path in found if "builtins" not in path.name]
    if not found:
        pytest.skip("NVRTC is not installed; pip install 'nvidia-cuda-nvrtc==13.2.*'")
    return ctypes.CDLL(str(found[0]))


def compiled(nvrtc, source, arch, form):
    """Return success, and the "CUBIN", "PTX" or "ProgramLog" of a source, with the options CuPy gives to NVRTC."""
    program = ctypes.c_void_p()
    assert nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernels.cu", 0, None, None) == 0
    options = [b"-ftz=true", f"-arch={arch}".encode(), b"--device-as-default-execution-space", b"-std=c++17"]
    status = nvrtc.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
    size = ctypes.c_size_t()
    assert getattr(nvrtc, f"nvrtcGet{form}Size")(program, ctypes.byref(size)) == 0
    text = ctypes.create_string_buffer(size.value)
    assert getattr(nvrtc, f"nvrtcGet{form}")(program, text) == 0
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    return status == 0, text.raw


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("arch", ["sm_80", "sm_90"])
def test_every_kernel_compiles(nvrtc, arch, dtype):
    source = kernels.source(dtype)
    names = ENTRY.findall(source)
    assert len(names) == 14
    assert len(names) == source.count("__global__")
    done, log = compiled(nvrtc, source, arch, "ProgramLog")
    assert (done, log.decode().strip("\0")) == (True, "")
    _, cubin = compiled(nvrtc, source, arch, "CUBIN")
    assert cubin.startswith(b"\x7fELF")
    assert [name for name in names if b".text." + name.encode() + b"\0" not in cubin] == []


def test_no_single_precision_kernel_computes_in_double(nvrtc):
    _, single = compiled(nvrtc, kernels.source("float32"), "compute_80", "PTX")
    _, double = compiled(nvrtc, kernels.source("float64"), "compute_80", "PTX")
    assert b".f64" not in single
    assert b".f64" in double
    planted = kernels.source("float32").replace("(real)1.7159 * tanh", "1.7159 * tanh")
    assert b".f64" in compiled(nvrtc, planted, "compute_80", "PTX")[1]


def test_a_mistake_does_not_compile(nvrtc):
    done, log = compiled(nvrtc, kernels.source("float32").replace("tanh(", "tanhh("), "sm_90", "ProgramLog")
    assert not done
    assert b'identifier "tanhh" is undefined' in log
