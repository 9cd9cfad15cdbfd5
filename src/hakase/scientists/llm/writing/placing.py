"""Figures and tables where a section speaks of them: the harness' own parts, each once, in place of typed floats."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hakase.scientists.llm.writing.briefing import figure_names, generated_parts
from hakase.seams import PaperBrief

_FLOAT = re.compile(r"\\begin\{(figure|wrapfigure)(\*?)\}.*?\\end\{\1\2\}", re.S)
_PICTURE = re.compile(r"\\includegraphics\*?(?:\[[^\]]*\])?\{([^}]*)\}")
_INPUT = re.compile(r"[ \t]*\\input\{([^}]*)\}[ \t]*\n?")
_LABEL = re.compile(r"\\label\{([^}]*)\}")


def place_parts(text: str, section: str, brief: PaperBrief, elsewhere: Iterable[str] = ()) -> str:
    """``text`` with every figure as its generated part, no part twice, and those that it refers to put in.

    Args:
        elsewhere: the paper's other sections, whose parts are not put in again.
    """
    text = _replace_floats(text, brief)
    placed = {_name(found[1]) for other in elsewhere for found in _INPUT.finditer(other)}
    text = _keep_first(text, placed)
    for part in generated_parts(brief, [section]):
        reference = rf"\ref{{{part['label']}}}"
        if reference in text and part["part"] not in placed | set(inputs(text)):
            text = _put_in(text, part["part"], reference)
    return text


def restore_parts(text: str, before: str, elsewhere: Iterable[str] = ()) -> str:
    """``text`` with the parts that ``before`` put in and that stand nowhere any more, at its end."""
    kept = {name for other in (text, *elsewhere) for name in inputs(other)}
    lost = [name for name in dict.fromkeys(inputs(before)) if name not in kept]
    return "\n\n".join([text.rstrip(), *(f"\\input{{{name}}}" for name in lost)])


def inputs(text: str) -> list[str]:
    """Names of the parts that ``text`` puts in, without ``.tex``."""
    return [_name(found[1]) for found in _INPUT.finditer(text)]


def _name(argument: str) -> str:
    return argument.strip().rsplit("/", 1)[-1].removesuffix(".tex")


def _replace_floats(text: str, brief: PaperBrief) -> str:
    """Floats with a picture of the study as its generated part; references to their own labels follow."""
    known = {figure.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]: figure_names(figure.file) for figure in brief.figures}
    renamed: dict[str, str] = {}

    def replace(found: re.Match[str]) -> str:
        stems = [path.strip().rsplit("/", 1)[-1].removesuffix(".png") for path in _PICTURE.findall(found[0])]
        names = [known[stem] for stem in dict.fromkeys(stems) if stem in known]
        if not names:
            return found[0]
        renamed.update(dict.fromkeys(_LABEL.findall(found[0]), names[0][1]))
        return "\n\n" + "\n\n".join(f"\\input{{{part}}}" for part, _ in names) + "\n\n"

    text = _FLOAT.sub(replace, text)
    return re.sub(r"\\ref\{([^}]*)\}", lambda m: rf"\ref{{{renamed.get(m[1], m[1])}}}", text)


def _keep_first(text: str, placed: set[str]) -> str:
    seen = set(placed)

    def keep(found: re.Match[str]) -> str:
        name = _name(found[1])
        if name in seen:
            return ""
        seen.add(name)
        return found[0]

    return _INPUT.sub(keep, text)


def _put_in(text: str, part: str, reference: str) -> str:
    """The part after the paragraph, list or formula that refers to it first."""
    at = text.index(reference)
    for gap in re.finditer(r"\n[ \t]*\n", text):
        before = text[: gap.start()]
        if gap.start() > at and before.count("\\begin{") == before.count("\\end{"):
            return f"{before}\n\n\\input{{{part}}}\n\n{text[gap.end() :]}"
    return f"{text.rstrip()}\n\n\\input{{{part}}}"
