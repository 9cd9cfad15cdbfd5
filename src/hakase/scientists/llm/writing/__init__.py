"""The paper by a language model: sections in few questions, works to cite, passes over the whole, repairs, a revision.

Answers are plain LaTeX, cleaned tolerantly. Nothing here judges whether a draft is right, which the checks do. What
gets no usable answer is written by the rules of ``builtin.writing``, and noted.
"""

from hakase.scientists.llm.writing.refining import refine_draft, revise_paper
from hakase.scientists.llm.writing.repairing import repair_section, replace_section
from hakase.scientists.llm.writing.sections import write_section, write_title
from hakase.scientists.llm.writing.works import seek_works

__all__ = [
    "refine_draft",
    "repair_section",
    "replace_section",
    "revise_paper",
    "seek_works",
    "write_section",
    "write_title",
]
