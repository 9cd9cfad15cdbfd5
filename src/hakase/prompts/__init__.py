"""The words that a language model is given: one Jinja file a question, rendered strictly.

A variable that is missing is a mistake of ours and raises. Text that comes from elsewhere (abstracts, program output, a
PDF) is quoted with the filter ``data``: between markers, without invisible characters, said to be data.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent
DATA_BEGIN = "<<<DATA"
DATA_END = "DATA>>>"
_KEPT_CONTROLS = frozenset("\n\t")


def render(name: str, **values: Any) -> str:
    """The prompt ``name`` (such as ``ideas/propose``) with its values.

    Raises:
        jinja2.UndefinedError: a value is missing.
    """
    text = _environment().get_template(f"{name}.md.j2").render(**values)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def prompt_names() -> tuple[str, ...]:
    """All prompts, sorted; parts that others include begin with an underscore and are not listed."""
    files = (path.relative_to(FOLDER) for path in FOLDER.rglob("*.md.j2") if not path.name.startswith("_"))
    return tuple(sorted(str(path).removesuffix(".md.j2") for path in files))


def visible(text: str) -> str:
    """``text`` without the characters that no reader sees: control, format (bidi, zero width, tags), private use."""
    return "".join(
        character
        for character in text
        if character in _KEPT_CONTROLS or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs", "Cn")
    )


def data(text: object, limit: int = 0) -> str:
    """``text`` as data for a prompt: marked, visible, and of at most ``limit`` characters (0: all), middle left out."""
    shown = shorten(_unmarked(visible(str(text))), limit)
    return f"{DATA_BEGIN}\n{shown.strip()}\n{DATA_END}"


def _unmarked(text: str) -> str:
    """``text`` without our markers, also where taking one out would leave another."""
    while DATA_BEGIN in text or DATA_END in text:
        text = text.replace(DATA_BEGIN, "").replace(DATA_END, "")
    return text


def shorten(text: str, limit: int) -> str:
    """``text`` with its middle left out, and that said, when it has more than ``limit`` characters (0: no limit)."""
    if not limit or len(text) <= limit:
        return text
    head, tail = limit * 2 // 3, limit // 3
    return f"{text[:head]}\n[… {len(text) - head - tail} characters left out …]\n{text[-tail:]}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        autoescape=False,
    )
    environment.filters["data"] = data
    environment.filters["shorten"] = shorten
    return environment
