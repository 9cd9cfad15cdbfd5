"""Numbers as a paper prints them: LaTeX text for use outside mathematics, rounded by what is known of their spread."""

from __future__ import annotations

import math

SMALLEST_P = 0.001
_PLAIN_FROM, _PLAIN_TO = 1e-4, 1e7
"""Sizes between which a number is printed without a power of ten."""


def decimals_for(spread: float | None, value: float, digits: int = 4) -> int:
    """Decimal places that show two significant digits of ``spread``, else ``digits`` of ``value``.

    >>> decimals_for(0.00123, 0.5), decimals_for(None, 12.3456)
    (4, 2)
    """
    size = spread if spread else value
    if size == 0 or not math.isfinite(size):
        return digits - 1
    kept = 2 if spread else digits
    return kept - 1 - math.floor(math.log10(abs(float(f"{size:.{kept - 1}e}"))))


def number_text(value: float, decimals: int, sign: bool = False) -> str:
    r"""``value`` to so many decimal places (fewer than none rounds to tens), with ``+`` when ``sign`` is asked for.

    >>> number_text(-0.01234, 3), number_text(1.8, 1, sign=True), number_text(0.0000123, 6)
    ('$-$0.012', '+1.8', '$1.2\\times10^{-5}$')
    """
    rounded = round(value, decimals)
    if rounded == 0:
        return f"{0:.{max(decimals, 0)}f}" if abs(decimals) <= 6 else "0"
    plus = "+" if sign and rounded > 0 else ""
    if not _PLAIN_FROM <= abs(rounded) < _PLAIN_TO:
        return _power_text(rounded, decimals, plus)
    minus = "$-$" if rounded < 0 else plus
    return f"{minus}{abs(rounded):.{max(decimals, 0)}f}"


def _power_text(value: float, decimals: int, plus: str) -> str:
    exponent = math.floor(math.log10(abs(value)))
    mantissa = f"{value:.{max(0, decimals + exponent)}e}".split("e")[0]
    return rf"${plus}{mantissa}\times10^{{{exponent}}}$"


def p_text(p: float) -> str:
    """A p-value to three decimals, one more where it would round onto 0.05.

    >>> p_text(0.03125), p_text(0.0002), p_text(0.04961)
    ('0.031', '$<$0.001', '0.0496')
    """
    if p < SMALLEST_P:
        return f"$<${SMALLEST_P}"
    return f"{p:.4f}" if abs(p - 0.05) < 0.0005 and p != 0.05 else f"{p:.3f}"


def seconds_text(seconds: float) -> str:
    """Wall seconds: one decimal below a hundred, whole from there on."""
    return f"{seconds:.1f}" if seconds < 100 else f"{seconds:.0f}"
