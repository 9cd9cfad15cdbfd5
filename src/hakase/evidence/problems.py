"""The one refusal of this package: a run's results cannot be used, said with file, key and mend."""

from __future__ import annotations

from hakase.errors import HakaseError

EXAMPLE = '{"digits": {"means": {"test_accuracy_mean": 0.91}, "stderrs": {"test_accuracy_stderr": 0.004}, ' \
    '"final_info_dict": {"test_accuracy": [0.92, 0.90, 0.91]}}}'  # fmt: skip
"""A complete ``final_info.json``."""


class ResultProblem(HakaseError):
    """The results of a run break the contract of ``final_info.json``.

    After an experiment this is data: its text goes back to the scientist.
    """
