"""A scenario file: what the scripted model answers to which question, and what the server that plays it lacks.

TOML or JSON. The keys (all optional but a rule's ``reply``):

    name = "digits"                # how it is called
    model = "scripted"             # what /v1/models lists
    include = ["study"]            # scenarios (names, or files beside this one) whose rules follow after these

    [server]
    latency = 0.0                  # seconds before every answer
    key = ""                       # the only key that is let in; empty: any, or none
    context = 0                    # prompts of more tokens are refused; 0: none is
    tools = true                   # false: a request with tools is refused (400)
    json_schema = true             # false: response_format json_schema is refused (400)
    temperature = true             # false: a request with temperature is refused (400)
    system = true                  # false: a request with a system message is refused (400)

    [faults]                       # misbehaviour; the kinds are in faults.py
    every = 5                      # every 5th call, or
    share = 0.2                    # a share of the calls, drawn with
    seed = 1
    kinds = ["429", "500"]         # these in turn

    [[rule]]                       # the first rule that fits answers
    name = "experiments/edit"      # the stage and what is asked; named in the log
    task = 'write run (?P<n>\\d)'   # regex searched in the last line that begins with "Task: "
    match = '…'                    # regex searched from the turn with that line to the end
    prompt = '…'                   # regex searched in everything that was sent, system message included
    find = ['…', '…']              # regexes searched likewise, for their named groups; none must be there
    collect = { refs = ['…', ', '] }  # all matches of a regex (its first group, if it has one), each once, joined
    times = 2                      # fits that many times, then no more
    reply = "…"                    # a text; a table, for a form; or a list of them
    cycle = true                   # a list begins again after its end; false: its last one stays
    by = "rule"                    # the place in a list counts the good answers of the rule, or by = "body" those to
                                   # the very same request, as an ensemble makes them
    samples = 1                    # how many good answers to the very same request are no repetition
    tool = "Edit"                  # answer by a call of this tool, if it is offered, with the reply as its arguments
    fault = "500"                  # misbehave whenever this rule fits
    latency = 2.0                  # instead of the server's

In a reply, and in a regex that comes later (task, match, prompt, find), ``@{n}`` is the named group or collection n;
``@{n|else}`` gives "else" where it has no value.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

TASK = re.compile(r"^Task: .*$", re.MULTILINE)
HOLE = re.compile(r"@\{(\w+)(?:\|([^}]*))?\}")
FOLDER = Path(__file__).parent / "scenarios"


@dataclass(frozen=True)
class Lacks:
    """What the server can do, and how fast."""

    latency: float = 0.0
    key: str = ""
    context: int = 0
    tools: bool = True
    json_schema: bool = True
    temperature: bool = True
    system: bool = True


@dataclass(frozen=True)
class FaultPlan:
    """Which calls go wrong, and how: ``kinds`` in turn, at every ``every``-th call or at a seeded ``share``."""

    every: int = 0
    share: float = 0.0
    seed: int = 0
    kinds: tuple[str, ...] = ()
    hang: float = 30.0
    """Seconds that a hanging call keeps its client waiting."""


@dataclass(frozen=True)
class Rule:
    """One kind of question, and the answer; see the module."""

    reply: Any
    name: str = ""
    task: str = ""
    match: str = ""
    prompt: str = ""
    find: tuple[str, ...] = ()
    collect: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    times: int | None = None
    cycle: bool = True
    by: str = "rule"
    samples: int = 1
    tool: str = ""
    fault: str = ""
    latency: float | None = None


@dataclass(frozen=True)
class Scenario:
    """A whole file."""

    rules: tuple[Rule, ...]
    name: str = ""
    model: str = "scripted"
    server: Lacks = Lacks()
    faults: FaultPlan = FaultPlan()


@dataclass(frozen=True)
class Fit:
    """A rule that fits a question, and the named groups that were found."""

    rule: Rule
    index: int
    groups: Mapping[str, str] = field(default_factory=dict)


def load_scenario(source: Scenario | Mapping[str, Any] | Path | str) -> Scenario:
    """The scenario of a file, of a name (a file in ``scenarios/``), or of its content.

    Raises:
        ValueError: a key is unknown, or a value of the wrong kind.
    """
    if isinstance(source, Scenario):
        return source
    if isinstance(source, Mapping):
        return _scenario(source, FOLDER)
    path = Path(source)
    if not path.suffix:
        path = FOLDER / f"{source}.toml"
    text = path.read_text(encoding="utf-8")
    return _scenario(json.loads(text) if path.suffix == ".json" else tomllib.loads(text), path.parent)


def _scenario(content: Mapping[str, Any], folder: Path) -> Scenario:
    try:
        server = Lacks(**content.get("server", {}))
        faults = dict(content.get("faults", {}))
        plan = FaultPlan(**{**faults, "kinds": tuple(faults.get("kinds", ()))})
        rules = tuple(_rule(rule) for rule in content.get("rule", ()))
        for name in content.get("include", ()):
            rules += load_scenario(folder / (name if Path(name).suffix else f"{name}.toml")).rules
        others = {key: value for key, value in content.items() if key in ("name", "model")}
        if unknown := set(content) - {"name", "model", "server", "faults", "rule", "include"}:
            raise TypeError(f"unknown keys {', '.join(sorted(unknown))}")
        return Scenario(rules=rules, server=server, faults=plan, **others)
    except (TypeError, re.error) as error:
        raise ValueError(f"not a scenario: {error}") from None


def _rule(content: Mapping[str, Any]) -> Rule:
    collect = {name: (pattern, joiner) for name, (pattern, joiner) in content.get("collect", {}).items()}
    rule = Rule(**{**content, "find": tuple(content.get("find", ())), "collect": collect})
    for pattern in (rule.task, rule.match, rule.prompt, *rule.find, *(pattern for pattern, _ in collect.values())):
        re.compile(pattern)
    return rule


def with_rules(scenario: Scenario, *rules: Mapping[str, Any]) -> Scenario:
    """The scenario with ``rules`` before its own."""
    return replace(scenario, rules=(*map(_rule, rules), *scenario.rules))


def with_server(scenario: Scenario, **changes: Any) -> Scenario:
    """The scenario with another server: fields of ``Lacks`` and of ``FaultPlan``."""
    lacks = {key: value for key, value in changes.items() if key in Lacks.__dataclass_fields__}
    plan = {key: value for key, value in changes.items() if key in FaultPlan.__dataclass_fields__}
    if unknown := set(changes) - set(lacks) - set(plan):
        raise ValueError(f"neither the server nor its faults have {', '.join(sorted(unknown))}")
    if "kinds" in plan:
        plan["kinds"] = tuple(plan["kinds"])
    return replace(scenario, server=replace(scenario.server, **lacks), faults=replace(scenario.faults, **plan))


def task_of(turns: list[str]) -> tuple[str, str]:
    """The last line of the users' ``turns`` that begins with "Task: ", and all that was said from its turn on."""
    for index in range(len(turns) - 1, -1, -1):
        lines = TASK.findall(turns[index])
        if lines:
            return lines[-1], "\n".join(turns[index:])
    return "", turns[-1] if turns else ""


def fit_rule(rule: Rule, index: int, task: str, recent: str, prompt: str) -> Fit | None:
    """``rule`` as it fits a question, or None."""
    groups: dict[str, str] = {}
    for pattern, text in ((rule.task, task), (rule.match, recent), (rule.prompt, prompt)):
        if pattern and not _search(pattern, text, groups):
            return None
    for pattern in rule.find:
        _search(pattern, prompt, groups)
    for name, (pattern, joiner) in rule.collect.items():
        matches = re.finditer(pattern, prompt, re.MULTILINE)
        groups[name] = joiner.join(dict.fromkeys(match[1] if match.re.groups else match[0] for match in matches))
    return Fit(rule, index, groups)


def _search(pattern: str, text: str, groups: dict[str, str]) -> bool:
    """Whether ``pattern`` is found, with what ``groups`` has in its holes; its own groups are added to them."""
    filled = HOLE.sub(lambda hole: re.escape(groups.get(hole[1], "")), pattern)
    found = re.search(filled, text, re.MULTILINE)
    if found is not None:
        groups.update({key: value for key, value in found.groupdict().items() if value is not None})
    return found is not None


def fill(reply: Any, groups: Mapping[str, str]) -> Any:
    """``reply`` with its holes filled, however deep they lie."""
    if isinstance(reply, str):
        return HOLE.sub(lambda hole: groups.get(hole[1], hole[2] or ""), reply)
    if isinstance(reply, Mapping):
        return {key: fill(value, groups) for key, value in reply.items()}
    if isinstance(reply, list):
        return [fill(value, groups) for value in reply]
    return reply
