"""Packages that a scientist asks for: into a folder of the study, never into the environment that Hakase runs in.

No code of a package runs while it is installed (wheels only), and none that the baseline ran with is replaced.
"""

from hakase.packages.overlay import Installed, Layer, Overlay, Policy, Refused
from hakase.packages.problems import Package

__all__ = ["Installed", "Layer", "Overlay", "Package", "Policy", "Refused"]
