"""Two exchanges of one request become typed differences: status, each header, body by its form.

Pure functions over `explorer.topics`. Does no I/O, renders nothing and never judges which side is right.
Differences are told from left to right: "missing" stands on the left only, "extra" on the right only.
"""

from __future__ import annotations

from explorer.compare.comparison import Comparison, compare
from explorer.compare.differences import Area, Difference, Kind, Mark
from explorer.compare.effects import EFFECTS, SEVERITY, Effect, EffectRule
from explorer.compare.noise import DEFAULT_NOISE, NOISE, NoiseRule

__all__ = [
    "DEFAULT_NOISE",
    "EFFECTS",
    "NOISE",
    "SEVERITY",
    "Area",
    "Comparison",
    "Difference",
    "Effect",
    "EffectRule",
    "Kind",
    "Mark",
    "NoiseRule",
    "compare",
]
