"""What can be told of an edit before anything runs: no change, a file emptied or too large, syntax, the contract."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping

MAX_BYTES = 200_000
MAX_LINES = 20_000
CONTRACT = ("final_info", "out_dir")
"""Words that the code must go on using: the results' file, and the option that says where it is written."""


def find_problems(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What is wrong with the edit, one sentence or two each, for the model that made it; empty when nothing is."""
    changed = [name for name in before if after[name] != before[name]]
    if not changed:
        return ["The edit changes nothing: the files are as before."]
    found = [problem for name in changed for problem in _of_file(name, before[name], after[name])]
    if found:
        return found
    return [*_of_contract(before, after), *_of_effect({name: (before[name], after[name]) for name in changed})]


def _of_file(name: str, old: str, new: str) -> Iterator[str]:
    if not new.strip():
        yield f"{name} would be empty. No file may be emptied or removed."
        return
    size, lines = len(new.encode("utf-8", "replace")), new.count("\n")
    if size > max(MAX_BYTES, len(old.encode())) or lines > max(MAX_LINES, old.count("\n")):
        yield (
            f"{name} would have {lines:,} lines and {size:,} bytes; {MAX_LINES:,} lines and {MAX_BYTES:,} bytes are "
            "the most. Compute what you wrote out."
        )
    elif name.endswith(".py") and (problem := syntax_problem(new)) and not syntax_problem(old):
        yield f"{name} would not be valid Python: {problem}"


def syntax_problem(code: str) -> str:
    """What is wrong with the syntax, the line quoted; empty when it is valid."""
    try:
        _parse(code)
    except SyntaxError as error:
        line = (code.split("\n")[error.lineno - 1 : error.lineno] or [""])[0] if error.lineno else ""
        return f"{error.msg}, line {error.lineno}:\n{line.rstrip()[:200]}\n"
    except (ValueError, RecursionError, MemoryError) as error:  # a null character; brackets in brackets without end
        return f"{str(error) or type(error).__name__}."
    return ""


def _parse(code: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(code)


def _of_contract(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for word in CONTRACT:
        if any(word in text for text in before.values()) and not any(word in text for text in after.values()):
            yield (
                f"The code no longer mentions {word}. It must still take --out_dir and write final_info.json there, as "
                "it did."
            )


def _of_effect(changed: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    if all(name.endswith(".py") and _same_code(old, new) for name, (old, new) in changed.items()):
        yield "The edit changes only comments or layout: the code would do the same."


def _same_code(old: str, new: str) -> bool:
    try:
        return ast.dump(_parse(old)) == ast.dump(_parse(new))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
