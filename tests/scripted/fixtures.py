"""For tests: ``from tests.scripted.fixtures import playing`` brings the fixture ``play``, which starts servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.scripted.server import Server, serve

Play = Callable[..., Server]
"""Takes what ``serve`` takes."""


@pytest.fixture(name="play")
def playing() -> Iterator[Play]:
    """Servers that live as long as the test."""
    with ExitStack() as stack:
        yield lambda *words, **options: stack.enter_context(serve(*words, **options))
