"""Studies that are killed at random instants and resumed: how many calls are paid for again. Needs no key.

    python benchmarks/model_kills.py [--kills 50] [--longest 12] [--latency 0.8] [--seed 1] [--out FILE.json]

Starts `hakase run`, kills the whole process group (SIGKILL) after a random time of at most `--longest` seconds, goes on
with `hakase resume`, and so forth. A study that was killed ten times is resumed to its end; then a new one comes. A
call is paid for again when the very same request gets a second good answer. Such a call was in flight when its first
answer was sent less than `--grace` seconds before a kill, or after it. Takes about ten minutes.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reporting import describe_machine, publish, share, share_text, table
from scripted_study import (
    SHORT_TEMPLATE,
    Call,
    Server,
    environment,
    is_reviewed,
    lay_workspace,
    load_scenario,
    repeated,
    run_command,
    serve,
    studies,
    tokens,
)

from hakase.workspace import Workspace

HAKASE_RESUME = ("resume", "--plain", "--workspace")
MOST_KILLS = 10
"""Kills of one study."""
MOST_RESUMES = 40
"""Resumes after which a study is called stuck."""


@dataclass
class Killed:
    """One workspace, and when its process was killed."""

    workspace: Path
    kills: list[float] = field(default_factory=list)
    """Seconds since the epoch."""
    calls: list[Call] = field(default_factory=list)
    exit_codes: list[int] = field(default_factory=list)

    @property
    def reviewed(self) -> bool:
        made = studies(self.workspace)
        return bool(made) and all(map(is_reviewed, made))


def play(draw: random.Random, kills: int, longest: float, latency: float) -> Killed:
    """One study, killed at most ``kills`` times, to its end."""
    found = Killed(lay_workspace())
    with serve(load_scenario("regression"), latency=latency, log=found.workspace / "calls.jsonl") as server:
        for number in range(MOST_RESUMES + kills):
            wait = draw.uniform(0.2, longest) if len(found.kills) < kills else None
            if _run(found, _command(server, found.workspace, first=number == 0), wait) and found.reviewed:
                break
        found.calls = list(server.calls)
    return found


def _command(server: Server, workspace: Path, first: bool) -> list[str]:
    run = run_command(SHORT_TEMPLATE, server, workspace, "--num-ideas", "1", "--max-runs", "2")
    begun = bool(Workspace(workspace).studies()) or (workspace / ".hakase" / "launches").is_dir()
    if first or not begun:  # killed before it wrote down what it was asked
        return run
    return [*run[:3], *HAKASE_RESUME, str(workspace)]


def _run(found: Killed, command: Sequence[str], wait: float | None) -> bool:
    """Run the command, and kill its group after ``wait`` seconds; whether it ended by itself."""
    with (found.workspace / "log.txt").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment(), start_new_session=True)
        try:
            found.exit_codes.append(process.wait(wait))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            found.kills.append(time.time())
            process.wait()
            return False
    return True


def describe(found: Killed, grace: float) -> dict[str, Any]:
    """What one workspace came to."""
    again = [(call, _first(call, found)) for call in repeated(found.calls)]
    killers = [_kill_behind(first, found.kills) for _, first in again]
    in_flight = [
        kill is not None and kill - (first.time + first.seconds) < grace
        for (_, first), kill in zip(again, killers, strict=True)
    ]
    return {
        "kills": len(found.kills),
        "reviewed": found.reviewed,
        "exit_codes": found.exit_codes,
        **tokens(found.calls),
        "paid_again": len(again),
        "paid_again_in_flight": sum(in_flight),
        "most_a_kill": max(Counter(killers).values(), default=0),
        "not_in_flight": [call.task for (call, _), flying in zip(again, in_flight, strict=True) if not flying],
        "workspace": str(found.workspace),
    }


def _first(call: Call, found: Killed) -> Call:
    """The last good answer to the same request before ``call`` and, where there was one, before the kill between them.

    Reviewers are asked in the same words at once, so an answer of the same process is no first one.
    """
    killed = max((kill for kill in found.kills if kill < call.time), default=call.time)
    same = [c for c in found.calls if c.good and c.body == call.body and c.number < call.number]
    return max((c for c in same if c.time < killed), key=lambda c: c.time, default=same[-1])


def _kill_behind(call: Call, kills: Sequence[float]) -> float | None:
    """The first kill after ``call`` was asked."""
    return min((kill for kill in kills if kill >= call.time), default=None)


def summarise(found: list[dict[str, Any]]) -> dict[str, Any]:
    """All workspaces together."""
    sums = {key: sum(one[key] for one in found) for key in ("kills", "calls", "paid_again", "paid_again_in_flight")}
    return {
        **sums,
        "most_a_kill": max(one["most_a_kill"] for one in found),
        "reviewed_pdfs": share(sum(one["reviewed"] for one in found), len(found)),
        "workspaces": found,
    }


def as_table(report: dict[str, Any]) -> str:
    """The report in Markdown."""
    found = report["result"]
    rows = [
        ("kills", found["kills"]),
        ("calls answered well", found["calls"]),
        ("calls paid for again", found["paid_again"]),
        ("of them in flight at a kill (aim: all)", found["paid_again_in_flight"]),
        ("most of them behind one kill (aim: 1, reviewers that are asked at once aside)", found["most_a_kill"]),
        ("studies that end in a reviewed PDF", share_text(found["reviewed_pdfs"])),
    ]
    return table(("measure", "value"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--longest", type=float, default=12.0, help="seconds between two kills at most")
    parser.add_argument("--latency", type=float, default=0.8, help="seconds before every answer")
    parser.add_argument("--grace", type=float, default=0.5, help="seconds in which an answer reaches the disk")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="write the report there as JSON")
    words = parser.parse_args()
    draw, found, left = random.Random(words.seed), [], words.kills
    while left > 0:
        found.append(describe(play(draw, min(left, MOST_KILLS), words.longest, words.latency), words.grace))
        left -= found[-1]["kills"]
        print({key: found[-1][key] for key in ("kills", "reviewed", "calls", "paid_again", "most_a_kill")}, flush=True)
    report = {"measure": "model_kills", "machine": describe_machine(), "seed": words.seed, "result": summarise(found)}
    publish(report, as_table(report), words.out)


if __name__ == "__main__":
    main()
