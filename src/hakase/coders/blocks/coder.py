"""A language model edits code by SEARCH/REPLACE blocks; what is wrong with them it hears before anything runs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hakase.coders.blocks.applying import read_edit
from hakase.coders.blocks.steps import AnswerProblem
from hakase.coders.diffs import unified_diff
from hakase.disk import write_atomic
from hakase.errors import ConfigError, ScientistError
from hakase.models import Models, Question, Turn
from hakase.naming import slug
from hakase.prompts import render, visible
from hakase.records import Edit, RunPlan

TEMPERATURE = 0.2
PROBLEM_LIMIT = 600
"""Characters of a problem in ``Edit.problem``."""


class BlocksCoder:
    """Makes the whole edit that a plan's instruction asks for, or none."""

    name = "blocks"

    def __init__(self, models: Models | None = None) -> None:
        """Without ``models`` it can say its name, as preflight asks, and edit nothing."""
        self.models = models

    def edit(self, folder: Path, plan: RunPlan, editable: Sequence[str], feedback: str = "") -> Edit:
        """See ``seams.Coder``.

        Raises:
            BudgetSpent: a limit leaves no room for the call; the files are as they were.
            ModelError: the model cannot be asked; likewise.
            ConfigError: no language model is set.
        """
        models = self.models
        if models is None:
            fix = "name one with --model, or leave --coder away for the built-in scientist"
            raise ConfigError("the coder blocks needs a language model", key="coder", fix=fix)
        if not plan.instruction.strip():
            return Edit(problem="the plan has no instruction: this coder reads words, not changes of the syntax tree")
        try:
            before = {name: (folder / name).read_bytes().decode("utf-8-sig") for name in editable}
        except (OSError, UnicodeDecodeError) as error:
            return Edit(problem=f"an editable file cannot be read: {_reason(error)}")
        question = edit_question(plan, before, feedback)
        try:
            after = read_edit(models.text(question, lambda answer: find_problem(answer, before)), before)
        except (ScientistError, AnswerProblem) as error:
            reason = error.message if isinstance(error, ScientistError) else str(error)
            return Edit(problem=_shown(f"the model gave no edit that can be made: {reason}"))
        return _write(folder, before, after)


def find_problem(answer: str, before: Mapping[str, str]) -> str:
    """Why ``answer`` is no edit of the files ``before``; empty when it is one."""
    try:
        read_edit(answer, before)
    except AnswerProblem as problem:
        return str(problem)
    return ""


def edit_question(plan: RunPlan, before: Mapping[str, str], feedback: str = "") -> Question:
    """What is asked: the same words whenever plan, code and feedback are the same, wherever the code lies."""
    words = render(
        "coding/edit",
        label=_line(plan.label),
        purpose=_line(plan.purpose),
        instruction=visible(plan.instruction).strip(),
        packages=plan.packages,
        editable=tuple(before),
        feedback=feedback,
    )
    asked = hashlib.sha256(f"{plan.model_dump_json()}\n{feedback}".encode()).hexdigest()[:8]
    stage = "figures" if tuple(before) == ("plot.py",) else "experiments"
    return Question(
        slot=f"{stage}/edit/{slug(plan.label, 40) or 'plan'}-{asked}",
        role="coding",
        system=render("coding/format", example=next(iter(before))),
        turns=(Turn(f"{_quote_files(before)}\n{words}"),),
        temperature=TEMPERATURE,
    )


def _line(text: str) -> str:
    return " ".join(visible(text).split())


def _quote_files(files: Mapping[str, str]) -> str:
    """The files as they are, blank lines too: what a model copies into a SEARCH part has to be found."""
    texts = {name: visible(text.replace("\r\n", "\n")).rstrip() for name, text in files.items()}
    longest = max((len(ticks) for text in texts.values() for ticks in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return "".join(f"{name}\n{fence}\n{text}\n{fence}\n\n" for name, text in texts.items())


def _write(folder: Path, before: Mapping[str, str], after: Mapping[str, str]) -> Edit:
    """Write what changed; when the disk refuses one file, those before it get their old text again."""
    changed = tuple(name for name in before if after[name] != before[name])
    written: list[str] = []
    try:
        for name in changed:
            written.append(name)
            write_atomic(folder / name, after[name])
    except OSError:
        for name in written[:-1]:
            write_atomic(folder / name, before[name])
        raise
    return Edit(files=changed, diff=unified_diff(before, after, changed))


def _reason(error: OSError | UnicodeDecodeError) -> str:
    """Without the folder's path, which differs from machine to machine."""
    if isinstance(error, OSError):
        return f"{Path(str(error.filename)).name}: {error.strerror}"
    return f"it is not UTF-8 ({error.reason} at byte {error.start})"


def _shown(problem: str) -> str:
    """On one line, as an attempt's problem is."""
    problem = " ".join(problem.split())
    return problem if len(problem) <= PROBLEM_LIMIT else problem[:PROBLEM_LIMIT].rstrip() + " …"
