"""The motif atlas as one picture: a row a component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neurostudio.api import View

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class MotifAtlas(View):
    """A row a component: time course, animals, matrix by community, ribbon of communities.

    ``times`` (n_times,) in seconds, ``time`` (rank, n_times), ``animals`` (rank, n_animals) with 1 for the
    median animal, ``matrices`` (rank, n, n), ``labels`` (rank, n) the communities from 0, ``order`` (rank, n)
    the neurons of a row sorted by community; ``inside`` (n_epochs, n_times) and ``epoch_names`` are the
    stimuli, of which a component has the purity ``shares`` (rank, n_epochs). ``above`` stands over the
    rows.
    """

    times: Array
    time: Array
    animals: Array
    matrices: Array
    labels: Array
    order: Array
    inside: Array
    shares: Array
    neurons: tuple[str, ...] = ()
    animal_names: tuple[str, ...] = ()
    epoch_names: tuple[str, ...] = ()
    above: str = ""
