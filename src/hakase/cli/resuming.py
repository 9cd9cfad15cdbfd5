"""``hakase resume``, ``write`` and ``review``: studies that are there already."""

from __future__ import annotations

import json as json_module
import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hakase.budget import Budget
from hakase.cli.interrupting import interruptible
from hakase.cli.running import conclude, finish_launch, new_account
from hakase.cli.screen import Screen, get_screen
from hakase.errors import HakaseError, StudyError, UsageError
from hakase.journal import ASKED_AFRESH, Journal
from hakase.launch import publish, run_studies, unfinished
from hakase.launches import Launch, interrupted_launches
from hakase.pipeline import run_study
from hakase.preflight import preflight, require
from hakase.records import Review
from hakase.settings import load_settings, revise_settings
from hakase.stages.lab import Lab, open_budget, open_lab
from hakase.stages.reviewing import review_form, review_pdf
from hakase.study import Study, open_study
from hakase.workspace import Workspace


def resume_studies(
    folders: Sequence[Path], options: Mapping[str, Any], workspace: Workspace, plain: bool, worker: bool
) -> int:
    """Go on with the studies named, or with all that are unfinished."""
    launches = () if folders else interrupted_launches(workspace.launches)
    codes = [_finish(launch, workspace, options, plain) for launch in launches]
    chosen = [open_study(folder) for folder in folders] or list(
        unfinished([Study(path) for path in workspace.studies()])
    )
    if not chosen and codes:
        return max(codes)
    if not chosen:
        print(f"nothing to resume in {workspace.results}; start with: hakase run TEMPLATE")
        return 0
    if worker:
        _end_with_parent()
        options = {**json_module.load(sys.stdin), **options}  # of the command that started it
    with interruptible(workspace), get_screen(plain) as screen:
        groups = _by_settings(chosen)
        labs = [_lab_of(group[0], options, screen) for group in groups]
        statuses = [run_studies(group, lab, screen.update) for group, lab in zip(groups, labs, strict=True)]
    ended = [study for group in groups for study in group]
    code = conclude(ended, [one for some in statuses for one in some], _accounts(labs), workspace)
    return max(code, *codes, 0)


def _accounts(labs: Sequence[Lab]) -> list[Budget]:
    """One budget for each account."""
    return list({lab.budget.account: lab.budget for lab in labs}.values())


def _finish(launch: Launch, workspace: Workspace, options: Mapping[str, Any], plain: bool) -> int:
    """The exit code of a launch that is finished; one that cannot be stops neither the others nor the studies."""
    try:
        return finish_launch(launch, workspace, options, plain)
    except HakaseError as error:
        file = workspace.launches / f"{launch.account}.json"
        print(f"hakase: the interrupted run of {launch.template}: {error}", file=sys.stderr)
        if file.exists():
            print(f"  to give it up: rm {shlex.quote(str(file))}", file=sys.stderr)
        return 2


def _by_settings(studies: Sequence[Study]) -> list[list[Study]]:
    """Studies that were begun with the same settings go on together."""
    groups: dict[str, list[Study]] = {}
    for study in studies:
        registration = study.registration
        shared = (registration.workspace, registration.account, registration.settings.model_dump_json())
        groups.setdefault("\n".join(shared), []).append(study)
    return list(groups.values())


def _lab_of(study: Study, options: Mapping[str, Any], screen: Screen | None = None) -> Lab:
    """The lab that the study was begun with; options given now come first, and hours and slots are of this command."""
    registration = study.registration
    root = Path(registration.workspace)
    if not root.is_dir():
        raise StudyError("the workspace of this study is gone", file=root, fix="move it back, or start a new study")
    fresh = {"parallel": 1, "max_hours": None}
    settings = revise_settings(registration.settings, {**fresh, **options})
    require(preflight(workspace_of(study), settings))
    budget = open_budget(settings, root, registration.account)
    if screen is None:
        return open_lab(settings, root, budget)
    screen.count(budget)
    return open_lab(settings, root, budget, ask=screen.ask)


def workspace_of(study: Study) -> Workspace:
    """The workspace that a study belongs to, with the results folder that it really lies in."""
    return Workspace(Path(study.registration.workspace), study.folder.parent.parent)


def _end_with_parent() -> None:
    """A worker whose parent was killed stops as by Ctrl-C."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def rewrite(folder: Path, options: Mapping[str, Any], fresh: bool) -> int:
    """Figures, paper and review anew, from the runs as they are."""
    study = open_study(folder)
    if not study.has("runs"):
        raise StudyError("the runs of this study are not done", file=folder, fix=f"hakase resume {folder}")
    _lab_of(study, options)  # a refusal comes before anything is unmade
    with study.lock():
        ask_afresh(study.journal, fresh)
        study.retire("figures", "sources", "paper", "review", "improved_paper", "improved_review")
    return resume_studies([folder], options, workspace_of(study), plain=False, worker=False)


def ask_afresh(journal: Journal, fresh: bool) -> None:
    """From now on kept replies are those to other questions, if that is wanted."""
    if fresh:
        journal.add(ASKED_AFRESH)


def review_again(paper: Path, options: Mapping[str, Any], fresh: bool, json: bool) -> int:
    """Print a review of a study's paper, or of a PDF."""
    if paper.is_dir():
        study = open_study(paper)
        if not study.has("paper"):
            raise StudyError("this study has no paper yet", file=paper, fix=f"hakase resume {paper}")
        improved = study.has("improved_paper")
        lab = _lab_of(study, {**options, "improvement": improved})
        with study.lock():
            ask_afresh(study.journal, fresh)
            study.retire("improved_review" if improved else "review")
        status = run_study(study, lab)
        if status.state != "done":
            raise StudyError(f"the review failed: {status.message}", file=paper, fix=f"hakase resume {paper}")
        publish(study, status)
        print_review(study.review(improved), json)
        return 0
    if not paper.is_file():
        raise UsageError("no such file", file=paper, fix="name a study's folder or a PDF")
    print_review(_review_foreign(paper, options, fresh), json)
    return 0


def _review_foreign(pdf: Path, options: Mapping[str, Any], fresh: bool) -> Review:
    root = Path.cwd()
    settings = load_settings(root, options)
    require(preflight(Workspace(root), settings))
    lab = open_lab(settings, root, open_budget(settings, root, new_account()))
    if lab.models is not None:
        ask_afresh(Journal(root / ".hakase" / "journal.db"), fresh)
    return review_pdf(pdf, lab)


def print_review(review: Review, json: bool) -> None:
    """The form, as JSON or as text."""
    form = review_form(review)
    if json:
        print(json_module.dumps(form, indent=1))
        return
    for key, value in form.items():
        if isinstance(value, list):
            print(f"{key}:")
            print("\n".join(f"  - {item}" for item in value) or "  (none)")
        else:
            print(f"{key}: {value}")
    for cap in review.caps:
        print(f"Cap: {cap}")
    print(f"Reviewer: {review.reviewer}" + (f"; read: {', '.join(review.basis)}" if review.basis else ""))
