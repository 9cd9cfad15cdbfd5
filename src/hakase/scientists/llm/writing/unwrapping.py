"""Takes a text out of what models put around it: code fences, a whole document, words to the reader, HTML."""

from __future__ import annotations

import re

_FENCED = re.compile(r"^[ \t]*```[\w+-]*[ \t]*\n(.*?)^[ \t]*```[ \t]*$", re.S | re.M)
_FENCE_LINE = re.compile(r"^[ \t]*(?:```|~~~)[\w+-]*[ \t]*$\n?", re.M)
_BODY = re.compile(r"\\begin\{document\}(.*?)(?:\\end\{document\}|\Z)", re.S)
_FRAME = re.compile(
    r"^[ \t]*\\(?:documentclass|usepackage|maketitle|author|date|bibliography|bibliographystyle|newpage|clearpage"
    r"|tableofcontents)\b(?:\[[^\]]*\])?(?:\{[^{}]*\})?[ \t]*$\n?",
    re.M,
)
_DOCUMENT_ENDS = re.compile(r"\\(?:begin|end)\{(?:document|abstract)\}")
_OPENING = re.compile(
    r"\A\s*(?:(?:Sure|Certainly|Of course|Absolutely|Okay|OK|Great)\b[^\n]*|(?:Here|Below)(?:'s| is| are)\b[^\n]*"
    r"|I(?:'ve| have| will|'ll)\b[^\n]*)(?::|!|\.{3})[ \t]*(?:\n|\Z)",
    re.I,
)
_CLOSING = re.compile(
    r"\n\s*(?:Let me know|I hope (?:this|that)|Please let me know|Feel free|Would you like|Note: (?:I|this)\b"
    r"|If you (?:need|want|would like))[^\n]*(?:\n[^\n]*)?\s*\Z",
    re.I,
)
_TAG = re.compile(
    r"</?(?:p|br|b|i|em|strong|u|ul|ol|li|h[1-6]|div|span|table|tr|td|th|thead|tbody|html|body|head|code|pre|a|title|meta)"
    r"(?:\s[^<>]*)?/?>",
    re.I,
)


def unwrap(text: str) -> str:
    """The text itself: without fences, a document around it, words to the reader, or HTML tags."""
    text = _TAG.sub("", _take_fenced(text.replace("\r\n", "\n")))
    body = _BODY.search(text)
    text = _FRAME.sub("", body[1] if body else text)
    text = _DOCUMENT_ENDS.sub("", text)
    return _CLOSING.sub("", _OPENING.sub("", text)).strip()


def _take_fenced(text: str) -> str:
    """The fenced blocks where they are most of the text, else the text without fence lines."""
    blocks = _FENCED.findall(text)
    inner = "\n\n".join(block.strip() for block in blocks)
    if len(inner) * 2 > len(text):
        return inner
    return _FENCE_LINE.sub("", text)
