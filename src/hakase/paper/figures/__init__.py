"""The pictures of a paper: the harness's own, the record of what plot.py drew, captions from it, and checks."""
