"""The built-in scientist's review: the NeurIPS form by stated rules, over evidence, checks, citations and text.

The rules are in ``docs/review.md``. It judges what can be measured; whether an idea is beautiful it cannot say.
"""

from hakase.scientists.builtin.reviewing.form import review_paper

__all__ = ["review_paper"]
