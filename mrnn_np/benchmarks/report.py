"""What was measured, as the lines of a table, and what the numbers depend on."""

import os
import platform
import statistics
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mrnn_np.benchmarks.rounds import Rounds

HEAD = f"{'x numpy':>9}{'lowest':>8}{'highest':>9}{'of products':>13}{'CPU s':>8}{'memory MB':>11}"


def table(rounds: Rounds, unit: str) -> list[str]:
    """Return the lines: medians, and the ratios of neighbouring rounds."""
    lines = [f"{'':14}{unit + '/s':>10}{HEAD}"]
    for variant, own in rounds.items():
        speed, cpu = (statistics.median(r[key] for r in own) for key in ("per_second", "cpu_seconds"))
        median, lowest, highest = spread(own, rounds["numpy"])
        of_products = f"{spread(own, rounds['products'])[0]:.0%}"
        memory = max(r["memory_mb"] for r in own)
        digits = 0 if speed >= 100 else 1
        lines.append(
            f"{variant:14}{speed:10,.{digits}f}{median:9.2f}{lowest:8.2f}{highest:9.2f}{of_products:>13}{cpu:8.2f}{memory:11.0f}"
        )
    return lines


def threads_table(measured: dict[int, Rounds], unit: str) -> list[str]:
    """Return the lines of a table of speeds over the number of threads, of every variant beside the bare products."""
    several = [variant for variant in next(iter(measured.values())) if variant != "products"]
    head = "".join(f"{variant + ' ' + unit + '/s':>20}{'of products':>13}{'x one':>7}" for variant in several)
    lines, first = [f"{'threads':>7}{head}"], next(iter(measured.values()))
    for threads, rounds in measured.items():
        line = f"{threads:7}"
        for variant in several:
            median = statistics.median(r["per_second"] for r in rounds[variant])
            begun = statistics.median(r["per_second"] for r in first[variant])
            line += f"{median:20,.0f}{spread(rounds[variant], rounds['products'])[0]:13.0%}{median / begun:7.2f}"
        lines.append(line)
    return lines


def spread(own: list[dict[str, float]], other: list[dict[str, float]]) -> tuple[float, float, float]:
    """The median, lowest and highest ratio of the speeds of neighbouring rounds."""
    ratios = [a["per_second"] / b["per_second"] for a, b in zip(own, other, strict=True)]
    return statistics.median(ratios), min(ratios), max(ratios)


def device_lines(rounds: Rounds, told: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What there is to say of variants on a GPU: the host's time of a training step, its launches, and last digits."""
    for variant, own in rounds.items():
        if "host_ms" in own[0]:
            host = statistics.median(r["host_ms"] for r in own)
            yield f"{variant}: the host is busy with a step for {host:.2f} ms"
    if "peak_flops" in told["cupy"]:
        yield of_the_peak(rounds, told["cupy"])
    yield f"cupy: results differ from NumPy's by {told['cupy']['off_by']:.0e} of them"


def of_the_peak(rounds: Rounds, told: dict[str, Any]) -> str:
    """What a training step on the GPU launches, and its share of what the device's products can reach."""
    per_second = statistics.median(r["per_second"] for r in rounds["cupy"])
    share = per_second * told["flops"] / told["peak_flops"]
    launches = told.get("launches", f"uncounted ({told.get('uncounted')})")
    return (
        f"cupy: {launches} launches a step, {share:.0%} of the {told['peak_flops'] / 1e12:.1f} TFLOP/s "
        "that one large product reaches"
    )


def machine() -> str:
    """Return what the numbers depend on: processor, cores, versions."""
    versions = []
    for package in ("numpy", "torch", "cupy-cuda12x", "cupy-cuda13x"):
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    python = f"python {platform.python_version()}"
    return f"{processor()}, {os.cpu_count()} cores, {python}, {', '.join(versions)}"


def processor() -> str:
    """The processor's name, where the system tells it."""
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
