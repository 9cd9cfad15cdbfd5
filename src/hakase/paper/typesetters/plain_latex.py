"""An assembled paper in the LaTeX that pandoc reads: parts put in, Hakase's macros spelled out.

What pandoc has no word for is simplified: floats stand where they are put in, listings lose their colours.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

_INPUT = re.compile(r"^([^%\n]*?)\\input\{([\w./-]+)\}", re.M)
_LISTING = re.compile(
    r"((?:^%\| [^\n]*\n)+)\\begin\{hakaselisting\*\}.*?\\caption\{(.*?)\}\n\\label.*?\\end\{hakaselisting\*\}",
    re.S | re.M,
)
_COUNTED = re.compile(
    r"\\(?P<heading>section|subsection)\{|\\begin\{(?P<float>(?:figure|table|hakaselisting|equation|align)\*?)\}"
    r"|\\label\{(?P<label>[^}]*)\}"
)
_REWRITES = (
    (re.compile(r"\\begin\{filecontents\*?\}.*?\\end\{filecontents\*?\}", re.S), ""),
    (re.compile(r"\\documentclass(\[[^\]]*\])?\{[^}]*\}"), r"\\documentclass{article}"),
    (re.compile(r"\\usepackage(\[[^\]]*\])?\{[^}]*\}"), ""),
    (re.compile(r"\\maketitle\s*\\hakasemark\b"), r"\\date{Written by a machine (Hakase \\hakaseversion)}\\maketitle"),
    (re.compile(r"\{\\hakasecode ((?:[^{}]|\{[^{}]*\})*)\}"), r"\\texttt{\1}"),
    (re.compile(r"\\label\{[^}]*\}"), ""),
    (re.compile(r"\\hakase(top|mid|bottom)\b"), r"\\hline"),
    (re.compile(r"\\hakasewidth\{([\d.]+)\}"), r"\1\\textwidth"),
    (re.compile(r"\\hakasefit\{(\\begin\{tabular\}.*?\\end\{tabular\})\}", re.S), r"\1"),
    (re.compile(r"\\setlength\{\\tabcolsep\}\{[^}]*\}"), ""),
    (re.compile(r"@\{[^{}]*(?:\{[^{}]*\})*[^{}]*\}"), ""),
    (re.compile(r"\\parbox(\[\w\])?\{[^}]*\}\{(\\centering ?)?"), "{"),
    (re.compile(r"\\begin\{(figure|table)\*\}"), r"\\begin{\1}"),
    (re.compile(r"\\end\{(figure|table)\*\}"), r"\\end{\1}"),
    (re.compile(r"^\\bibliographystyle\{.*$", re.M), ""),
    (re.compile(r"^\\bibliography\{.*$", re.M), r"\\section*{References}"),
)
_PRELUDE = r"""\newcommand{\hakasenumber}[1]{\ensuremath{#1}}
\newcommand{\hakasetext}[1]{#1}
\newcommand{\hakasebest}[1]{\textbf{#1}}
\newcommand{\hakasewrap}[1]{#1}
\newcommand{\hakasebreak}{}
"""


def plain_latex(folder: Path, main: str) -> str:
    """The whole paper as one text; ``\\input`` of a missing file vanishes."""
    tex = _number_references(_put_in(folder, (folder / main).read_text(encoding="utf-8")))
    tex = _LISTING.sub(_as_verbatim, tex)
    for pattern, replacement in _REWRITES:
        tex = pattern.sub(replacement, tex)
    tex = re.sub(r"\\char(\d+) ?", _as_character, tex)
    return tex.replace(r"\begin{document}", f"{_PRELUDE}\\begin{{document}}", 1)


def _put_in(folder: Path, tex: str) -> str:
    def read(found: re.Match[str]) -> str:
        name = found[2] if found[2].endswith(".tex") else f"{found[2]}.tex"
        file = (folder / name).resolve()
        inside = file.is_file() and folder.resolve() in file.parents
        return found[1] + (_put_in(folder, file.read_text(encoding="utf-8")) if inside else "")

    return _INPUT.sub(read, tex)


def _number_references(tex: str) -> str:
    """Every reference replaced by the number that its label has."""
    numbers: dict[str, str] = {}
    counts: Counter[str] = Counter()
    kind = ""
    for found in _COUNTED.finditer(tex):
        if found["label"]:
            numbers[found["label"]] = str(counts[kind]) if kind else "?"
        else:
            kind = (found["heading"] or found["float"]).rstrip("*")
            counts[kind] += 1
    tex = re.sub(r"\\eqref\{([^}]*)\}", lambda m: f"({numbers.get(m[1], '?')})", tex)
    return re.sub(r"\\(?:auto|page|c|C)?ref\{([^}]*)\}", lambda m: numbers.get(m[1], "?"), tex)


def _as_verbatim(found: re.Match[str]) -> str:
    code = "\n".join(line.removeprefix("%| ") for line in found[1].splitlines())
    return f"\\begin{{verbatim}}\n{code}\n\\end{{verbatim}}\n\\textbf{{Listing 1.}} {found[2]}\n"


def _as_character(found: re.Match[str]) -> str:
    from hakase.latex_text import escape

    character = {13: "'", 18: "`"}.get(int(found[1]), chr(int(found[1])))
    return escape(character)
