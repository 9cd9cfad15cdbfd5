"""What all measures share: the machine they ran on, shares with intervals, and a report as JSON and Markdown.

It measures nothing itself.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any


def describe_machine() -> dict[str, Any]:
    """Date, cores that this process may use, and Python: what a figure depends on, and no name of the machine."""
    return {
        "date": date.today().isoformat(),
        "cores": len(os.sched_getaffinity(0)),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "omp_num_threads": os.environ.get("OMP_NUM_THREADS", "not set"),
        "load": round(os.getloadavg()[0], 1),
    }


def share(count: int, total: int) -> dict[str, Any]:
    """``count`` of ``total`` with Wilson's 95% interval (Wilson, 1927); share and interval are None when total is 0."""
    if total == 0:
        return {"count": count, "of": total, "share": None, "low": None, "high": None}
    from scipy.stats import binomtest

    low, high = binomtest(count, total).proportion_ci(method="wilson")
    return {"count": count, "of": total, "share": count / total, "low": max(0.0, float(low)), "high": float(high)}


def share_text(value: Mapping[str, Any]) -> str:
    """Such as ``3 of 400: 0.8% [0.3, 2.2]``."""
    counted = f"{value['count']} of {value['of']}"
    if value["share"] is None:
        return counted
    return f"{counted}: {value['share']:.1%} [{100 * value['low']:.1f}, {100 * value['high']:.1f}]"


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def publish(report: Mapping[str, Any], markdown: str, out: Path | None) -> None:
    """Print the Markdown, and write the report to ``out`` (JSON), with the Markdown beside it as ``.md``."""
    print(markdown)
    if out is None:
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(f"{json.dumps(report, indent=1)}\n", encoding="utf-8")
    out.with_suffix(".md").write_text(f"{markdown}\n", encoding="utf-8")
    print(f"\nwritten: {out} and {out.with_suffix('.md')}")
