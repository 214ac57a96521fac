"""Which space the millimetres of an item belong to, and whether two items may be laid over each other.

Millimetres run to the right, to the front and up (RAS) in every space.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neurostudio.data import Connectome, Points, Surface, Volume
from neurostudio.data.volume import image_space

if TYPE_CHECKING:
    from neurostudio.data import Data

UNKNOWN = ""
MNI152 = "MNI152"
MNI305 = "MNI305"  # the space of FreeSurfer's fsaverage
TALAIRACH = "Talairach"
SCANNER = "scanner"
ALIGNED = "aligned to another image"
MODEL = "model"  # of a simulated network: no body, no millimetres, no left and right
NAMED = (MNI152, MNI305, TALAIRACH, SCANNER)
_NEAR = frozenset({MNI152, MNI305})
_OWN = frozenset({UNKNOWN, SCANNER, ALIGNED})


@dataclass(frozen=True, slots=True)
class Relation:
    """Whether two spaces may share one cursor and one picture, and what must be said about it."""

    linked: bool
    note: str = ""


def space_of(data: Data) -> str:
    """Return the name of the space of an item's millimetres, empty where nothing tells."""
    if isinstance(data, Volume):
        return image_space(data.image)
    if isinstance(data, Surface):
        return data.space
    if isinstance(data, Connectome):
        return str(data.matrix.attrs.get("space", UNKNOWN))
    if isinstance(data, Points):
        return str(data.table.attrs.get("space", UNKNOWN))
    return UNKNOWN


def relation(one: str, other: str) -> Relation:
    """Return whether a place in one space is the same place in the other.

    Named spaces are linked with themselves only. MNI152 and MNI305 differ by a few millimetres, which
    is said. Spaces that are a scanner's own, or unknown, are linked with each other (they may be of
    one person), which is said; never with a template.
    """
    if one == other and one not in _OWN:
        return Relation(linked=True)
    if {one, other} == _NEAR:
        return Relation(True, "MNI152 and MNI305 (fsaverage) differ by up to about 4 mm.")
    if one in _OWN and other in _OWN:
        named = " and ".join(sorted({each or "unknown" for each in (one, other)}))
        return Relation(
            True,
            f"Taken to be one space ({named}): right only for images of one person and session.",
        )
    words = " and ".join(each or "an unknown space" for each in (one, other))
    return Relation(False, f"{words} are different spaces: bring one into the other first.")
