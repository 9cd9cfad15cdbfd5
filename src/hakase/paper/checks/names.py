"""Names that a draft uses: citation keys, labels, files and facts. Each must be one that exists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from hakase.paper.checks.known import Known, figure_labels, section_labels
from hakase.paper.checks.reading import citations, commands, read_pieces, references
from hakase.records import Draft, Finding
from hakase.seams import PaperBrief


def check_citations(draft: Draft, brief: PaperBrief) -> Iterator[Finding]:
    """Every key that is cited belongs to a work of the brief."""
    for section, text in draft.sections.items():
        for command in citations(text):
            for key in command.keys:
                if key not in brief.works:
                    fix = _near(key, brief.works, "cite one of the given works")
                    yield Finding(check="citation", where=section, message=f"unknown key {key}", fix=fix, excerpt=key)


def check_files(draft: Draft, brief: PaperBrief) -> Iterator[Finding]:
    """``\\input`` and ``\\includegraphics`` name generated parts and figures, each part once."""
    known = Known.of(brief)
    seen: Counter[str] = Counter()
    for section, text in draft.sections.items():
        for command in commands(text, "input", "include"):
            name = (command.keys or ("",))[0].removesuffix(".tex")
            seen[name] += 1
            if name not in known.parts:
                fix = _near(name, known.parts, "remove it")
                yield Finding(
                    check="file", where=section, message=f"unknown part {name}", fix=fix, excerpt=command.source
                )
            elif seen[name] == 2:
                message = f"{name} is put in twice"
                yield Finding(
                    check="duplicate_part", where=section, message=message, fix="keep one", excerpt=command.source
                )
        for command in commands(text, "includegraphics"):
            name = (command.keys or ("",))[0].rsplit("/", 1)[-1]
            if name not in known.pictures and not any(p.rsplit(".", 1)[0] == name for p in known.pictures):
                fix = _near(name, known.pictures, "remove it")
                yield Finding(check="file", where=section, message=f"no figure {name}", fix=fix, excerpt=command.source)


def check_labels(draft: Draft, brief: PaperBrief) -> Iterator[Finding]:
    """Every reference has its label, and no label stands twice."""
    known = Known.of(brief)
    own = Counter(key for text in draft.sections.values() for c in commands(text, "label") for key in c.keys)
    placed = _placed_parts(draft)
    defined = {*own, *section_labels(draft), *(label for label, part in known.part_of_label.items() if part in placed)}
    for section, text in draft.sections.items():
        for command in references(text):
            for label in command.keys:
                if label not in defined:
                    part = known.part_of_label.get(label)
                    fix = rf"add \input{{{part}}}" if part else _near(label, defined, "remove the reference")
                    message = f"nothing has the label {label}"
                    yield Finding(check="reference", where=section, message=message, fix=fix, excerpt=command.source)
    for label, count in own.items():
        if count > 1:
            where = next(s for s, text in draft.sections.items() if label in text)
            yield Finding(
                check="label", where=where, message=f"the label {label} stands twice", excerpt=rf"\label{{{label}}}"
            )


def check_shown(draft: Draft, brief: PaperBrief) -> Iterator[Finding]:
    """The results table and every figure are put in and referred to."""
    known = Known.of(brief)
    referred = {key for text in draft.sections.values() for c in references(text) for key in c.keys}
    placed = _placed_parts(draft)
    pictures = [c.source for text in draft.sections.values() for c in commands(text, "includegraphics")]
    for label in ("tab:results", *figure_labels(brief)):
        part = known.part_of_label.get(label)
        if part is None:
            continue
        drawn = part in placed or any(part.removeprefix("figure_") in source for source in pictures)
        if not drawn:
            fix = rf"add \input{{{part}}} and a sentence with \ref{{{label}}}"
            yield Finding(
                check="not_shown", where="results", message=f"{part} is not in the paper", fix=fix, excerpt=label
            )
        elif part in placed and label not in referred:
            message, fix = f"nothing refers to {label}", rf"add a sentence with \ref{{{label}}}"
            yield Finding(check="not_referenced", where="results", message=message, fix=fix, excerpt=label)


def check_facts(draft: Draft, brief: PaperBrief) -> Iterator[Finding]:
    """Every macro that is named like a fact is one."""
    known = Known.of(brief)
    for section, text in draft.sections.items():
        for piece in read_pieces(text):
            if piece.kind == "macro" and known.claims_to_be_fact(piece.name) and piece.name not in known.facts:
                message = f"no fact has the name \\{piece.name}"
                fix = _near(piece.name, known.facts, "use a fact that exists")
                yield Finding(check="fact", where=section, message=message, fix=fix, excerpt=f"\\{piece.name}")


def _placed_parts(draft: Draft) -> frozenset[str]:
    inputs = (c for text in draft.sections.values() for c in commands(text, "input", "include"))
    return frozenset(key.removesuffix(".tex") for c in inputs for key in c.keys)


def _near(name: str, known: Iterable[str], otherwise: str) -> str:
    close = get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"perhaps {' or '.join(close)}" if close else otherwise
