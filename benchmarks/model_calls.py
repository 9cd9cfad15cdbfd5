"""Calls and tokens, by stage, of one idea with four runs and all rounds that the AI Scientist makes. Needs no key.

    python benchmarks/model_calls.py [--template digits] [--out FILE.json] [--workspace DIR] [-c KEY=VALUE …]

The scripted model of the tests answers, and uses every round that it may: 3 reflections on the idea, 10 rounds of
novelty, 4 runs, 20 searches for works to cite, 2 passes over the paper, 5 reviewers, 5 reflections on the review.
Tokens are a quarter of the characters. The AI Scientist's three ideas with the same rounds took 196 calls and 1.78
million tokens of prompts. Takes about two minutes.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from reporting import describe_machine, publish, table
from scripted_study import (
    Call,
    all_rounds,
    call_hakase,
    fallbacks,
    is_reviewed,
    lay_workspace,
    load_scenario,
    run_command,
    serve,
    studies,
    tokens,
)

THEIRS = {"calls": 196 / 3, "prompt": 1_780_000 / 3}
"""The AI Scientist's, for one idea."""
AIM_CALLS = 60
AIM_SHARE = 1 / 3


def measure(template: str, workspace: Path, settings: list[str]) -> dict[str, Any]:
    """One study; calls and tokens by stage and by question."""
    scenario = all_rounds(load_scenario("digits" if template == "digits" else "regression"))
    words = [word for setting in settings for word in ("-c", setting)]
    with serve(scenario, log=workspace / "calls.jsonl", log_prompts=True) as server:
        command = run_command(template, server, workspace, "--num-ideas", "1", "--max-runs", "4", *words)
        code = call_hakase(command, workspace / "log.txt")
        calls = list(server.calls)
    made = studies(workspace)
    return {
        "exit_code": code,
        "reviewed": bool(made) and all(map(is_reviewed, made)),
        "fallbacks": [fallback for study in made for fallback in fallbacks(study)],
        "questions_without_a_rule": sorted({call.task for call in calls if not call.rule}),
        "stages": group(calls, "stage"),
        "questions": group(calls, "rule"),
        "total": tokens(calls),
    }


def group(calls: list[Call], by: str) -> dict[str, dict[str, int]]:
    """Calls and tokens by an attribute, in the order in which they came."""
    names = dict.fromkeys(getattr(call, by) for call in calls)
    return {name: tokens([call for call in calls if getattr(call, by) == name]) for name in names}


def as_table(report: dict[str, Any]) -> str:
    """The report in Markdown."""
    found = report["result"]
    rows: list[list[object]] = [
        [name, *(f"{values[key]:,}" for key in ("calls", "prompt", "cached", "completion"))]
        for name, values in (*found["stages"].items(), ("all", found["total"]))
    ]
    total = found["total"]
    share = total["prompt"] / THEIRS["prompt"]
    rows.append(["a reviewed PDF", "yes" if found["reviewed"] else "NO: this is no whole study", "", "", ""])
    rows.append(["decisions by rules instead", str(len(found["fallbacks"])), "", "", ""])
    rows.append(["AI Scientist", f"{THEIRS['calls']:.0f}", f"{THEIRS['prompt']:,.0f}", "", ""])
    rows.append([f"aim: under {AIM_CALLS} calls", "met" if total["calls"] < AIM_CALLS else "missed", "", "", ""])
    rows.append([f"aim: at most {AIM_SHARE:.0%} of its prompts", "", f"{share:.1%}", "", ""])
    return table(("stage", "calls", "prompt tokens", "of them cached", "completion tokens"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--template", default="digits", choices=("digits", "regression_argparse"))
    parser.add_argument("--workspace", type=Path, help="where to work (default: a scratch folder, kept)")
    parser.add_argument("--out", type=Path, help="write the report there as JSON")
    parser.add_argument("-c", dest="settings", action="append", default=[], metavar="KEY=VALUE", help="any setting")
    words = parser.parse_args()
    workspace = lay_workspace(words.workspace)
    print(f"working in {workspace}", flush=True)
    result = measure(words.template, workspace, words.settings)
    report = {"measure": "model_calls", "machine": describe_machine(), "template": words.template, "result": result}
    publish(report, as_table(report), words.out)


if __name__ == "__main__":
    main()
