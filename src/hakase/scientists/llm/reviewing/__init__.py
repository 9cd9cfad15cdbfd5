"""How a language model reviews: an ensemble on the NeurIPS form, an area chair, reflections, scores by code.

The rules are in ``docs/review.md``.
"""

from hakase.scientists.llm.reviewing.examples import check_examples
from hakase.scientists.llm.reviewing.review import review_paper

__all__ = ["check_examples", "review_paper"]
