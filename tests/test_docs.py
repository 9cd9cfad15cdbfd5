"""The documentation is true: its links, its tables, its examples, and the commands of the tutorial and the how-to."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from hakase.cli.app import app
from hakase.evidence.results import read_result
from hakase.ideas import load_ideas
from hakase.records import Record
from hakase.settings import Settings, load_settings
from hakase.study import Study
from hakase.template import TemplateSettings, load_template, template_problems
from tests import markdown
from tests.conftest import TEMPLATES
from tests.test_layers import LAYERS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])
OWN = ("README.md", "models.md", "tutorial.md", "how-to.md", "reference.md", "template-contract.md", "study-folder.md")
FOREIGN = {"--out_dir", "--gpus", "--engine", "--writeup", "--help", "--version"}
"""Options of experiments, of the AI Scientist, and of every command."""


def read(name: str) -> str:
    return (ROOT / name if name == "README.md" else DOCS / name).read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------------------------------ links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in markdown.links(page.read_text(encoding="utf-8")):
        if re.match(r"\w+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name}: {target} is not there"
        if anchor:
            assert anchor in markdown.anchors(file.read_text(encoding="utf-8")), f"{page.name}: {target}"


def test_the_index_names_every_page() -> None:
    named = set(markdown.links(read("index.md")))
    assert {page.name for page in DOCS.glob("*.md")} - {"index.md"} <= named


# ---------------------------------------------------------------------------------------------------------- options


def verbs(command: Any = None, path: tuple[str, ...] = ("hakase",)) -> Iterator[tuple[str, Any]]:
    """``hakase run`` -> command, for every verb."""
    command = command or typer.main.get_command(app)
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(path), command
        return
    for name, child in inner.items():
        yield from verbs(child, (*path, name))


VERBS = dict(verbs())


def options_of(verb: str) -> set[str]:
    shown = [p for p in VERBS[verb].params if p.param_type_name == "option" and not getattr(p, "hidden", False)]
    return {name for option in shown for name in option.opts if name.startswith("--")} - {"--help"}


@pytest.mark.parametrize("verb", VERBS)
def test_the_reference_has_exactly_the_options_of_each_verb(verb: str) -> None:
    documented = {
        markdown.codes(row[0])[0].split()[0] for row in markdown.rows(markdown.section(read("reference.md"), verb))
    }
    assert documented == options_of(verb)


def test_the_reference_has_exactly_the_verbs() -> None:
    titles = {title for _, title in markdown.HEADING.findall(read("reference.md")) if title.startswith("hakase ")}
    assert titles == set(VERBS)


@pytest.mark.parametrize("name", OWN)
def test_every_option_that_is_mentioned_exists(name: str) -> None:
    known = FOREIGN.union(*map(options_of, VERBS))
    mentioned = set(re.findall(r"(?<![\w-])--[a-z][\w-]+", markdown.prose(read(name))))
    assert mentioned <= known
    for words in [code for code in markdown.codes(markdown.prose(read(name))) if code.startswith("hakase ")]:
        verb = next((verb for verb in sorted(VERBS, key=len, reverse=True) if words.startswith(verb)), None)
        assert verb or words.split()[1] in {"VERB", "--help", "--version", "template"}, words
        assert set(re.findall(r"--[a-z][\w-]+", words)) <= (options_of(verb) if verb else set()) | FOREIGN, words


# --------------------------------------------------------------------------------------------------------- settings


def as_toml(value: object) -> str:
    if isinstance(value, Record):
        value = value.model_dump(exclude_defaults=True)
    return "none" if value is None else f"`{json.dumps(value)}`"


def test_the_table_of_settings_is_that_of_the_code() -> None:
    table = {
        markdown.codes(row[0])[0]: row[1] for row in markdown.rows(markdown.section(read("reference.md"), "Settings"))
    }
    fields = {name: field for name, field in Settings.model_fields.items() if name != "format"}
    assert table == {name: as_toml(field.get_default(call_default_factory=True)) for name, field in fields.items()}


def test_the_options_of_settings_are_those_of_run() -> None:
    for row in markdown.rows(markdown.section(read("reference.md"), "Settings")):
        name = markdown.codes(row[0])[0]
        option = f"--{name.replace('_', '-')}"
        assert markdown.codes(row[3]) == ([option] if option in options_of("hakase run") else [])


@pytest.mark.parametrize("name", ["reference.md", "how-to.md", "models.md"])
def test_every_example_of_hakase_toml_loads(name: str, tmp_path: Path) -> None:
    examples = markdown.blocks(read(name), "toml")
    assert examples
    for example in examples:
        values = tomllib.loads(example.text)
        if not values.keys() & TemplateSettings.model_fields.keys() - {"format"}:
            (tmp_path / "hakase.toml").write_text(example.text)
            loaded = json.loads(load_settings(tmp_path).model_dump_json())
            assert _contains(loaded, values), (loaded, values)


def _contains(loaded: Any, given: Any) -> bool:
    if isinstance(given, dict):
        return all(_contains(loaded[key], value) for key, value in given.items())
    return bool(loaded == given)


# -------------------------------------------------------------------------------------------------- template contract


def names_of(record: type[Record]) -> set[str]:
    return set(record.model_fields) - {"format"}


def test_the_template_toml_of_the_contract_loads_and_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "example"
    shutil.copytree(TEMPLATES / "regression_argparse", folder)
    text = markdown.blocks(markdown.section(read("template-contract.md"), "template.toml"), "toml")[0].text
    (folder / "template.toml").write_text(text)
    assert load_template(folder).settings.metrics.primary == "test_loss"
    values = tomllib.loads(text)
    assert values.keys() == names_of(TemplateSettings)
    for table in ("metrics", "run"):
        assert values[table].keys() == names_of(type(getattr(TemplateSettings(), table)))


def test_the_json_of_the_contract_loads(tmp_path: Path) -> None:
    def example(title: str) -> str:
        return markdown.blocks(markdown.section(read("template-contract.md"), title), "json")[0].text

    folder = tmp_path / "example"
    shutil.copytree(TEMPLATES / "regression_argparse", folder)
    (folder / "prompt.json").write_text(example("prompt.json"))
    (folder / "seed_ideas.json").write_text(example("seed_ideas.json and ideas.json"))
    assert not list(template_problems(folder))
    assert load_ideas(folder / "seed_ideas.json")[0].name == "input_noise"
    (tmp_path / "final_info.json").write_text(example("final_info.json"))
    result = read_result(tmp_path)
    assert not [remark for remark in result.remarks if "left out" in remark]
    assert len(result.datasets["digits"]["test_loss"].values) == 3


# -------------------------------------------------------------------------------------------------------- architecture


def test_the_table_of_layers_is_that_of_the_test() -> None:
    table = markdown.rows(markdown.section(read("architecture.md"), "Layers"))
    assert [set(markdown.codes(row[1])) for row in table] == list(map(set, LAYERS))
    assert [row[0] for row in table] == [str(number) for number in range(1, len(LAYERS) + 1)]


def test_the_example_backend_works(tmp_path: Path) -> None:
    text = markdown.blocks(markdown.section(read("architecture.md"), "Adding a backend"), "python")[0].text
    (tmp_path / "single.py").write_text(text)
    spec = importlib.util.spec_from_file_location("single", tmp_path / "single.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    source = module.SingleLiterature()
    assert source.search("dropout in small networks").works[0].key == "srivastava2014dropout"
    assert source.find("nobody1900nothing") is None


def test_the_places_that_are_named_exist() -> None:
    for row in markdown.rows(markdown.section(read("architecture.md"), "Where things are")):
        for name in markdown.codes(row[1]):
            assert (ROOT / "src" / "hakase" / name).exists(), name


def test_the_map_of_contributing_is_that_of_the_tree() -> None:
    text = markdown.section((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), "The map")
    parent = ROOT
    for line in markdown.FENCE.search(text)["text"].splitlines():  # type: ignore[index]
        name = line.split()[0]
        parent = parent if line.startswith(" ") else ROOT
        assert (parent / name).exists(), name
        parent = ROOT / name if name.startswith("src/") else parent


def test_the_study_folder_names_every_record() -> None:
    text = markdown.section(read("study-folder.md"), "Records")
    assert {f"{name}.json" for name in Study.KINDS} <= set(markdown.codes(text))


# ------------------------------------------------------------------------------------------------------------ commands


@pytest.mark.parametrize("name", OWN)
def test_the_options_of_every_command_exist(name: str) -> None:
    """Also of commands that no test runs, such as those of the README."""
    for block in markdown.blocks(read(name), "console"):
        for words in re.findall(r"^\$ (?:\S*/)?(hakase .*)$", block.text, re.M):
            verb = max((verb for verb in VERBS if words.startswith(verb)), key=len)
            assert set(re.findall(r"--[a-z][\w-]+", words)) <= options_of(verb), words


def commands(name: str) -> Iterator[tuple[str, int, str]]:
    """Every command of a page that is run: its words, the exit code that it should have, the output that is shown."""
    for block in markdown.blocks(read(name), "console"):
        if block.before.startswith("<!-- not run:"):
            continue
        code = re.fullmatch(r"<!-- exit code: (\d+) -->", block.before)
        for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
            words, _, shown = part.partition("\n")
            yield words, int(code[1]) if code else 0, shown


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A folder with what the pages speak of, and ``hakase`` as a command. ``digits`` has two seeds, to be quick."""
    shutil.copytree(TEMPLATES / "bandit_class", tmp_path / "bandit")
    (tmp_path / "bandit" / "template.toml").unlink()
    shutil.copyfile(ROOT / "tests" / "data" / "literature" / "refs.bib", tmp_path / "mine.bib")
    launcher = tmp_path / "bin" / "hakase"
    launcher.parent.mkdir()
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m hakase "$@"\n')
    launcher.chmod(0o755)
    digits = tmp_path / "research" / "templates" / "digits"
    shutil.copytree(ROOT / "templates" / "digits", digits)
    settings = (digits / "template.toml").read_text()
    (digits / "template.toml").write_text(settings.replace("seeds = [0, 1, 2, 3, 4]", "seeds = [0, 1]"))
    return tmp_path


def run(words: str, scratch: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a reader would; STUDY is the newest study, PAPER.pdf its paper."""
    workspace = scratch / "research"
    studies = sorted(path.parent.parent for path in workspace.glob("results/*/*/records/idea.json"))
    if studies:
        newest = max(studies, key=lambda path: path.name[:15])
        words = re.sub(r"\bSTUDY\b", str(newest), words)
    for paper in list(workspace.glob("results/*/*/*.pdf"))[:1]:
        shutil.copyfile(paper, workspace / "PAPER.pdf")
    path = f"{scratch / 'bin'}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "HAKASE_MAX_RUNS": "1"}
    return subprocess.run(
        ["bash", "-c", words], cwd=workspace, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["tutorial.md", "how-to.md"])
def test_the_commands_do_what_the_page_says(name: str, scratch: Path) -> None:
    ran = 0
    for words, code, shown in commands(name):
        done = run(words, scratch)
        told = done.stdout + done.stderr
        assert done.returncode == code, f"{words}\n{told}"
        for start in re.findall(r"^([a-z][a-z ]+): ", shown, re.M):
            assert re.search(rf"^{start}: ", told, re.M), f"{words}: no line begins with {start!r}\n{told}"
        ran += words.startswith("hakase")
    assert ran >= 5
