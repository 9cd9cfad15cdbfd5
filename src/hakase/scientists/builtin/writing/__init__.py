"""The built-in scientist's writing: a paper by rules from the evidence, with no language model.

Prose lives in ``prose/*.tex.j2``; a template chooses a sentence by the evidence's verdicts and refers to every result
by its macro. Sentences that are put together from many parts live in ``results``, ``protocol``, ``related`` and
``pictures``.
"""

from hakase.scientists.builtin.writing.notes import describe_run
from hakase.scientists.builtin.writing.repairing import repair_section
from hakase.scientists.builtin.writing.revising import revise_paper
from hakase.scientists.builtin.writing.sections import write_section, write_title

__all__ = ["describe_run", "repair_section", "revise_paper", "write_section", "write_title"]
