"""Does each configured model answer, how fast, for how much, and with what: two small real calls a model.

For ``hakase doctor --live``. Nothing is kept, and no budget is charged.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

from pydantic import BaseModel, Field

from hakase.errors import HakaseError
from hakase.models.endpoint import Arrived, Endpoint
from hakase.models.faults import Fault, classify
from hakase.models.names import Resolved, missing_key, no_key, resolve, role_models
from hakase.models.parsing import Unreadable, read_form, shape_of
from hakase.models.prices import price_of
from hakase.models.question import Role, Turn
from hakase.models.quirks import named_in, next_suspect
from hakase.models.refusals import refusal
from hakase.models.sending import Sending
from hakase.settings import Settings

LIMIT = 60.0
"""Seconds for one small call."""


class Colour(BaseModel):
    """What the small question asks for."""

    colour: str = Field(description="the colour of a clear sky by day, one word")


@dataclass(frozen=True)
class RoleReport:
    """What one model did with the small question."""

    model: str
    """As configured."""
    roles: tuple[Role, ...]
    seconds: float | None = None
    """For one small reply."""
    usd: float | None = None
    """Of both calls; None when the price is not known."""
    schema: bool = False
    """Whether forms can be asked for by JSON schema."""
    tools: bool = False
    """Whether forms can be asked for by a tool."""
    problem: str = ""
    """In words; empty when it answers."""
    fix: str = ""


def probe(settings: Settings) -> tuple[RoleReport, ...]:
    """One report for each distinct model that is configured; none with the built-in scientist alone."""
    return tuple(_report(name, roles, settings) for name, roles in role_models(settings).items())


def _report(name: str, roles: tuple[Role, ...], settings: Settings) -> RoleReport:
    report = RoleReport(name, roles)
    try:
        resolved = resolve(name, settings)
        if variable := missing_key(resolved):
            raise no_key(name, variable)
        prober = _Prober(Endpoint(resolved), min(LIMIT, settings.model_timeout))
        schema, tools = prober.works("schema"), prober.works("tools")
        if not prober.arrived:
            prober.ask(frozenset({"schema", "tools"}))
    except HakaseError as error:
        return replace(report, problem=error.message, fix=error.fix or "")
    return replace(
        report, seconds=prober.seconds, usd=_price(prober.arrived, resolved, settings), schema=schema, tools=tools
    )


def _price(arrived: list[Arrived], resolved: Resolved, settings: Settings) -> float | None:
    prices = [price_of(resolved, one.usage, settings) for one in arrived]
    known = [price for price in prices if price is not None]
    return sum(known) if len(known) == len(prices) else None


class _Prober:
    """Asks one endpoint the small question."""

    def __init__(self, endpoint: Endpoint, limit: float) -> None:
        self.endpoint = endpoint
        self.limit = limit
        self.arrived: list[Arrived] = []
        self.seconds: float | None = None

    def works(self, mode: str) -> bool:
        """Whether a form asked for by ``mode`` comes back filled in."""
        without = frozenset({"tools"} if mode == "schema" else {"schema"})
        try:
            text = self.ask(without, mode).text
            read_form(text, Colour)
        except (_Refused, Unreadable):
            return False
        return True

    def ask(self, without: frozenset[str], mode: str = "") -> Arrived:
        """One reply; what else the server refuses is left out.

        Raises:
            _Refused: it refuses ``mode``.
            ModelError: it cannot be asked.
        """
        turn = Turn("Task: say which colour a clear sky has by day, in one word.")
        sending = Sending("You answer in few words.", (turn,), 0.0, shape_of(Colour), timeout=self.limit)
        sending = replace(sending, without=without, say_fields=True)
        while True:
            result = self._once(sending)
            if isinstance(result, Arrived):
                return result
            left_out = named_in(result.words, sending) or next_suspect(sending)
            if result.kind != "rejected" or not left_out:
                raise refusal(result, self.endpoint.resolved, self.limit)
            if left_out == mode:
                raise _Refused
            sending = sending.lacking(left_out)

    def _once(self, sending: Sending) -> Arrived | Fault:
        began = time.monotonic()
        try:
            arrived = self.endpoint.send(sending, lambda: None, threading.Event())
        except Exception as error:
            if (fault := classify(error)) is None:
                raise
            return fault
        self.arrived.append(arrived)
        self.seconds = self.seconds or time.monotonic() - began
        return arrived


class _Refused(Exception):
    """The server refuses the way in which a form was asked for."""
