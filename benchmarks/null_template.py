"""Makes a copy of the template `digits` in which no change of the code can change the results, except by chance.

    python benchmarks/null_template.py FOLDER [--kind independent|correlated] [--effect 0.0]

All functions of experiment.py stay as they are, so that edits find what they look for; only its results come from
null_draws.py, which no coder may edit, instead of from training.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from hakase.workspace import packaged_templates

KINDS = {"independent": 0.0, "correlated": 0.9}
"""Kind of noise -> share of the variance that runs with the same seed have in common."""
DRAWS = Path(__file__).with_name("null_draws.py")
REPLACEMENTS = {
    "from sklearn.datasets import load_breast_cancer, load_digits, load_wine\n"
    "from sklearn.model_selection import train_test_split\n": "from null_draws import draw_seed\n",
    '{"digits": load_digits, "breast_cancer": load_breast_cancer, "wine": load_wine}': '("digits", "breast_cancer", '
    '"wine")',
    "    split = load_split(dataset)\n    per_seed": "    per_seed",
    "run_seed(split, config, seed)\n        per_seed": "draw_seed(dataset, seed)\n        per_seed",
}
"""Text of digits/experiment.py -> text of the null template's; each occurs once."""
NOT_COPIED = shutil.ignore_patterns("run_*", "ideas.json", ".*", "__pycache__")


def make_null_template(folder: Path, kind: str, effect: float = 0.0) -> Path:
    """The null template in ``folder``, which must not exist; ``effect`` lowers the losses of every run but run_0.

    Raises:
        ValueError: digits/experiment.py no longer has a text that is replaced.
    """
    shutil.copytree(packaged_templates()["digits"], folder, ignore=NOT_COPIED)
    experiment = folder / "experiment.py"
    experiment.write_text(replace_results(experiment.read_text(encoding="utf-8")), encoding="utf-8")
    draws = DRAWS.read_text(encoding="utf-8")
    draws = replace_once(draws, "SHARED = 0.0", f"SHARED = {KINDS[kind]!r}")
    draws = replace_once(draws, "EFFECT = 0.0", f"EFFECT = {effect!r}")
    (folder / "null_draws.py").write_text(draws, encoding="utf-8")
    return folder


def replace_results(code: str) -> str:
    """The experiment with its results drawn instead of trained."""
    for old, new in REPLACEMENTS.items():
        code = replace_once(code, old, new)
    return code


def replace_once(text: str, old: str, new: str) -> str:
    """``text`` with its only ``old`` replaced; ValueError when there is not exactly one."""
    if text.count(old) != 1:
        raise ValueError(f"expected once, found {text.count(old)} times: {old!r}")
    return text.replace(old, new)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a template whose changes do nothing.")
    parser.add_argument("folder", type=Path, help="where the template goes; must not exist")
    parser.add_argument("--kind", choices=sorted(KINDS), default="independent", help="what runs have in common")
    parser.add_argument("--effect", type=float, default=0.0, help="share by which changed runs have lower losses")
    arguments = parser.parse_args()
    print(make_null_template(arguments.folder, arguments.kind, arguments.effect))


if __name__ == "__main__":
    main()
