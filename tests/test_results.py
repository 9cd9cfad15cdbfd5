"""Reading final_info.json: every variant that templates write, and every way in which it can be wrong."""

from __future__ import annotations

import json
import math
import os
import random
from pathlib import Path
from statistics import fmean, stdev

import pytest

from hakase.evidence.results import ResultProblem, read_result
from hakase.records import Measurement

LOSSES = [0.31, 0.29, 0.36]


def write(folder: Path, info: object, name: str = "final_info.json") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(info if isinstance(info, str) else json.dumps(info), encoding="utf-8")
    return folder


def read(folder: Path, dataset: object) -> dict[str, Measurement]:
    return read_result(write(folder, {"digits": dataset})).datasets["digits"]


def standard_error(values: list[float]) -> float:
    return stdev(values) / math.sqrt(len(values))


def test_normal_form(tmp_path: Path) -> None:
    entry = {
        "means": {"test_loss_mean": fmean(LOSSES), "steps_mean": 3},
        "stderrs": {"test_loss_stderr": standard_error(LOSSES), "steps_stderr": 0},
        "final_info_dict": {"test_loss": LOSSES, "steps": [3, 3, 3]},
    }
    result = read_result(write(tmp_path / "ün run 0", {"digits": entry}))
    measured = result.datasets["digits"]["test_loss"]
    assert measured.values == tuple(LOSSES)
    assert measured.mean == pytest.approx(0.32)
    assert measured.stderr == pytest.approx(standard_error(LOSSES))
    assert result.metrics == ("test_loss", "steps")
    assert result.remarks == ()


def test_only_means_and_plain_names(tmp_path: Path) -> None:
    measured = read(tmp_path, {"means": {"eval_loss": 0.5, "converged": True}})
    assert measured["eval_loss"] == Measurement(mean=0.5)
    assert measured["converged"].mean == 1.0


@pytest.mark.parametrize(
    ("per_seed", "seeds"),
    [
        ({"loss": LOSSES}, ()),
        ({"loss_mean": LOSSES}, ()),
        ({"loss": {"seed_10": 0.36, "seed_2": 0.29, "seed_1": 0.31}}, ("seed_1", "seed_2", "seed_10")),
        ({"2": {"loss": 0.36}, "0": {"loss": 0.31}, "1": {"loss": 0.29}}, ("0", "1", "2")),
        ([{"loss": value} for value in LOSSES], ()),
    ],
)
def test_values_of_each_seed_in_any_shape(tmp_path: Path, per_seed: object, seeds: tuple[str, ...]) -> None:
    measured = read(tmp_path, {"means": {"loss_mean": fmean(LOSSES)}, "final_info_dict": per_seed})
    assert measured["loss"].values == tuple(LOSSES)
    assert measured["loss"].seeds == seeds


def test_nested_metrics_take_their_values_along(tmp_path: Path) -> None:
    entry = {"means": {"md": {"rmse": 0.32, "note": "310 K"}}, "final_info_dict": {"md": {"rmse": LOSSES}}}
    result = read_result(write(tmp_path, {"digits": entry}))
    assert result.datasets["digits"]["md/rmse"].values == tuple(LOSSES)
    assert any("md/note" in remark for remark in result.remarks)


@pytest.mark.parametrize("divisor", [3, math.sqrt(3)])
def test_wrong_standard_errors_are_recomputed_and_said(tmp_path: Path, divisor: float) -> None:
    population = stdev(LOSSES) * math.sqrt(2 / 3)
    entry = {
        "means": {"loss_mean": fmean(LOSSES)},
        "stderrs": {"loss_stderr": population / divisor},
        "final_info_dict": {"loss": LOSSES},
    }
    result = read_result(write(tmp_path, {"digits": entry}))
    assert result.datasets["digits"]["loss"].stderr == pytest.approx(standard_error(LOSSES))
    formula = "population standard deviation / n" if divisor == 3 else "population standard deviation / sqrt(n)"
    assert formula in result.remarks[0]
    assert "digits/loss" in result.remarks[0]


def test_a_curve_in_place_of_seeds_is_no_evidence(tmp_path: Path) -> None:
    entry = {"means": {"loss": 0.1}, "stderrs": {"loss": 0.02}, "final_info_dict": {"loss": [0.9, 0.5, 0.1]}}
    result = read_result(write(tmp_path, {"digits": entry}))
    assert result.datasets["digits"]["loss"] == Measurement(mean=0.1, stderr=0.02)
    assert "not one value a seed" in result.remarks[0]


def test_large_arrays_beside_and_inside_means_are_left_out(tmp_path: Path) -> None:
    entry = {"means": {"peak": 3.0, "curve": [0.0] * 500, "pair": [1, 2]}, "solution": [[0.0] * 4] * 100}
    result = read_result(write(tmp_path, {"SEIR": entry}))
    assert result.metrics == ("peak", "pair/0", "pair/1")
    assert "SEIR/solution" in result.remarks[0]
    assert "SEIR/curve" in result.remarks[0]


def test_bare_number_with_a_standard_deviation(tmp_path: Path) -> None:
    result = read_result(write(tmp_path, {"layer_0_beta_0.1": {"means": 0.7, "stds": 0.05}}))
    assert result.datasets["layer_0_beta_0.1"]["value"] == Measurement(mean=0.7)
    assert "standard error unknown" in result.remarks[0]


def test_nested_settings_do_not_stop_the_reading(tmp_path: Path) -> None:
    means = {"ethanol": {"params": {"irreps": "128x0e", "r_max": 5.0}, "md": {"rmfs": 0.4}}}
    assert set(read(tmp_path, {"means": means})) == {"ethanol/params/r_max", "ethanol/md/rmfs"}


def test_one_file_a_seed_when_there_is_no_final_info(tmp_path: Path) -> None:
    for seed, loss in enumerate(LOSSES):
        write(tmp_path, {"loss": loss, "extra": 1} if seed else {"loss": loss}, f"final_info_x_div_y_{seed}.json")
    result = read_result(tmp_path)
    assert result.datasets == {
        "x_div_y": {
            "loss": Measurement(
                mean=fmean(LOSSES), stderr=standard_error(LOSSES), values=tuple(LOSSES), seeds=("0", "1", "2")
            )
        }
    }
    assert any("some seeds lack: x_div_y/extra" in remark for remark in result.remarks)


def test_a_single_seed_has_no_standard_error(tmp_path: Path) -> None:
    entry = {"means": {"f1_mean": 0.5}, "stderrs": {"f1_stderr": 0.0}, "final_info_dict": {"f1": [0.5]}}
    assert read(tmp_path, entry)["f1"] == Measurement(mean=0.5, stderr=None, values=(0.5,))


def test_numpy_pickles_are_never_opened(tmp_path: Path) -> None:
    (tmp_path / "all_results.npy").write_bytes(b"\x80\x04cos\nsystem\n")
    with pytest.raises(ResultProblem, match=r"wrote no final_info\.json"):
        read_result(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"digits": {"means": {"loss_mean": 0.3', ["line 1", "column"]),
        ('{"digits": {"stderrs": {"loss_stderr": 0.3}}}', ["[digits]", "no `means`"]),
        ('{"digits": {"loss": 0.3}}', ["[digits]", "no `means`"]),
        ('{"means": {"loss": 0.3}}', ["outside a data set"]),
        ('{"digits": {"means": {}}}', ["[digits.means]", "empty"]),
        ("{}", ["no data set"]),
        ("", ["line 1"]),
        ("[1, 2]", ["list"]),
        ('{"digits": {"means": {"loss": "low"}}}', ["[digits.means.loss]", "'low'"]),
        ('{"digits": {"means": {"loss": null}}}', ["[digits.means.loss]", "null"]),
        ('{"digits": {"means": {"loss": NaN}}}', ["[digits.means.loss]", "nan"]),
        ('{"digits": {"means": {"loss": -Infinity}}}', ["[digits.means.loss]", "inf"]),
        ('{"digits": {"means": {"loss": 1' + "0" * 400 + "}}}", ["[digits.means.loss]"]),
        (
            '{"digits": {"means": {"loss": 1}, "final_info_dict": {"loss": [1, NaN]}}}',
            ["final_info_dict.loss.1", "nan"],
        ),
        ('{"a-b": {"means": {"loss": 1}}, "a_b": {"means": {"loss": 1}}}', ["cannot be told apart"]),
        ('{"精度": {"means": {"loss": 1}}}', ["cannot be told apart"]),
        ("[" * 100000, ["cannot be read"]),
    ],
)
def test_each_problem_names_file_key_and_fix(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(ResultProblem) as raised:
        read_result(write(tmp_path / "run_1", text))
    message = str(raised.value)
    assert "run_1/final_info.json" in message
    assert "fix: " in message
    assert all(word in message for word in words), message


HUGE = int("9" * 400)
DEEP = json.loads('{"a":' * 900 + "1" + "}" * 900)
ODD: tuple[object, ...] = (
    None, True, False, 0, -1, 0.5, 1e308, math.nan, math.inf, HUGE, -HUGE, "", "text", "\ud800", "²", DEEP, [], [[]],
    [1, 2, 3], [1, None], [{"loss": 1}, {"loss": HUGE}], {}, {"loss": [1, 2]}, {"²": {"loss": 1}, "1": {"loss": 2}},
    {"loss": {"³": 1, "0": HUGE}}, {"loss_mean": 0.3}, {"loss_stderr": HUGE}, {"\ud800": 1}, {"": 1}, {"/": {"": 2}},
)  # fmt: skip
PLACES = ("means", "stderrs", "stds", "final_info_dict", "elsewhere")


def random_entry(rng: random.Random) -> object:
    entry = {place: rng.choice(ODD) for place in PLACES if rng.random() < 0.6}
    sound = {"means": {"loss_mean": 1.5}, "final_info_dict": {"loss": [1, 2]}, "stderrs": {"loss_stderr": 0.5}}
    return rng.choice(ODD) if rng.random() < 0.1 else {**entry, **{key: sound[key] for key in rng.sample([*sound], 2)}}


@pytest.mark.parametrize("seed", range(20))
def test_whatever_a_run_writes_is_read_or_refused_in_words(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    for number in range(40):
        info = {rng.choice(("digits", "wine", "\udfff", "", "é")): random_entry(rng) for _ in range(2)}
        folder = write(tmp_path / str(number), rng.choice((info, {"digits": random_entry(rng)})))
        try:
            read_result(folder).model_dump_json()
        except ResultProblem as problem:
            str(problem).encode()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("odd", ODD)
def test_one_odd_value_in_any_place_is_no_crash(tmp_path: Path, place: str, odd: object) -> None:
    entry = {"means": {"loss_mean": 1.5}, "final_info_dict": {"loss": [1, 2]}, place: odd}
    try:
        read_result(write(tmp_path, {"digits": entry})).model_dump_json()
    except ResultProblem as problem:
        str(problem).encode()


def test_a_seed_file_with_a_broken_name_is_refused(tmp_path: Path) -> None:
    name = os.fsdecode(b"final_info_d\xff_0.json")
    write(tmp_path, {"loss": 1.0}, name)
    with pytest.raises(ResultProblem, match="not UTF-8"):
        read_result(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_locked_folder_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "run_1").mkdir(mode=0o000)
    with pytest.raises(ResultProblem, match=r"wrote no final_info\.json|cannot be listed"):
        read_result(tmp_path / "run_1")


def test_a_link_out_of_the_run_is_refused(tmp_path: Path) -> None:
    secret = write(tmp_path / "elsewhere", {"digits": {"means": {"loss": 1}}}) / "final_info.json"
    (tmp_path / "run_1").mkdir()
    (tmp_path / "run_1" / "final_info.json").symlink_to(secret)
    with pytest.raises(ResultProblem, match="cannot be opened"):
        read_result(tmp_path / "run_1")


def test_an_enormous_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "final_info.json").open("wb") as stream:
        stream.truncate(60 * 2**20)
    with pytest.raises(ResultProblem, match="60 MB"):
        read_result(tmp_path)
