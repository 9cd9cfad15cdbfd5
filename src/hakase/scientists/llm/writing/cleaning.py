"""The raw text of one part as LaTeX that the checks can judge: form is mended, words and numbers stay the model's."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hakase.latex_text import escape
from hakase.scientists.llm.writing import markdown
from hakase.scientists.llm.writing.characters import escape_specials, to_ascii
from hakase.scientists.llm.writing.macros import mend_macros
from hakase.scientists.llm.writing.outline import TITLE
from hakase.scientists.llm.writing.placing import place_parts
from hakase.seams import PaperBrief

LONGEST_LINE = 400
"""Characters of a title that are looked at."""
MOST_GROUPS = 12
_OWN_HEADING = re.compile(r"\A\s*\\(?:sub)*section\*?\{[^{}]*\}\s*(?:\\label\{[^}]*\})?")
_COMMANDS = (
    (re.compile(r"\\section\*?(?=\{)"), r"\\subsection"),
    (re.compile(r"\\(?:toprule|midrule|bottomrule)\b(?:\[[^\]]*\])?"), r"\\hline"),
    (
        re.compile(r"\\(?:[cC]itep?|citet|citealp|citealt|citeauthor|parencite|textcite|autocite)\*?(?=[\[{])"),
        r"\\cite",
    ),
    (re.compile(r"\\cite(?:\[[^\]]*\])+(?=\{)"), r"\\cite"),
    (re.compile(r"\\(?:auto|c|C)ref\*?\{fig:"), r"Figure~\\ref{fig:"),
    (re.compile(r"\\(?:auto|c|C)ref\*?\{tab:"), r"Table~\\ref{tab:"),
    (re.compile(r"\\(?:auto|c|C)ref\*?\{"), r"\\ref{"),
    (re.compile(r"\\mathbb\b"), r"\\mathbf"),
    (re.compile(r"\\(?:centering|noindent|label\{sec:[^}]*\})\s*(?=\n|\Z)"), ""),
)
"""Commands that this paper's classes lack or give another place -> what stands for them."""


def clean_section(raw: str, section: str, brief: PaperBrief, elsewhere: Iterable[str] = ()) -> str:
    """LaTeX of ``section``; ``elsewhere`` are the paper's other sections, whose figures are not put in again."""
    text = _OWN_HEADING.sub("", raw)
    for pattern, replacement in _COMMANDS:
        text = pattern.sub(replacement, text)
    text = escape_specials(markdown.to_latex(to_ascii(text)))
    text = mend_macros(text, section, brief)
    text = place_parts(text, section, brief, elsewhere)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+$", "", text, flags=re.M)).strip()


def clean_title(raw: str) -> str:
    """A title on one line that prints as it reads: plain text, escaped; commands become what they print."""
    from pylatexenc.latex2text import LatexNodes2Text

    line = next((line for line in raw.replace("\\\\", " ").splitlines() if line.strip(" #*=`{}")), "")
    line = re.sub(r"\A[\s#*]*(?:title\s*:)?[\s*]*", "", line, flags=re.I)
    line = re.sub(r"\\title\b|\\[\[\]()]", "", line)[:LONGEST_LINE]
    line = re.sub(r"[{}]", "", line) if line.count("{") > MOST_GROUPS else line
    text = LatexNodes2Text(math_mode="text").latex_to_text(re.sub(r"(?<!\\)([%&#_])", r"\\\1", line))
    text = "".join(c for c in text if c not in "*`{}")
    text = re.sub(r"\s+", " ", text).strip(" .\"'\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}")
    return escape("".join(c for c in text if c in " ?" or escape(c) not in ("", "?"))).strip()


def clean_part(name: str, raw: str, brief: PaperBrief, elsewhere: Iterable[str] = ()) -> str:
    """A title or a section."""
    return clean_title(raw) if name == TITLE else clean_section(raw, name, brief, elsewhere)
