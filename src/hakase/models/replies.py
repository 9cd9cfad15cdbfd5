"""Kept replies: the key of a question, and how question and reply are written into a journal."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hakase.journal import ASKED_AFRESH, Journal, Kept
from hakase.models.names import Resolved
from hakase.models.question import Question, Reply, Turn, Usage
from hakase.models.sending import FormShape


def takes(journal: Journal) -> int:
    """How often this journal's questions were to be asked afresh."""
    return sum(1 for _ in journal.events(ASKED_AFRESH))


def describe(question: Question, turns: tuple[Turn, ...], resolved: Resolved, form: FormShape | None) -> dict[str, Any]:
    """Everything that is asked, as JSON; pictures by their hash."""
    return {
        "model": resolved.ref,
        "address": resolved.address,
        "system": question.system,
        "turns": [_turn(turn) for turn in turns],
        "temperature": question.temperature,
        "sample": question.sample,
        "form": form.schema if form else None,
    }


def key_of(described: dict[str, Any], number: int, take: int) -> str:
    """The key under which the reply to what was ``described`` is kept; ``number`` counts its re-asks."""
    text = json.dumps([described, number, take], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def to_json(reply: Reply) -> dict[str, Any]:
    """``reply`` for a journal."""
    return asdict(reply)


def from_kept(kept: Kept) -> Reply:
    """The reply in a journal's row."""
    names = ("text", "model", "usd", "seconds", "finish")
    known: dict[str, Any] = {name: kept.reply[name] for name in names if name in kept.reply}
    return Reply(**known, usage=Usage(**kept.reply.get("usage", {})))


def _turn(turn: Turn) -> dict[str, Any]:
    described: dict[str, Any] = {"speaker": turn.speaker, "text": turn.text}
    if turn.pictures:
        described["pictures"] = [_hash(path) for path in turn.pictures]
    return described


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
