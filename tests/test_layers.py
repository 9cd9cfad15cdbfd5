"""Imports go downwards only, and siblings do not know each other."""

import ast
from pathlib import Path

import hakase

ROOT = Path(hakase.__file__).parent
LAYERS = (
    {"__main__"},
    {"cli"},
    {"launch"},
    {"summary", "preflight"},
    {"pipeline"},
    {"stages"},
    {"scientists", "coders", "sandboxes", "literature", "evidence", "paper"},
    {"catalogue"},
    {"syntax"},
    {"models"},
    {"metrics", "notes", "costs"},
    {"study"},
    {"template", "workspace", "packages"},
    {"ideas", "journal", "budget", "settings", "environment", "launches"},
    {"disk", "seams", "progress", "directions", "latex_text", "prompts", "spending"},
    {"records", "naming"},
    {"errors"},
    {"hakase"},
)
"""From the top down. Parts of one layer do not import each other, apart from those named below."""


def level(part: str) -> int:
    return next(number for number, parts in enumerate(LAYERS) if part in parts)


def imports(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return {name.split(".")[1] if "." in name else name for name in modules if name.split(".")[0] == "hakase"}


def part_of(file: Path) -> str:
    first = file.relative_to(ROOT).parts[0]
    return "hakase" if first == "__init__.py" else first.removesuffix(".py")


def test_imports_go_downwards_only() -> None:
    wrong = [
        f"{file.relative_to(ROOT)} imports {target}"
        for file in sorted(ROOT.rglob("*.py"))
        if "templates" not in file.relative_to(ROOT).parts[:1]
        for target in imports(file)
        if target != part_of(file) and level(target) <= level(part_of(file))
    ]
    assert not wrong, "\n".join(wrong)


def test_every_part_has_a_layer() -> None:
    parts = {part_of(file) for file in ROOT.rglob("*.py") if file.relative_to(ROOT).parts[0] != "templates"}
    assert parts <= set().union(*LAYERS), parts - set().union(*LAYERS)
