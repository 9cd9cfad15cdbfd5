"""Packages for a study: into its own folder, by its own rules, and never into the environment that runs Hakase."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from hakase.packages import Installed, Overlay, Refused
from hakase.packages.installers import Pip, Uv
from hakase.sandboxes import get_sandbox, probe
from hakase.seams import Job, Limits, Mount
from hakase.study import Study
from tests.conftest import Hakase
from tests.scripted import load_scenario, serve
from tests.scripted.scenario import with_rules

Shelf = Callable[..., Path]


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Makes wheels by hand, in a folder that is the only place where pip and uv look."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    for name, value in {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "UV_NO_CONFIG": "1",
        "UV_OFFLINE": "1",
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(folder),
        "UV_CACHE_DIR": str(tmp_path / "uv"),
    }.items():
        monkeypatch.setenv(name, value)

    def make(
        name: str, version: str = "1.0", requires: Sequence[str] = (), files: dict[str, str] | None = None
    ) -> Path:
        contents = files or {f"{name}.py": f"VERSION = {version!r}\n"}
        described = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"]
        described += [f"Requires-Dist: {requirement}\n" for requirement in requires]
        info = f"{name}-{version}.dist-info"
        contents |= {
            f"{info}/METADATA": "".join(described),
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        wheel = folder / f"{name}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, text in contents.items():
                archive.writestr(path, text)
            archive.writestr(f"{info}/RECORD", "".join(map(_record, contents.items())) + f"{info}/RECORD,,\n")
        return wheel

    return make


def _record(entry: tuple[str, str]) -> str:
    path, text = entry
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(text.encode())}\n"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "stüdy"
    folder.mkdir()
    return folder


def no_question(question: str) -> bool:
    raise AssertionError(question)


def allow(study: Path, *names: str) -> Installed | Refused:
    return Overlay(study).require(names, "allow", ["*"], no_question)


def run(overlay: Overlay, code: str) -> str:
    path = os.pathsep.join(map(str, overlay.paths()))
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    return (done.stdout or done.stderr).strip()


def own_environment() -> dict[str, int]:
    """Every file that the running interpreter has packages in, and when it was changed."""
    folders = {sysconfig.get_path(kind) for kind in ("purelib", "platlib", "scripts")}
    files = (path for folder in folders for path in Path(folder).rglob("*") if "__pycache__" not in path.parts)
    return {str(path): path.lstat().st_mtime_ns for path in files}


# ------------------------------------------------------------------------------------------------------- installing


def test_a_package_and_what_it_needs_come_into_the_study_and_nowhere_else(shelf: Shelf, study: Path) -> None:
    shelf("bright", "2.1", ["dim>=1", "numpy"])
    shelf("dim", "1.4")
    before = own_environment()
    answer = allow(study, "bright")
    assert isinstance(answer, Installed)
    assert sorted(answer.pins) == ["bright==2.1", "dim==1.4"]
    assert all(len(package.sha256) == 64 for package in answer.packages)
    overlay = Overlay(study)
    assert run(overlay, "import bright, dim, numpy; print(bright.VERSION, dim.VERSION)") == "2.1 1.4"
    assert own_environment() == before
    layer = overlay.layers()[0]
    assert (layer.requested, layer.installer) == (("bright",), "pip")
    assert [path.name for path in (study / "records" / "packages").iterdir()] == ["1.json"]


def test_what_was_installed_is_there_in_the_sandbox_and_cannot_be_written(shelf: Shelf, study: Path) -> None:
    if not probe().works:
        pytest.skip(f"no bubblewrap: {probe().reason}")
    shelf("bright")
    allow(study, "bright")
    work = study / "work"
    work.mkdir()
    mounts = [Mount(path, Path("/tmp/packages") / path.name) for path in Overlay(study).paths()]
    code = "import bright, pathlib; print(bright.VERSION); pathlib.Path(bright.__file__).write_text('')"
    job = Job(
        (sys.executable, "-c", code),
        work,
        study / "stdout",
        study / "stderr",
        Limits(60),
        mounts=tuple(mounts),
        environment={"PYTHONPATH": "/tmp/packages/1"},
    )
    assert get_sandbox("bubblewrap").run(job).exit_code == 1
    assert (study / "stdout").read_text() == "1.0\n"
    assert "Read-only file system" in (study / "stderr").read_text()


def test_asking_again_adds_nothing_and_needs_no_permission(shelf: Shelf, study: Path) -> None:
    shelf("bright")
    assert isinstance(allow(study, "bright"), Installed)
    shelf("bright", "2.0")
    assert Overlay(study).require(["bright"], "deny", [], no_question) == Installed()
    assert len(Overlay(study).layers()) == 1
    answer = allow(study, "bright>=2")
    assert isinstance(answer, Refused)
    assert answer.reason == "bright>=2 would replace bright 1.0, with which other runs were made; use that one"


def test_a_later_package_is_resolved_against_an_earlier_one(shelf: Shelf, study: Path) -> None:
    shelf("dim", "1.0")
    shelf("dim", "2.0")
    shelf("bright", "1.0", ["dim"])
    shelf("fussy", "1.0", ["dim>=2"])
    assert isinstance(allow(study, "dim<2"), Installed)
    assert allow(study, "bright") == Installed(Overlay(study).layers()[1].packages)
    assert [package.pin for package in Overlay(study).packages()] == ["dim==1.0", "bright==1.0"]
    answer = allow(study, "fussy")
    assert isinstance(answer, Refused)
    assert "fussy 1.0 depends on dim>=2" in answer.reason


def test_a_layer_that_was_removed_or_half_made_is_laid_again(shelf: Shelf, study: Path) -> None:
    shelf("bright")
    allow(study, "bright")
    shutil.rmtree(study / ".packages" / "1")
    assert Overlay(study).paths() == ()
    assert Overlay(study).require(["bright"], "deny", [], no_question) == Installed()
    assert run(Overlay(study), "import bright; print(bright.VERSION)") == "1.0"
    shelf("dim")
    half = study / ".packages" / "2"
    half.mkdir()
    (half / "dim.py").write_text("half of it")
    assert isinstance(allow(study, "dim"), Installed)
    assert run(Overlay(study), "import dim; print(dim.VERSION)") == "1.0"


@pytest.mark.usefixtures("shelf")
def test_what_python_can_import_already_needs_no_installing(study: Path) -> None:
    names = ["numpy", "NumPy>=1.26", "sklearn", "scikit_learn", "PIL", "json", "dataclasses"]
    assert Overlay(study).require(names, "deny", [], no_question) == Installed()
    assert not list(study.iterdir())


# --------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "name",
    [
        "",
        "--index-url=http://127.0.0.1/",
        "-r requirements.txt",
        "bright --target /tmp",
        "bright\n--pre",
        "bright @ file:///tmp/bright.whl",
        "git+https://example.org/bright",
        "./bright",
        "/tmp/bright-1.0-py3-none-any.whl",
        "../bright",
        "bright; python_version > '3'",
        "bright[x]; os_name == 'posix'",
        "bright[--pre]",
        "br\u0456ght",
        "bright" * 50,
        "$(touch pwned)",
        "bright && touch pwned",
        "明るい",
    ],
)
def test_only_names_are_names(name: str, shelf: Shelf, study: Path) -> None:
    shelf("bright")
    answer = allow(study, name)
    assert isinstance(answer, Refused)
    assert "\n" not in answer.reason
    assert "name" in answer.reason
    assert not Overlay(study).paths()


def test_nothing_that_the_baseline_ran_with_is_replaced(shelf: Shelf, study: Path) -> None:
    shelf("bright", "1.0", ["numpy<1"])
    shelf("numpy", "0.9")
    for names in (["numpy<1"], ["bright"], ["bright", "numpy"]):
        answer = allow(study, *names)
        assert isinstance(answer, Refused)
        assert "numpy" in answer.reason
        assert "\n" not in answer.reason
    assert not Overlay(study).paths()


@pytest.mark.parametrize(
    "file", ["json/__init__.py", "random.py", "numpy/__init__.py", "sitecustomize.py", "hakase.py"]
)
def test_a_package_that_would_shadow_another_module_is_refused(file: str, shelf: Shelf, study: Path) -> None:
    shelf("bright", files={"bright.py": "", file: "raise SystemExit('taken over')"})
    answer = allow(study, "bright")
    assert isinstance(answer, Refused)
    assert file.split("/")[0].removesuffix(".py") in answer.reason
    assert not list((study / ".packages").iterdir())


def test_no_code_of_a_package_runs(shelf: Shelf, study: Path, tmp_path: Path) -> None:
    wheel = shelf("bright", files={"bright.py": f"open({str(tmp_path / 'ran')!r}, 'w')", "bright.pth": "import bright"})
    setup = tmp_path / "setup.py"
    setup.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with tarfile.open(wheel.parent / "dim-1.0.tar.gz", "w:gz") as archive:
        archive.add(setup, "dim-1.0/setup.py")
    assert isinstance(allow(study, "bright"), Installed)
    answer = allow(study, "dim")
    assert isinstance(answer, Refused)
    assert "only wheels are installed" in answer.reason
    assert run(Overlay(study), "print('started')") == "started"
    assert not (tmp_path / "ran").exists()


def test_the_policy_decides(shelf: Shelf, study: Path) -> None:
    shelf("bright", "1.0", ["dim"])
    shelf("dim")
    overlay = Overlay(study)
    asked: list[str] = []

    def say_no(question: str) -> bool:
        asked.append(question)
        return False

    denied = overlay.require(["bright"], "deny", ["bright"], no_question)
    assert isinstance(denied, Refused)
    assert 'packages = "allow" and allow_packages = ["bright"] in hakase.toml' in denied.reason
    other = overlay.require(["bright"], "allow", ["dim"], no_question)
    assert isinstance(other, Refused)
    assert "not among allow_packages" in other.reason
    declined = overlay.require(["bright"], "ask", [], say_no)
    assert isinstance(declined, Refused)
    assert "declined" in declined.reason
    assert "bright==1.0" in asked[0]
    assert "dim==1.0" in asked[0]
    assert not overlay.paths()
    assert isinstance(overlay.require(["bright"], "ask", ["Bright"], no_question), Installed)


def test_an_allowed_name_brings_what_it_needs(shelf: Shelf, study: Path) -> None:
    shelf("bright", "1.0", ["dim"])
    shelf("dim")
    answer = Overlay(study).require(["bright"], "allow", ["bright"], no_question)
    assert isinstance(answer, Installed)
    assert len(answer.packages) == 2


@pytest.mark.usefixtures("shelf")
def test_without_a_network_that_is_said(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{closed.getsockname()[1]}/simple")
        answer = allow(study, "bright")
    assert isinstance(answer, Refused)
    assert "no package index answered" in answer.reason
    assert "\n" not in answer.reason


@pytest.mark.usefixtures("shelf")
def test_an_index_that_hangs_is_given_up(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{hanging.getsockname()[1]}/simple")
        answer = Overlay(study, seconds=2).require(["bright"], "allow", ["*"], no_question)
    assert isinstance(answer, Refused)
    assert "did not deliver within 2 s" in answer.reason


@pytest.mark.usefixtures("shelf")
def test_without_pip_and_uv_the_way_to_get_one_is_said(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name, package=None: None)  # noqa: ARG005
    monkeypatch.setenv("PATH", "")
    answer = allow(study, "bright")
    assert isinstance(answer, Refused)
    assert "ensurepip" in answer.reason


# ------------------------------------------------------------------------------------------------- other installers


def test_uv_does_the_same(shelf: Shelf, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = shutil.which("uv")
    if program is None:
        pytest.skip("uv is not installed")
    monkeypatch.setattr("hakase.packages.overlay.get_installer", lambda seconds: Uv(program, seconds))
    shelf("bright", "1.0", ["dim"])
    shelf("dim")
    shelf("fussy", "1.0", ["numpy<1"])
    before = own_environment()
    answer = allow(study, "bright")
    assert isinstance(answer, Installed), answer
    assert sorted(answer.pins) == ["bright==1.0", "dim==1.0"]
    assert run(Overlay(study), "import bright, dim; print(bright.VERSION)") == "1.0"
    assert isinstance(allow(study, "fussy"), Refused)
    assert own_environment() == before


def test_a_package_from_the_index(study: Path, tmp_path: Path) -> None:
    from hakase.packages.problems import PackageProblem

    try:
        Pip(60).resolve(["tabulate"], {}, tmp_path)
    except PackageProblem as problem:
        pytest.skip(f"no package index: {problem}")
    assert isinstance(allow(study, "tabulate"), Installed)
    assert run(Overlay(study), "import tabulate; print(tabulate.tabulate([[1]], tablefmt='plain'))") == "1"


# -------------------------------------------------------------------------------------------------- in a whole study


PLAN = {
    "label": "With bright",
    "purpose": "A penalty from a package.",
    "instruction": "In experiment.py take the default of --l2 from the package bright",
    "packages": ["bright"],
}
EDIT = """
experiment.py
<<<<<<< SEARCH
import numpy as np
=======
import bright
import numpy as np
>>>>>>> REPLACE

experiment.py
<<<<<<< SEARCH
parser.add_argument("--l2", type=float, default=0.0)
=======
parser.add_argument("--l2", type=float, default=bright.L2)
>>>>>>> REPLACE
"""


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["allow", "deny"])
def test_a_model_asks_for_a_package(
    policy: str, shelf: Shelf, hakase: Hakase, bring: Callable[[str], Path], workspace: Path
) -> None:
    shelf("bright", files={"bright.py": "L2 = 0.01\n"})
    bring("regression_argparse")
    rules = (
        {"name": "experiments/plan", "task": "plan run 1$", "reply": PLAN},
        {"name": "experiments/plan", "task": "revise the plan", "reply": {"give_up": True}},
        {"name": "experiments/edit", "task": 'edit the code for "With bright"', "reply": EDIT},
    )
    fewer = ("refinements=0", "citation_searches=0", "reviewers=1", "review_reflections=0", "allow_packages=['bright']")
    settings = [word for setting in (f"packages={policy}", *fewer) for word in ("-c", setting)]
    with serve(with_rules(load_scenario("regression"), *rules)) as server:
        words = ("--num-ideas", 1, "--model", "scripted", "--base-url", server.url, "--max-runs", 1, "--plain")
        done = hakase("run", "regression_argparse", *words, *settings)
    study = Study(next(workspace.glob("results/regression_argparse/*")))
    attempt = study.attempts(1)[0]
    if policy == "deny":
        assert attempt.status == "package_refused"
        assert 'allow_packages = ["bright"]' in attempt.problem
        assert not study.overlay.paths()
    else:
        assert done.returncode == 0, done.stdout + done.stderr
        assert attempt.status == "ok", attempt.problem
        assert attempt.environment["bright"] == "1.0"
        assert [package.pin for package in study.overlay.packages()] == ["bright==1.0"]
    assert study.has("paper"), done.stdout + done.stderr
