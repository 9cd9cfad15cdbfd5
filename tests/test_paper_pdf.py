"""Reading PDFs back: whole ones, encrypted ones, and ones that break the parser in every place."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from hakase.errors import HakaseError
from hakase.paper.pdf import page_count, page_text


def write_pdf(path: Path, pages: int = 1, **encryption: str) -> Path:
    import matplotlib as mpl
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    with mpl.rc_context({"pdf.compression": 0, "pdf.fonttype": 42}), PdfPages(path) as document:
        for number in range(pages):
            figure = Figure(figsize=(2, 2))
            figure.text(0.1, 0.5, f"page {number}")
            document.savefig(figure)
    if encryption:
        writer = PdfWriter(clone_from=PdfReader(path))
        writer.encrypt(**encryption)  # type: ignore[arg-type]
        writer.write(path)
    return path


def test_pages_are_counted_and_read(tmp_path: Path) -> None:
    pdf = write_pdf(tmp_path / "paper.pdf", pages=3)
    assert page_count(pdf) == 3
    assert page_text(pdf).split("\n\n") == ["page 0", "page 1", "page 2"]


def test_pages_are_counted_without_reading_their_text(tmp_path: Path) -> None:
    pdf = write_pdf(tmp_path / "paper.pdf")
    pdf.write_bytes(pdf.read_bytes().replace(b"/Contents", b"/Cintents").replace(b"/Font ", b"/Fint "))
    assert page_count(pdf) == 1


def test_a_pdf_with_a_password_is_refused_in_words(tmp_path: Path) -> None:
    pdf = write_pdf(tmp_path / "paper.pdf", user_password="x", algorithm="RC4-128")
    with pytest.raises(HakaseError, match="no PDF that can be read"):
        page_text(pdf)


def test_a_pdf_whose_cipher_is_not_installed_is_refused_in_words(tmp_path: Path) -> None:
    """AES needs a package that is no dependency; with it, the made-up password does not open the file."""
    hashes = f"/O <{'00' * 48}> /U <{'00' * 48}> /OE <{'00' * 32}> /UE <{'00' * 32}> /Perms <{'00' * 16}>"
    cipher = "/CF << /StdCF << /CFM /AESV3 /Length 32 >> >> /StmF /StdCF /StrF /StdCF"
    (tmp_path / "aes.pdf").write_text(
        "%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n"
        "2 0 obj << /Type /Pages /Kids [] /Count 0 >> endobj\n"
        f"3 0 obj << /Filter /Standard /V 5 /R 6 /Length 256 /P -4 {cipher} {hashes} >> endobj\n"
        "trailer << /Root 1 0 R /Encrypt 3 0 R /ID [<00> <00>] /Size 4 >>\nstartxref\n0\n%%EOF\n"
    )
    for read in (page_count, page_text):
        with pytest.raises(HakaseError, match="no PDF that can be read"):
            read(tmp_path / "aes.pdf")


@pytest.mark.parametrize("seed", range(6))
def test_a_broken_pdf_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    whole = write_pdf(tmp_path / "whole.pdf", pages=2).read_bytes()
    words = [b"/Pages", b"/Kids", b"/Count", b"/Contents", b"/Length", b"/Font", b"/Type", b" obj", b" R", b"<<", b">>"]
    values = [b"null", b"[]", b"(x)", b"-1", b"99999", b"/Name", b"", b"<<>>", b"1 0 R"]
    for _ in range(25):
        broken = whole
        for _ in range(rng.randint(1, 4)):
            word = rng.choice(words)
            start = broken.find(word, rng.randrange(len(broken)))
            if start >= 0:
                end = start + len(word)
                broken = broken[:end] + b" " + rng.choice(values) + broken[end + rng.randint(0, 6) :]
        (tmp_path / "x.pdf").write_bytes(broken)
        with contextlib.suppress(HakaseError):
            page_count(tmp_path / "x.pdf")
        with contextlib.suppress(HakaseError):
            page_text(tmp_path / "x.pdf")
