"""Reads the metrics of a run folder from JSON, in every variant that templates of the field write.

It never unpickles, computes no comparison, and reads nothing but ``final_info*.json``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from hakase.evidence.json_files import is_text, read_object
from hakase.evidence.measuring import Remarks, Repetitions, measure
from hakase.evidence.numbers import SeedValues, as_float, finite, flatten, is_number, values_per_seed
from hakase.evidence.problems import EXAMPLE, ResultProblem
from hakase.naming import macro_name
from hakase.records import Measurement, Result

__all__ = ["ResultProblem", "read_result"]

FILE = "final_info.json"
SEED_FILE = re.compile(r"final_info_(?P<dataset>.+)_(?P<seed>\d+)\.json")
UNNAMED = "value"
"""The metric of a data set whose ``means`` is a bare number."""
METRIC_LIMIT = 5000
"""Measurements of one run that are read; more are a mistake of the experiment."""

Measurements = dict[str, Measurement]


def read_result(folder: Path) -> Result:
    """The metrics in ``folder/final_info.json``, else in its ``final_info_<dataset>_<seed>.json`` files.

    Raises:
        ResultProblem: there is no such file, it cannot be read, or a metric is no finite number.
    """
    remarks = Remarks()
    file = folder / FILE
    found = os.path.lexists(file)
    datasets = _read_datasets(file, remarks) if found else _read_seed_files(folder, remarks)
    _require_distinct_names(datasets, file)
    return Result(datasets=datasets, remarks=remarks.texts())


def _read_datasets(file: Path, remarks: Remarks) -> dict[str, Measurements]:
    info = read_object(file)
    datasets: dict[str, Measurements] = {}
    for dataset, entry in info.items():
        if isinstance(entry, Mapping) and "means" in entry:
            datasets[dataset] = _read_dataset(entry, dataset, file, remarks)
        elif isinstance(entry, Mapping) and {"stderrs", "stds", "final_info_dict"} & entry.keys():
            raise _no_means(file, dataset)
        elif dataset != "means":
            remarks.note("left out what is no data set (it has no `means`)", dataset)
    if not datasets:
        raise _no_means(file, next(iter(info), None))
    return datasets


def _no_means(file: Path, dataset: str | None) -> ResultProblem:
    if dataset is None:
        return ResultProblem("the object is empty: no data set", file=file, fix=f"write {EXAMPLE}")
    if dataset == "means":
        return ResultProblem(
            "`means` stands at the top of the file, outside a data set", file=file, key="means",
            fix=f"put everything under the data set's name, such as {EXAMPLE}",
        )  # fmt: skip
    return ResultProblem("has no `means`", file=file, key=dataset, fix=f"write {EXAMPLE}")


def _read_dataset(entry: Mapping[str, object], dataset: str, file: Path, remarks: Remarks) -> Measurements:
    means = entry["means"]
    stated = means if isinstance(means, Mapping) else {UNNAMED: means}
    numbers = flatten(stated, file, f"{dataset}.means" if isinstance(means, Mapping) else dataset)
    if not numbers.found:
        raise ResultProblem("`means` is empty", file=file, key=f"{dataset}.means", fix=f"write {EXAMPLE}")
    for key in [*entry.keys() - {"means", "stderrs", "stds", "final_info_dict"}, *numbers.left_out]:
        remarks.note("left out what is no metric (arrays, texts and settings)", f"{dataset}/{key}")
    if "stds" in entry and "final_info_dict" not in entry:
        remarks.note("standard error unknown: a standard deviation is given without the number of seeds", dataset)
    measured = {}
    for name, mean in numbers.found.items():
        short = _short_name(name, numbers.found)
        spread = _stated_spread(entry.get("stderrs"), name, short)
        found = values_per_seed(entry.get("final_info_dict"), (short, name))
        values = _finite_values(found, file, f"{dataset}/{short}", remarks)
        measured[short] = measure(f"{dataset}/{short}", mean, spread, values, remarks)
    return measured


def _short_name(name: str, names: Mapping[str, float]) -> str:
    """``name`` without ``_mean``, unless that is another metric's name."""
    short = name.removesuffix("_mean")
    return short if short and (short == name or short not in names) else name


def _stated_spread(stderrs: object, name: str, short: str) -> float | None:
    if is_number(stderrs):
        return as_float(stderrs)
    for spelling in (f"{short}_stderr", f"{name}_stderr", short, name):
        inner = stderrs
        for part in spelling.split("/"):
            inner = inner.get(part) if isinstance(inner, Mapping) else None
        if is_number(inner):
            return as_float(inner)
    return None


def _finite_values(found: SeedValues, file: Path, name: str, remarks: Remarks) -> Repetitions:
    if not all(is_number(value) for value in found.values):
        remarks.note("left out values of each seed that are not all numbers", name)
        return Repetitions()
    dataset, _, metric = name.partition("/")
    key = f"{dataset}.final_info_dict.{metric}"
    places = found.seeds or range(len(found.values))
    values = (finite(value, file, f"{key}.{place}") for place, value in zip(places, found.values, strict=True))
    return Repetitions(tuple(values), found.seeds)


def _read_seed_files(folder: Path, remarks: Remarks) -> dict[str, Measurements]:
    """Results by data set from one file a seed, in the order of the seeds."""
    files = _seed_files(folder)
    if not files:
        raise ResultProblem(
            "the run wrote no final_info.json", file=folder / FILE,
            fix=f"let the experiment write it into --out_dir at its end, such as {EXAMPLE}",
        )  # fmt: skip
    datasets: dict[str, dict[str, Mapping[str, float]]] = {}
    for dataset, _, seed, path in files:
        datasets.setdefault(dataset, {})[seed] = flatten(read_object(path), path, dataset).found
    remarks.note("there is no final_info.json; aggregated from one file a seed", ", ".join(datasets))
    return {dataset: _aggregate(dataset, rows, remarks) for dataset, rows in datasets.items()}


def _seed_files(folder: Path) -> list[tuple[str, int, str, Path]]:
    """Data set, seed as a number, seed as written, and path, sorted."""
    try:
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    except OSError as error:
        raise ResultProblem(f"cannot be listed: {error.strerror}", file=folder, fix="leave its rights alone") from None
    matches = [match for name in names if (match := SEED_FILE.fullmatch(name))]
    strange = next((ascii(match[0]) for match in matches if not is_text(match[0])), None)
    if strange is not None:
        raise ResultProblem(f"the file name {strange} is not UTF-8", file=folder, fix="use ASCII letters")
    return sorted((match["dataset"], int(match["seed"]), match["seed"], folder / match[0]) for match in matches)


def _aggregate(dataset: str, rows: Mapping[str, Mapping[str, float]], remarks: Remarks) -> Measurements:
    """``rows``: seed -> metric -> value."""
    measured: Measurements = {}
    for name in dict.fromkeys(name for row in rows.values() for name in row):
        values = tuple(row[name] for row in rows.values() if name in row)
        if len(values) < len(rows):
            remarks.note("left out a metric that some seeds lack", f"{dataset}/{name}")
            continue
        repeated = Repetitions(values, tuple(rows))
        measured[name] = measure(f"{dataset}/{name}", sum(values) / len(values), None, repeated, remarks)
    return measured


def _require_distinct_names(datasets: Mapping[str, Measurements], file: Path) -> None:
    """Refuse names that a paper's macros, made of ASCII letters and digits, could not tell apart."""
    seen: dict[str, str] = {}
    pairs = [(dataset, metric) for dataset, values in datasets.items() for metric in values]
    if len(pairs) > METRIC_LIMIT:
        raise ResultProblem(f"has {len(pairs)} metrics", file=file, fix=f"write at most {METRIC_LIMIT}")
    for dataset, metric in [*pairs, *(("pooled", metric) for metric in {metric for _, metric in pairs})]:
        macro = macro_name(dataset, metric)
        if macro in seen or not macro_name(metric) or not macro_name(dataset):
            raise ResultProblem(
                f"{dataset}/{metric} and {seen.get(macro, 'an empty name')} cannot be told apart by their "
                "ASCII letters and digits", file=file, key=dataset, fix="rename one of them",
            )  # fmt: skip
        seen[macro] = f"{dataset}/{metric}"
