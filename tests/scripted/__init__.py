"""A language model that says what a scenario file has it say, over real HTTP, and misbehaves on demand.

``scenario.py`` documents the files; ``python -m tests.scripted --help`` serves one by hand.
"""

from __future__ import annotations

from tests.scripted.calls import Call, load_calls, repeated
from tests.scripted.faults import IN_TURN, KINDS
from tests.scripted.scenario import load_scenario
from tests.scripted.server import Server, serve

__all__ = ["IN_TURN", "KINDS", "Call", "Server", "load_calls", "load_scenario", "repeated", "serve"]
