"""The built-in scientist's verdict on novelty: it says no, says when a method is known, and names the work."""

import pytest

from hakase.records import Idea, SearchAnswer, Work
from tests.test_builtin_planning import SCIENTIST, area_of, idea_about


def work(key: str, title: str, closeness: float) -> Work:
    return Work(key=key, title=title, year=2014, closeness=closeness, summary="A study.")


def test_novelty_has_three_values_by_the_stated_rule() -> None:
    area = area_of("digits")
    idea = idea_about("dropout", area)
    queries = SCIENTIST.write_queries(idea, [])
    assert len(queries) >= 3
    assert idea.title in queries
    silent = [SearchAnswer(query=query, source="local", answered=False, problem="offline") for query in queries]
    assert SCIENTIST.judge_novelty(idea, silent).verdict == "undecided"
    same, near = work("same", "Dropout on small networks", 0.95), work("near", "Dropout", 0.7)
    found = [SearchAnswer(query=query, source="local", works=(same, near)) for query in queries]
    verdict = SCIENTIST.judge_novelty(idea, found)
    assert verdict.verdict == "not_novel"
    assert same.title in verdict.reason
    part = [
        SearchAnswer(query=query, source="local", works=(same, near) if i else (near,))
        for i, query in enumerate(queries)
    ]
    novel = SCIENTIST.judge_novelty(idea, part)
    assert novel.verdict == "novel"
    assert novel.reason.startswith("a known method (")
    assert same.title in novel.reason
    assert "new is only its measurement on this template" in novel.reason
    assert set(novel.differences) == {"same", "near"}
    assert SCIENTIST.write_queries(idea, found) == ()


ADAM = Work(key="kingma2015adam", title="Adam: A Method for Stochastic Optimization", year=2015, closeness=0.5)


@pytest.mark.parametrize(
    "title",
    [
        "Adam: A Method for Stochastic Optimization",
        "A Method for Stochastic Optimisation",
    ],
)
def test_an_idea_that_restates_a_title_is_not_novel(title: str) -> None:
    idea = Idea(name="adam", title=title, experiment="Replace the update.")
    others = tuple(work(f"other{i}", f"Something else {i}", 0.6) for i in range(6))
    found = SCIENTIST.judge_novelty(idea, [SearchAnswer(query=title, source="local", works=(*others, ADAM))])
    assert found.verdict == "not_novel"
    assert ADAM.title in found.reason
    assert found.closest[0].key == ADAM.key


def test_an_ablation_of_a_known_method_is_studied_and_called_known() -> None:
    title = "Adam, a method for stochastic optimization: a controlled ablation of small networks"
    idea = Idea(name="adam", title=title, experiment="Replace the update.")
    found = SCIENTIST.judge_novelty(idea, [SearchAnswer(query=title, source="local", works=(ADAM,))])
    assert found.verdict == "novel"
    assert "known method" in found.reason


def test_one_word_in_common_restates_nothing() -> None:
    idea = Idea(name="x", title="Stochastic rounding", experiment="Round at random.")
    found = SCIENTIST.judge_novelty(idea, [SearchAnswer(query="q", source="local", works=(ADAM,))])
    assert found.verdict == "novel"
    assert "a known method" not in found.reason


def test_a_method_of_the_catalogue_is_called_known_even_when_no_work_was_found() -> None:
    idea = idea_about("dropout", area_of("digits"))
    found = SCIENTIST.judge_novelty(idea, [SearchAnswer(query="q", source="local")])
    assert found.verdict == "novel"
    assert "a known method of the catalogue" in found.reason


def test_an_idea_in_prose_about_a_known_method_is_called_known_too() -> None:
    idea = Idea(name="x", title="Does dropout help a small network?", experiment="Drop half of the hidden units.")
    near = Work(key="d", title="Improving networks", summary="Introduces dropout.", year=2012, closeness=0.3)
    found = SCIENTIST.judge_novelty(idea, [SearchAnswer(query="q", source="local", works=(near,))])
    assert found.reason.startswith('a known method ("Improving networks" (2012))')


def test_a_combination_is_not_refused_for_one_of_its_parts() -> None:
    title = "Gaussian error linear units and label smoothing"
    idea = Idea(name="x", title=title, experiment="x", intervention="gelu+label_smoothing")
    gelu = Work(key="g", title="Gaussian Error Linear Units (GELUs)", closeness=0.7)
    answers = [SearchAnswer(query=query, source="local", works=(gelu,)) for query in ("q", "r")]
    assert SCIENTIST.judge_novelty(idea, answers).verdict == "novel"
    alone = idea.model_copy(update={"title": title.partition(" and ")[0], "intervention": "gelu"})
    assert SCIENTIST.judge_novelty(alone, answers).verdict == "not_novel"
