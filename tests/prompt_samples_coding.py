"""Sample values for the prompts of the coder ``blocks``."""

from __future__ import annotations

from typing import Any

_PLAN = {
    "label": "weight decay 1e-4",
    "purpose": "the idea as stated",
    "instruction": "In experiment.py set Config.weight_decay to 1e-4.",
    "packages": (),
    "editable": ("experiment.py",),
    "feedback": "",
}
SAMPLES: dict[str, Any] = {
    "coding/format": {"example": "experiment.py"},
    "coding/edit": [
        _PLAN,
        {**_PLAN, "packages": ("einops",), "feedback": "exit code 1: NameError: name 'decay' is not defined"},
    ],
}
