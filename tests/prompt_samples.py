"""Sample values for every prompt, so that each is rendered in ``test_prompts.py``.

A stage's samples stand in a module ``tests/prompt_samples_<stage>.py`` as a dictionary ``SAMPLES``: the prompt's name
-> its values, or a list of several such values where a prompt has branches.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Values = Mapping[str, Any]


def all_samples() -> dict[str, list[Values]]:
    """Prompt name -> its sample values, one for each branch that is worth rendering."""
    found: dict[str, list[Values]] = {}
    for file in sorted(Path(__file__).parent.glob("prompt_samples_*.py")):
        samples = importlib.import_module(f"tests.{file.stem}").SAMPLES
        for name, values in samples.items():
            found.setdefault(name, []).extend(values if isinstance(values, list) else [values])
    return found
