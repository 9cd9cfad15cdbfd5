"""Wall clock of several ideas at once against one idea alone, with a model that takes its time. Needs no key.

    python benchmarks/model_parallel.py [--ideas 4] [--latency 2] [--runs 4] [--out FILE.json]

The scripted model of the tests answers every call after `--latency` seconds; the template's runs take less than one.
Both commands begin with a new workspace and measure the baseline. Takes about four minutes.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from reporting import describe_machine, publish, table
from scripted_study import (
    SHORT_TEMPLATE,
    call_hakase,
    is_reviewed,
    lay_workspace,
    load_scenario,
    run_command,
    serve,
    studies,
    tokens,
)

AIM = 1.5


def measure(ideas: int, latency: float, runs: int) -> dict[str, Any]:
    """One command that studies ``ideas`` ideas, all at a time."""
    workspace = lay_workspace()
    with serve(load_scenario("regression"), latency=latency, log=workspace / "calls.jsonl") as server:
        words = ("--num-ideas", str(ideas), "--parallel", str(ideas), "--max-runs", str(runs))
        began = time.monotonic()
        code = call_hakase(run_command(SHORT_TEMPLATE, server, workspace, *words), workspace / "log.txt")
        seconds = time.monotonic() - began
        calls = list(server.calls)
    first = min((call.time for call in calls if call.stage not in ("", "ideas")), default=0.0)
    return {
        "ideas": ideas,
        "seconds": round(seconds, 1),
        "seconds_until_studies": round(first - min(call.time for call in calls), 1) if calls else None,
        "reviewed": sum(map(is_reviewed, studies(workspace))),
        "exit_code": code,
        "most_at_once": most_at_once([(call.time, call.time + call.seconds) for call in calls]),
        **tokens(calls),
        "workspace": str(workspace),
    }


def most_at_once(spans: list[tuple[float, float]]) -> int:
    """How many of the spans overlap at most."""
    changes = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    now = most = 0
    for _, change in changes:
        now += change
        most = max(most, now)
    return most


def as_table(report: dict[str, Any]) -> str:
    """The report in Markdown."""
    keys = ("ideas", "seconds", "seconds_until_studies", "reviewed", "calls", "most_at_once")
    rows: list[list[object]] = [[found[key] for key in keys] for found in report["result"]["commands"]]
    ratio = report["result"]["ratio"]
    rows.append([f"ratio {ratio:.2f}", f"aim: {AIM} at most", "met" if ratio <= AIM else "missed", "", "", ""])
    return table(("ideas at once", "seconds", "of them for ideas", "reviewed PDFs", "calls", "calls at once"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ideas", type=int, default=4, choices=range(2, 7), help="how many at once")
    parser.add_argument("--latency", type=float, default=2.0, help="seconds before every answer")
    parser.add_argument("--runs", type=int, default=4, choices=range(1, 5), help="runs of each study")
    parser.add_argument("--out", type=Path, help="write the report there as JSON")
    words = parser.parse_args()
    commands = [measure(ideas, words.latency, words.runs) for ideas in (1, words.ideas)]
    result = {"commands": commands, "ratio": commands[1]["seconds"] / commands[0]["seconds"]}
    report = {"measure": "model_parallel", "machine": describe_machine(), "latency": words.latency, "result": result}
    publish(report, as_table(report), words.out)


if __name__ == "__main__":
    main()
