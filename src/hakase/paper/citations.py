"""Which works a text cites, and their BibTeX. It does not look works up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_CITE = re.compile(r"\\[cC]ite[a-zA-Z]*\*?\s*(?:\[[^\]]*\]\s*){0,2}\{([^}]*)\}")
_COMMENT = re.compile(r"(?<!\\)%.*")


def cited_keys(texts: Iterable[str]) -> tuple[str, ...]:
    """Keys in the order of their first citation; comments do not count."""
    groups = (match[1] for text in texts for match in _CITE.finditer(_COMMENT.sub("", text)))
    keys = (key.strip() for group in groups for key in group.split(","))
    return tuple(dict.fromkeys(key for key in keys if key))


def bibliography(keys: Iterable[str], bibtex: Mapping[str, str]) -> str:
    """The BibTeX entries of ``keys``; a key without an entry is left out (the checks name it)."""
    return "\n\n".join(bibtex[key].strip() for key in keys if key in bibtex) + "\n"
