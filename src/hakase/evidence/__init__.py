"""Reads results, compares runs with the baseline, and numbers the facts that a paper may refer to."""
