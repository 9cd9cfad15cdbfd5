"""The views of a study that a scientist is shown."""

from __future__ import annotations

from hakase.evidence.comparing import compare
from hakase.records import Run
from hakase.seams import Area, ExperimentView
from hakase.stages.ideation import area_of
from hakase.stages.lab import Lab
from hakase.study import Study


def study_area(study: Study) -> Area:
    """The research area of a study, with the baseline's result."""
    registration = study.registration
    baseline = study.finished_runs()[0].result
    return area_of(study.template, registration.metrics, registration.primary, baseline)


def experiment_view(study: Study, lab: Lab) -> ExperimentView:
    """What is known when the next run is decided."""
    runs = study.finished_runs()
    registration = study.registration
    editable = study.template.editable
    return ExperimentView(
        area=study_area(study),
        idea=study.idea,
        runs=runs,
        code={run.number: study.code(run.number, editable) for run in runs if run.result is not None},
        comparisons=compare(with_result(runs), registration.metrics, registration.primary),
        runs_left=lab.settings.max_runs - (len(runs) - 1),
        run_timeout=study_timeout(study, lab),
        baseline_seconds=registration.baseline_seconds,
    )


def with_result(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """The runs that can be compared."""
    return tuple(run for run in runs if run.result is not None)


def study_timeout(study: Study, lab: Lab) -> float:
    """Seconds that one attempt of this study may take."""
    return lab.run_timeout(study.template.settings.run.timeout, study.registration.baseline_seconds)
