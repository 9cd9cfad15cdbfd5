"""A research template: the small runnable baseline that a researcher brings, in the AI Scientist's layout.

``template.toml`` is optional and says what the AI Scientist's files cannot: which metric is primary, which way each is
better, what may be edited, seeds, a time limit, requirements. Loading validates everything that can be checked without
running anything; ``template_problems`` gathers all faults where ``load_template`` stops at the first.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field, ValidationError

from hakase.errors import TemplateError
from hakase.ideas import load_ideas, load_json
from hakase.naming import slug
from hakase.records import Direction, Idea, Record

PROMPT_EXAMPLE = '{"system": "You are …", "task_description": "You are given …"}'


class MetricSettings(Record):
    """The ``[metrics]`` table."""

    primary: str = ""
    directions: dict[str, Direction] = Field(default_factory=dict)


class RunSettings(Record):
    """The ``[run]`` table."""

    editable: tuple[str, ...] = ("experiment.py", "plot.py")
    seeds: tuple[int, ...] = ()
    """Given to each run as HAKASE_SEEDS, for templates that honour it."""
    timeout: float | None = Field(default=None, gt=0)
    """Seconds."""
    requirements: tuple[str, ...] = ()
    threads: int | None = Field(default=None, ge=1)
    """Threads of numerical libraries in one run; small arrays are quickest with one."""


class TemplateSettings(Record):
    """``template.toml``."""

    title: str = ""
    references: tuple[str, ...] = ()
    """Keys of works in the literature that papers from this template may cite, such as its data sets'."""
    metrics: MetricSettings = MetricSettings()
    run: RunSettings = RunSettings()


@dataclass(frozen=True)
class Template:
    """A template that can be read and whose static contract holds."""

    name: str
    folder: Path
    title: str
    system: str
    task: str
    settings: TemplateSettings
    seed_ideas: tuple[Idea, ...] = ()
    defaults: tuple[str, ...] = field(default=())
    """What the template lacks and what stands in, in words."""

    @property
    def ideas_file(self) -> Path:
        return self.folder / "ideas.json"

    @property
    def latex(self) -> Path | None:
        """The template's own LaTeX, if it brings one."""
        file = self.folder / "latex" / "template.tex"
        return file if file.is_file() else None

    @property
    def editable(self) -> tuple[str, ...]:
        """Files that a coder may change while experimenting, plot.py apart."""
        return tuple(name for name in self.settings.run.editable if name != "plot.py")

    def code(self) -> dict[str, str]:
        """Editable file -> text."""
        return {name: (self.folder / name).read_text(encoding="utf-8") for name in self.editable}


OWNED = re.compile(
    r"run_\d+(\.py)?|latex(_improved)?|attempts|records|journal\.db.*|notes\.txt|review(_improved)?\.txt|log\.txt"
    r"|ideas\.json|\..*"
)
"""Names at the top of a template or study that are outputs or the harness's, not part of the experiment."""


def experiment_files(folder: Path) -> Callable[[str, list[str]], set[str]]:
    """What to leave out when the experiment in ``folder`` is copied, for ``shutil.copytree``."""

    def leave_out(place: str, names: list[str]) -> set[str]:
        top = Path(place) == folder
        return {name for name in names if name == "__pycache__" or (top and OWNED.fullmatch(name))}

    return leave_out


def load_template(folder: Path) -> Template:
    """The template in ``folder``.

    Raises:
        TemplateError: the first thing that breaks the contract, with file, key and fix.
    """
    for problem in template_problems(folder):
        raise problem
    settings = _settings(folder)
    prompt = load_json(folder / "prompt.json") if (folder / "prompt.json").exists() else {}
    title = settings.title or folder.name.replace("_", " ")
    return Template(
        name=folder.name,
        folder=folder,
        title=title,
        system=prompt.get("system", ""),
        task=prompt.get("task_description", ""),
        settings=settings,
        seed_ideas=load_ideas(folder / "seed_ideas.json", origin="seed"),
        defaults=tuple(_defaults(folder)),
    )


def _defaults(folder: Path) -> Iterator[str]:
    if not (folder / "prompt.json").exists():
        yield "no prompt.json: the task is described by the folder's name and code"
    if not (folder / "seed_ideas.json").exists():
        yield "no seed_ideas.json: ideas start from the code alone"
    if not (folder / "latex" / "template.tex").exists():
        yield "no latex/template.tex: Hakase's own paper template stands in"
    if not (folder / "plot.py").exists():
        yield "no plot.py: the paper has the harness's figures only"
    elif find_labels(folder / "plot.py") is None:
        yield "plot.py has no `labels` dictionary: it is run as it is, and chooses runs and names itself"


def template_problems(folder: Path) -> Iterator[TemplateError]:
    """Everything in ``folder`` that breaks the contract, without running anything."""
    experiment = folder / "experiment.py"
    if not experiment.is_file():
        yield TemplateError(
            "experiment.py is missing",
            file=folder,
            fix="add the script that `python experiment.py --out_dir=run_0` runs",
        )
    else:
        yield from _code_problems(experiment)
    if (folder / "plot.py").is_file():
        yield from _syntax_problems(folder / "plot.py")
    for check in (_check_settings, _check_prompt, _check_seeds, _check_ideas):
        try:
            check(folder)
        except TemplateError as problem:
            yield problem


def _syntax_problems(file: Path) -> Iterator[TemplateError]:
    try:
        ast.parse(file.read_text(encoding="utf-8"))
    except SyntaxError as error:
        yield TemplateError(
            f"Python syntax: {error.msg}",
            file=file,
            key=f"line {error.lineno}",
            fix=f"mend: {(error.text or '').strip()}",
        )
    except UnicodeDecodeError as error:
        yield TemplateError(f"not UTF-8 text: {error.reason}", file=file, fix="save the file as UTF-8")


def _code_problems(experiment: Path) -> Iterator[TemplateError]:
    problems = list(_syntax_problems(experiment))
    yield from problems
    if not problems and "out_dir" not in experiment.read_text(encoding="utf-8"):
        yield TemplateError(
            "the script does not accept --out_dir",
            file=experiment,
            key="--out_dir",
            fix='parser.add_argument("--out_dir", default="run_0"), and write final_info.json into that folder',
        )


def _check_settings(folder: Path) -> None:
    settings = _settings(folder)
    for name in settings.run.editable:
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise TemplateError("an editable file lies outside the template", file=folder / "template.toml", key=name)
        if not path.is_file() and name != "plot.py":
            raise TemplateError(
                f"the editable file {name} is missing",
                file=folder / "template.toml" if (folder / "template.toml").exists() else path,
                key="run.editable",
                fix="name only files that are there",
            )


def _settings(folder: Path) -> TemplateSettings:
    file = folder / "template.toml"
    if not file.exists():
        return TemplateSettings()
    try:
        return TemplateSettings.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TemplateError(f"not valid TOML: {error}", file=file, fix="mend the line that is named") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise TemplateError(
            first["msg"], file=file, key=".".join(map(str, first["loc"])), fix="see docs/template-contract.md"
        ) from None


def _check_prompt(folder: Path) -> None:
    file = folder / "prompt.json"
    prompt = load_json(file) if file.exists() else {"system": "", "task_description": ""}
    if not isinstance(prompt, dict):
        raise TemplateError("a JSON object is expected", file=file, fix=f"write {PROMPT_EXAMPLE}")
    for key in ("system", "task_description"):
        if not isinstance(prompt.get(key), str):
            raise TemplateError("this key is missing or is no text", file=file, key=key, fix=f"write {PROMPT_EXAMPLE}")


def _check_seeds(folder: Path) -> None:
    load_ideas(folder / "seed_ideas.json")


def _check_ideas(folder: Path) -> None:
    load_ideas(folder / "ideas.json")


def find_labels(plot: Path) -> dict[str, str] | None:
    """The ``labels`` dictionary of a plot.py, or None when it has none that can be read."""
    try:
        tree = ast.parse(plot.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, OSError):
        return None
    for node in ast.walk(tree):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        named = any(isinstance(target, ast.Name) and target.id == "labels" for target in targets)
        if named and isinstance(getattr(node, "value", None), ast.Dict):
            try:
                value = ast.literal_eval(node.value)  # type: ignore[attr-defined]
            except ValueError:
                return None
            return {str(key): str(label) for key, label in value.items()}
    return None


def template_name(folder: Path) -> str:
    """A safe name for a template that is brought in from ``folder``; capitals are kept, as in ``nanoGPT``."""
    name = folder.resolve().name
    return name if slug(name) and all(c.isalnum() or c in "_-" for c in name) else slug(name)
