"""Where a LaTeX template wants each part of a paper: by placeholder, by section title, or in reading order.

It works on text of templates that people wrote, and leaves everything else in them as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

PLACEHOLDERS = {
    "abstract": ("ABSTRACT HERE",),
    "introduction": ("INTRO HERE", "INTRODUCTION HERE"),
    "related_work": ("RELATED WORK HERE",),
    "background": ("BACKGROUND HERE",),
    "method": ("METHOD HERE", "METHODS HERE"),
    "experimental_setup": ("EXPERIMENTAL SETUP HERE",),
    "results": ("RESULTS HERE",),
    "limitations": ("LIMITATIONS HERE",),
    "conclusion": ("CONCLUSIONS HERE", "CONCLUSION HERE"),
}
TITLES = {
    "introduction": ("introduction",),
    "related_work": ("related work", "related works", "prior work"),
    "background": ("background", "preliminaries"),
    "method": ("method", "methods", "methodology", "approach"),
    "experimental_setup": ("experimental setup", "experimental set-up", "setup", "experiments"),
    "results": ("results", "experimental results", "results and discussion"),
    "limitations": ("limitations", "limitations and future work"),
    "conclusion": ("conclusion", "conclusions", "conclusions and future work", "conclusion and future work"),
}
HEADINGS = {
    "introduction": "Introduction",
    "related_work": "Related Work",
    "background": "Background",
    "method": "Method",
    "experimental_setup": "Experimental Setup",
    "results": "Results",
    "limitations": "Limitations",
    "conclusion": "Conclusion",
}
_SECTION = re.compile(
    r"^[ \t]*\\section\*?\{([^}]*)\}[ \t]*(?:\\label\{[^}]*\})?[ \t]*\n?(?:[ \t]*\\label\{[^}]*\}[ \t]*\n)?",
    re.M,
)
_BACK_MATTER = re.compile(
    r"^[ \t]*\\(bibliography(style)?|printbibliography|appendix|(begin\{thebibliography|end\{document)\})",
    re.M,
)
_MADE_BY = re.compile(r"^[ \t]*This (?:work|paper) was (?:generated|written|produced) by[^\n]*\n", re.M)
_LEFTOVER = re.compile(r"(?<![A-Z])(?:[A-Z]+ ){1,6}HERE\b")
_FLOAT = re.compile(r"\\begin\{(figure|table)(\*?)\}.*?\\end\{\1\2\}[ \t]*\n?", re.S)


def fill_slot(tex: str, section: str, block: str) -> str:
    """``tex`` with ``block`` (a section's body) in its place; a section that is missing is added."""
    for place in (_at_placeholder, _at_title, _at_reading_order):
        filled = place(tex, section, block)
        if filled is not None:
            return filled
    raise AssertionError("reading order places every section")


def remove_slot(tex: str, section: str) -> str:
    """``tex`` without the heading of ``section``, when nothing but a placeholder stands under it."""
    names = "|".join(map(re.escape, PLACEHOLDERS[section]))
    heading = r"\\begin\{abstract\}" if section == "abstract" else r"\\section\*?\{[^}]*\}"
    ending = r"\s*\\end\{abstract\}" if section == "abstract" else ""
    slot = rf"^[ \t]*{heading}\s*(?:\\label\{{[^}}]*\}}\s*)?(?:{names}){ending}[ \t]*\n?"
    return re.sub(slot, "", tex, flags=re.M)


def fill_title(tex: str, title: str) -> str:
    """``tex`` with ``title`` at its placeholder, else as the argument of ``\\title``."""
    if "TITLE HERE" in tex:
        return tex.replace("TITLE HERE", title)
    return _set_argument(tex, "title", title)


def fill_author(tex: str, author: str) -> str:
    """``tex`` with ``author`` in place of whoever the template names, and without its words on who made the paper."""
    tex = _MADE_BY.sub("", tex)
    if "AUTHOR HERE" in tex:
        return tex.replace("AUTHOR HERE", author)
    return _set_argument(tex, "author", author)


def _set_argument(tex: str, command: str, argument: str) -> str:
    """``tex`` with another argument for the first ``\\command`` that is no comment; as it is without one."""
    found = re.search(rf"^[^%\n]*\\{command}(\[[^\]]*\])?\{{", tex, re.M)
    if found is None:
        return tex
    return tex[: found.end()] + argument + tex[_closing_brace(tex, found.end()) :]


def clear_leftovers(tex: str) -> str:
    """``tex`` without floats that still hold a placeholder, and without placeholders."""
    tex = _FLOAT.sub(lambda found: "" if _LEFTOVER.search(found[0]) else found[0], tex)
    return _LEFTOVER.sub("", tex)


def _at_placeholder(tex: str, section: str, block: str) -> str | None:
    for name in PLACEHOLDERS[section]:
        found = re.search(rf"^(?P<before>[^%\n]*?)(?<![A-Z] ){re.escape(name)}", tex, re.M)
        if found is not None:
            rest = tex[found.end() :].replace(name, "")
            return tex[: found.end("before")] + block + rest
    return None


def _at_title(tex: str, section: str, block: str) -> str | None:
    if section == "abstract":
        found = re.search(r"\\begin\{abstract\}[ \t]*\n?(?P<body>.*?)\\end\{abstract\}", tex, re.S)
        return found and tex[: found.start("body")] + block + "\n" + tex[found.end("body") :]
    for heading in _SECTION.finditer(tex):
        if heading[1].strip().lower() in TITLES[section]:
            return tex[: heading.end()] + block + "\n" + tex[heading.end() :]
    return None


def _at_reading_order(tex: str, section: str, block: str) -> str:
    """Before the first later section that the template has, else before the back matter."""
    if section == "abstract":
        block = f"\\begin{{abstract}}\n{block}\n\\end{{abstract}}\n\n"
        at = _after(tex, r"\\maketitle[ \t]*\n?") or _after(tex, r"\\begin\{document\}[ \t]*\n?") or 0
    else:
        block = f"\\section{{{HEADINGS[section]}}}\n{block}\n\n"
        at = _next_section(tex, list(HEADINGS)[list(HEADINGS).index(section) + 1 :])
    return tex[:at] + block + tex[at:]


def _next_section(tex: str, later: Sequence[str]) -> int:
    titles = {title for name in later for title in TITLES[name]}
    for heading in _SECTION.finditer(tex):
        if heading[1].strip().lower() in titles:
            return heading.start()
    back = _BACK_MATTER.search(tex)
    return back.start() if back else len(tex)


def _after(tex: str, pattern: str) -> int | None:
    found = re.search(pattern, tex)
    return found.end() if found else None


def _closing_brace(tex: str, start: int) -> int:
    """Where the group that was opened just before ``start`` closes."""
    depth = 1
    for i in range(start, len(tex)):
        if tex[i - 1] != "\\":
            depth += {"{": 1, "}": -1}.get(tex[i], 0)
        if depth == 0:
            return i
    return len(tex)
