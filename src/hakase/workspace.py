"""The folder a user works in: ``templates/ data/ results/`` and an optional ``hakase.toml``.

Templates that come with Hakase are copied into the workspace when they are first used, where their owner can see and
change them. Nothing here looks inside a template or a study.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from hakase.errors import TemplateError, UsageError

NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.pyc", ".git", ".ipynb_checkpoints")


@dataclass(frozen=True)
class Workspace:
    """Paths of a workspace; ``results_folder`` moves results elsewhere."""

    root: Path
    results_folder: Path | None = None

    @property
    def templates(self) -> Path:
        return self.root / "templates"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def results(self) -> Path:
        return self.results_folder or self.root / "results"

    @property
    def cache(self) -> Path:
        return self.root / ".hakase"

    @property
    def launches(self) -> Path:
        """Where commands are on record until all their studies exist."""
        return self.cache / "launches"

    def baselines(self, template: str) -> Path:
        """Where measured baselines of ``template`` are kept."""
        return self.cache / "baselines" / template

    def template_names(self) -> list[str]:
        """Templates in the workspace, sorted."""
        if not self.templates.is_dir():
            return []
        return sorted(path.name for path in self.templates.iterdir() if path.is_dir() and path.name[0] not in "._")

    def studies(self, template: str | None = None) -> list[Path]:
        """Folders of all studies (of ``template``), oldest first."""
        found = (path.parent.parent for path in self.results.glob(f"{template or '*'}/*/records/idea.json"))
        return sorted((path for path in found if path.name[0] != "."), key=lambda path: path.name)


def packaged_templates() -> dict[str, Path]:
    """Name -> folder of the templates that come with Hakase."""
    here = Path(__file__).resolve().parent
    roots = (here / "templates", here.parent.parent / "templates")
    root = next((root for root in roots if root.is_dir()), None)
    if root is None:
        return {}
    return {path.name: path for path in sorted(root.iterdir()) if (path / "experiment.py").is_file()}


def open_workspace(root: Path | None = None, results: Path | None = None) -> Workspace:
    """The workspace at ``root``, by default the current folder.

    Raises:
        UsageError: ``root`` is no folder.
    """
    root = (root or Path.cwd()).resolve()
    if not root.is_dir():
        raise UsageError("the workspace is not a folder", file=root, fix="make it, or give another with --workspace")
    return Workspace(root, results.resolve() if results else None)


def fetch_template(workspace: Workspace, name: str) -> Path:
    """The folder of template ``name`` in the workspace, copied from the packaged ones if need be.

    Raises:
        TemplateError: there is none of that name.
    """
    folder = workspace.templates / name
    if "/" in name or name in {".", ".."}:
        return _template_at(workspace, Path(name))
    if folder.is_dir():
        return folder
    packaged = packaged_templates()
    if name in packaged:
        add_template(workspace, packaged[name], name)
        return folder
    known = sorted({*packaged, *workspace.template_names()})
    raise TemplateError(
        f"there is no template {name!r}",
        file=workspace.templates,
        fix=f"one of: {', '.join(known)}; or bring your own with `hakase template add FOLDER`",
    )


def _template_at(workspace: Workspace, path: Path) -> Path:
    folder = path.resolve()
    if folder.parent == workspace.templates:
        return folder
    raise TemplateError(
        "this template is outside the workspace",
        file=path,
        fix=f"`hakase template add {path}` copies it into {workspace.templates}",
    )


def add_template(workspace: Workspace, source: Path, name: str) -> Path:
    """Copy the template at ``source`` into the workspace as ``name``.

    Raises:
        TemplateError: ``source`` is no template folder, or the name is taken.
    """
    target = workspace.templates / name
    if not (source / "experiment.py").is_file():
        raise TemplateError("no experiment.py in this folder", file=source, fix="name a folder that has one")
    if target.exists():
        raise TemplateError("a template of this name is there already", file=target, fix="give another with --name")
    workspace.templates.mkdir(parents=True, exist_ok=True)
    partial = workspace.templates / f".{name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(source, partial, ignore=NOT_COPIED)
    partial.rename(target)
    return target
