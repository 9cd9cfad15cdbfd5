"""Studies with a model that misbehaves in a share of its calls: how many end in a reviewed PDF. Needs no key.

    python benchmarks/model_faults.py [--studies 20] [--share 0.2] [--kinds 429 500 …] [--runs 4] [--out FILE.json]

The scripted model of the tests answers. The kinds of faults come in turn, at calls that a seed draws. A call is paid
for again when the very same request gets a second good answer. Every other study has a server without JSON schemas, so
that its forms go by tools. Takes about half a minute a study.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path
from typing import Any

from reporting import describe_machine, publish, share, share_text, table
from scripted_study import (
    IN_TURN,
    SHORT_TEMPLATE,
    call_hakase,
    fallbacks,
    is_reviewed,
    lay_workspace,
    load_scenario,
    repeated,
    run_command,
    serve,
    studies,
    tokens,
)

TIMEOUT = 4
"""Seconds after which a call that hangs is given up; the server keeps it for longer."""


def measure(number: int, faulty: float, kinds: tuple[str, ...], runs: int) -> dict[str, Any]:
    """One study, whose faults the seed ``number`` places."""
    workspace = lay_workspace()
    turned = kinds[number % len(kinds) :] + kinds[: number % len(kinds)]
    plan = {"share": faulty, "seed": number, "kinds": turned, "json_schema": number % 2 == 1}
    began = time.monotonic()
    with serve(load_scenario("regression"), log=workspace / "calls.jsonl", hang=3.0 * TIMEOUT, **plan) as server:
        words = ("--num-ideas", "1", "--max-runs", str(runs), "-c", f"model_timeout={TIMEOUT}")
        code = call_hakase(run_command(SHORT_TEMPLATE, server, workspace, *words), workspace / "log.txt")
        calls = list(server.calls)
    made = studies(workspace)
    return {
        "seed": number,
        "exit_code": code,
        "state": made[0].status.state if made else "none",
        "reviewed": bool(made) and all(map(is_reviewed, made)),
        "seconds": round(time.monotonic() - began, 1),
        **tokens(calls),
        "good": sum(call.good for call in calls),
        "faults": dict(Counter(call.fault for call in calls if call.fault)),
        "paid_again": [call.task for call in repeated(calls)],
        "fallbacks": [fallback for study in made for fallback in fallbacks(study)],
        "workspace": str(workspace),
    }


def summarise(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The studies together."""
    faults: Counter[str] = Counter()
    for study in found:
        faults.update(study["faults"])
    return {
        "reviewed_pdfs": share(sum(study["reviewed"] for study in found), len(found)),
        "calls": sum(study["calls"] for study in found),
        "faulty_calls": share(sum(faults.values()), sum(study["calls"] for study in found)),
        "faults": dict(sorted(faults.items())),
        "paid_again": sum(len(study["paid_again"]) for study in found),
        "fallbacks": sum(len(study["fallbacks"]) for study in found),
        "studies_without_fallback": sum(not study["fallbacks"] for study in found),
        "studies": found,
    }


def as_table(report: dict[str, Any]) -> str:
    """The report in Markdown."""
    found = report["result"]
    rows = [
        ("studies that end in a reviewed PDF (aim: all)", share_text(found["reviewed_pdfs"])),
        ("calls paid for again (aim: none)", found["paid_again"]),
        ("faulty calls", share_text(found["faulty_calls"])),
        ("which", ", ".join(f"{kind} {count}" for kind, count in found["faults"].items())),
        ("decisions that the rules made in the model's stead", found["fallbacks"]),
        ("studies without any", found["studies_without_fallback"]),
    ]
    return table(("measure", "value"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=20)
    parser.add_argument("--share", type=float, default=0.2, help="of the calls that go wrong")
    parser.add_argument("--kinds", nargs="+", default=list(IN_TURN), metavar="KIND", help=f"of {', '.join(IN_TURN)}")
    parser.add_argument("--runs", type=int, default=4, choices=range(1, 5), help="runs of each study")
    parser.add_argument("--out", type=Path, help="write the report there as JSON")
    words = parser.parse_args()
    found = []
    for number in range(1, words.studies + 1):
        found.append(measure(number, words.share, tuple(words.kinds), words.runs))
        print({key: found[-1][key] for key in ("seed", "state", "reviewed", "seconds", "calls", "faults")}, flush=True)
    report = {
        "measure": "model_faults",
        "machine": describe_machine(),
        "share": words.share,
        "result": summarise(found),
    }
    publish(report, as_table(report), words.out)


if __name__ == "__main__":
    main()
