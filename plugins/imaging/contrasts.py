"""Contrasts of conditions, typed as text: ``face - house``, ``0.5*cat + 0.5*dog``, ``face - others``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from neurostudio.api import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

OTHERS = "others"
_WEIGHT = r"(?:(\d+(?:\.\d+)?)\s*(?:/\s*(\d+(?:\.\d+)?)\s*)?\*\s*)?"


def weights_of(text: str, conditions: Sequence[str]) -> dict[str, float]:
    """Return the weight of each condition that a contrast names.

    ``others`` is the mean of all conditions that the text does not name.

    Raises
    ------
    BadInput
        The text names what is no condition, or is no sum.

    Examples
    --------
    >>> weights_of("face - house", ["face", "house", "cat"])
    {'face': 1.0, 'house': -1.0}
    >>> weights_of("face - others", ["face", "house", "cat"])
    {'face': 1.0, 'house': -0.5, 'cat': -0.5}
    """
    names = sorted({*conditions, OTHERS}, key=len, reverse=True)
    words = "|".join(map(re.escape, names))
    term = re.compile(rf"\s*([+-])?\s*{_WEIGHT}({words})\s*(?=[+-]|$)")
    found: dict[str, float] = {}
    at = 0
    while at < len(text) or not found:
        match = term.match(text, at)
        if match is None or (found and match[1] is None):
            raise BadInput(
                f"The contrast '{text}' is not understood from '{text[at:].strip()[:30]}' on. Write sums "
                f"of conditions, as 'face - house'. The conditions are: {', '.join(conditions[:12])}."
            )
        size = float(match[2] or 1) / float(match[3] or 1)
        found[match[4]] = found.get(match[4], 0.0) + (-size if match[1] == "-" else size)
        at = match.end()
    return _spread(found, conditions)


def _spread(found: dict[str, float], conditions: Sequence[str]) -> dict[str, float]:
    if OTHERS in found and OTHERS not in conditions:
        rest = [each for each in conditions if each not in found]
        if not rest:
            raise BadInput("The contrast speaks of others, and there is no other condition.")
        share = found.pop(OTHERS) / len(rest)
        found |= dict.fromkeys(rest, share)
    return found


def default_contrasts(conditions: Sequence[str]) -> tuple[str, ...]:
    """Return each condition against the mean of the others; a single one against the baseline."""
    if len(conditions) == 1:
        return tuple(conditions)
    if len(conditions) == 2:
        first, second = conditions
        return (f"{first} - {second}",)
    return tuple(f"{each} - {OTHERS}" for each in conditions)


def slug(text: str) -> str:
    """Return a contrast as the name of an item: ``face - house`` → ``face_minus_house``."""
    words = text.replace("-", " minus ").replace("+", " plus ").replace("*", " times ")
    return re.sub(r"\W+", "_", words, flags=re.ASCII).strip("_").lower()
