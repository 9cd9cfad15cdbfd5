"""From a draft to a PDF: generated parts, checks, assembly, figures and typesetters.

Nothing here writes prose (a scientist does) or decides what is true (``evidence`` does).
"""
