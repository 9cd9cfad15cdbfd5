"""Serve a scenario by hand: ``python -m tests.scripted --scenario digits --port 8123 --log calls.jsonl``."""

from __future__ import annotations

import argparse
import contextlib
import threading
from pathlib import Path

from tests.scripted.faults import KINDS
from tests.scripted.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.scripted", description=__doc__)
    parser.add_argument("--scenario", default="digits", help="a file, or the name of one of tests/scripted/scenarios")
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--log", type=Path, help="a file for one line of JSON a call")
    parser.add_argument("--log-prompts", action="store_true", help="with all that was sent")
    parser.add_argument("--latency", type=float, help="seconds before every answer")
    parser.add_argument("--every", type=int, help="every so many calls one goes wrong")
    parser.add_argument("--share", type=float, help="that share of the calls goes wrong")
    parser.add_argument("--seed", type=int, help="which they are")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, metavar="KIND", help=f"how, in turn: {', '.join(KINDS)}")
    words = parser.parse_args()
    chosen = {name: getattr(words, name) for name in ("latency", "every", "share", "seed", "kinds")}
    server = {name: value for name, value in chosen.items() if value is not None}
    with serve(words.scenario, port=words.port, log=words.log, log_prompts=words.log_prompts, **server) as running:
        print(running.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
