"""How long `hakase --help` takes: the median over whole processes, beside an empty Python on the same machine.

    python benchmarks/help_time.py [--processes 31] [--out help_time.json]

The two take turns, so that a busy moment of the machine meets both. The ratio is what can be compared between machines.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reporting import describe_machine, publish, table

AIM_MS = 150.0
EMPTY = (sys.executable, "-c", "pass")


@dataclass(frozen=True)
class Times:
    """Milliseconds of one process: by the clock, and of the processor, which a busy machine stretches less."""

    wall: float
    cpu: float


def help_command() -> tuple[str, ...]:
    """The console script beside this Python as a user calls it, else the module."""
    script = Path(sys.executable).with_name("hakase")
    return (str(script), "--help") if script.is_file() else (sys.executable, "-m", "hakase", "--help")


def time_process(command: Sequence[str]) -> Times:
    """The times of one process; CalledProcessError when it fails."""
    began, used = time.perf_counter(), cpu_of_children()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return Times(1000 * (time.perf_counter() - began), 1000 * (cpu_of_children() - used))


def cpu_of_children() -> float:
    """Processor seconds of all processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(processes: int) -> dict[str, Any]:
    """Medians and quartiles over ``processes`` of each, after one of each that warms the caches."""
    for command in (EMPTY, help_command()):
        time_process(command)
    pairs = [(time_process(EMPTY), time_process(help_command())) for _ in range(processes)]
    empty, helped = ([pair[side].wall for pair in pairs] for side in (0, 1))
    return {
        "machine": describe_machine(),
        "processes": processes,
        "help_ms": spread(helped),
        "python_ms": spread(empty),
        "help_cpu_ms": spread([pair[1].cpu for pair in pairs]),
        "python_cpu_ms": spread([pair[0].cpu for pair in pairs]),
        "ratio": statistics.median(helped) / statistics.median(empty),
        "aim_ms": AIM_MS,
        "met": statistics.median(helped) <= AIM_MS,
    }


def spread(values: Sequence[float]) -> dict[str, float]:
    """Least, quartiles and median."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else (*values,) * 3
    return {"least": min(values), "quarter": low, "median": middle, "three_quarters": high}


def as_table(report: dict[str, Any]) -> str:
    """The report in Markdown."""
    rows = [
        (name, *(f"{report[key][part]:.0f}" for part in ("median", "quarter", "three_quarters", "least")))
        for name, key in (
            ("`hakase --help`", "help_ms"),
            ("`python -c pass`", "python_ms"),
            ("`hakase --help`, processor", "help_cpu_ms"),
            ("`python -c pass`, processor", "python_cpu_ms"),
        )
    ]
    text = table(("process", "median ms", "first quartile", "third quartile", "least"), rows)
    verdict = "met" if report["met"] else "not met"
    return f"{text}\n\nratio {report['ratio']:.1f}; aim at most {AIM_MS:.0f} ms: {verdict}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Time `hakase --help` beside an empty Python.")
    parser.add_argument("--processes", type=int, default=31, help="processes of each (default 31)")
    parser.add_argument("--out", type=Path, help="write the report here (JSON, and .md beside it)")
    arguments = parser.parse_args()
    report = measure(max(1, arguments.processes))
    publish(report, as_table(report), arguments.out)


if __name__ == "__main__":
    main()
