"""Every prompt renders strictly from sample records, and says what it is for."""

from __future__ import annotations

import re

import pytest
from jinja2 import UndefinedError

from hakase.prompts import DATA_BEGIN, DATA_END, FOLDER, prompt_names, render
from tests.prompt_samples import Values, all_samples

SAMPLES = all_samples()
CASES = [(name, values) for name, branches in sorted(SAMPLES.items()) for values in branches]


def test_every_prompt_has_a_sample() -> None:
    missing = sorted(set(prompt_names()) - set(SAMPLES))
    assert not missing, f"no sample in tests/prompt_samples_*.py for: {', '.join(missing)}"


def test_every_sample_has_its_prompt() -> None:
    assert set(SAMPLES) <= set(prompt_names())


@pytest.mark.parametrize(("name", "values"), CASES, ids=[name for name, _ in CASES])
def test_a_prompt_renders_the_same_each_time_and_leaves_nothing_open(name: str, values: Values) -> None:
    text = render(name, **values)
    assert text == render(name, **values)
    assert text.strip()
    assert text.count(DATA_BEGIN) == text.count(DATA_END)
    assert "\n\n\n" not in text
    assert " object at 0x" not in text
    assert len(re.findall(r"^Task: ", text, flags=re.MULTILINE)) <= 1


@pytest.mark.parametrize("name", [name for name in sorted(SAMPLES) if SAMPLES[name][0]])
def test_a_missing_value_is_a_mistake_of_ours(name: str) -> None:
    with pytest.raises(UndefinedError):
        render(name)


def test_no_prompt_file_is_empty_or_misnamed() -> None:
    files = [path for path in FOLDER.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    assert all(path.name.endswith(".md.j2") and path.stat().st_size for path in files)
