"""The parameters and warnings that are declared once and shared by the methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from neurostudio.api import Params, param

Affinity = Literal["differential", "product", "windowed Spearman", "signed"]
Communities = Literal[
    "Leiden (modularity)", "Leiden (CPM)", "block model", "nested block model (graph-tool)"
]

FORM = "Affinity: our form; the published formula is not verified."
MOTIFS = "Components are motifs of co-change, not connections and not causes."
ONE_ANIMAL = (
    "One animal: this is a matrix factorisation, which is not unique in general; the animal profile has no "
    "meaning. A single animal gives hypotheses only."
)
WARNINGS = {
    "one animal": ONE_ANIMAL,
    "starts disagree": "Random starts ended in different components; do not rely on any one of them.",
    "missing neurons": "Some neurons were not seen in some animals; their pairs count nothing there.",
    "left out": "Neurons that were seen in too few animals were left out.",
    "gaps": "Traces with missing samples were taken as not seen.",
    "resampled": "Animals had different sampling rates; all were brought to the slowest.",
    "cut": "Animals were recorded for different times; only the time that they share was used.",
    "no names": "Traces are called by numbers; numbers of different animals are not the same neurons.",
    "no stimuli": "No stimuli were given: quarters of the recording stand in for them.",
    "not beyond control": "Purity is not beyond that of stimuli at shuffled times.",
    "no control": "No control with shifted traces was run beside it.",
    "simulated": "Simulated data: says nothing about a real animal.",
    "louvain": (
        "leidenalg is not installed, so Louvain's method of networkx was used. For Leiden: "
        "pip install neurostudio[graphs]"
    ),
    "no graph-tool": "graph-tool was not found; our own block model was used in its place.",
}


class AffinityParams(Params):
    """How the affinity of neurons is made of their traces."""

    smoothing: float = param(
        1.0, "Standard deviation of a Gaussian, before the derivative; 0 for none", unit="s", ge=0,
        le=30,
    )  # fmt: skip
    affinity: Affinity = param(
        "differential",
        "differential: high where two neurons change alike, in one direction; product of changes; rank "
        "correlation in a window; signed: as differential, opposite directions beside the same",
    )
    window: float = param(
        10.0, "Length of the window; windowed Spearman only", unit="s", ge=1, le=300, advanced=True
    )
    time_step: float = param(
        0.0, "Average the affinity over this step; 0 keeps every frame", unit="s", ge=0, le=10
    )
    minimum_animals: int = param(
        2, "Neurons seen in fewer animals are left out; with one animal all stay", ge=1, le=100
    )
    clip_outliers: bool = param(
        True, "Cut each trace at its 0.5th and 99.5th percentile, so that one outlier does not "
        "compress it",
        advanced=True,
    )  # fmt: skip
    remove_first_component: bool = param(
        False, "Remove what all traces of an animal share most (movement, bleaching, neuropil)",
        advanced=True,
    )  # fmt: skip


class FactorParams(AffinityParams):
    """Parameters of :func:`factorise_affinities`."""

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"rank": 4, "n_starts": 2, "n_iterations": 40},
        "Standard": {"rank": 4, "n_starts": 3, "n_iterations": 80},
        "Paper": {"rank": 4, "n_starts": 10, "n_iterations": 80},
    }

    rank: int = param(4, "Number of components; a choice, see the sweep of ranks", ge=1, le=50)
    n_starts: int = param(
        10, "Random starts; the one with the smallest error is kept", ge=1, le=100
    )
    n_iterations: int = param(80, "Sweeps of each start", ge=10, le=2000)


class RankParams(AffinityParams):
    """Parameters of :func:`choose_rank`."""

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"rank_from": 2, "rank_to": 6, "n_starts": 2, "n_iterations": 40},
        "Standard": {"rank_from": 2, "rank_to": 8, "n_starts": 3, "n_iterations": 80},
        "Paper": {"rank_from": 2, "rank_to": 15, "n_starts": 10, "n_iterations": 80},
    }

    rank_from: int = param(2, "Lowest rank; one below it is fitted too, for the drop", ge=1, le=50)
    rank_to: int = param(15, "Highest rank; one above it is fitted too, for the drop", ge=1, le=50)
    n_starts: int = param(10, "Random starts of each rank", ge=2, le=100)
    n_iterations: int = param(80, "Sweeps of each start", ge=10, le=2000)
    held_out: float = param(
        0.05, "Share of the entries kept out of one fit, as a second opinion; 0 for none", unit="1", ge=0,
        le=0.5, advanced=True,
    )  # fmt: skip


class GroupParams(Params):
    """Parameters of :func:`find_communities`."""

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"n_seeds": 5, "n_shuffles": 100},
        "Standard": {"n_seeds": 20, "n_shuffles": 200},
        "Paper": {
            "communities": "nested block model (graph-tool)",
            "n_seeds": 20,
            "n_shuffles": 1000,
        },
    }

    communities: Communities = param(
        "Leiden (modularity)",
        "Leiden by modularity or by the constant Potts model (CPM); block model: our own, finds too few "
        "groups where structure is weak; graph-tool where installed",
    )
    resolution: float = param(
        1.0, "Leiden only: higher for more and smaller communities; for CPM in mean weights", unit="1",
        ge=0.01, le=10,
    )  # fmt: skip
    n_seeds: int = param(
        20, "Partitions from different seeds; that closest to all others is kept", ge=2, le=200,
        advanced=True,
    )  # fmt: skip
    n_shuffles: int = param(
        200, "Shuffles of neurons' labels and of stimulus times, as controls", ge=0, le=10_000
    )


class AtlasParams(GroupParams, FactorParams):
    """Parameters of :func:`motif_atlas`."""

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"rank": 4, "n_starts": 2, "n_iterations": 40, "n_seeds": 5, "shifted": 1},
        "Standard": {"sweep": True, "rank_from": 2, "rank_to": 8, "n_starts": 3},
        "Paper": {
            "sweep": True,
            "rank_from": 2,
            "rank_to": 15,
            "n_starts": 10,
            "shifted": 5,
            "n_shuffles": 1000,
            "leave_one_out": True,
            "communities": "nested block model (graph-tool)",
        },
    }

    sweep: bool = param(False, "Choose the rank by a sweep first, in place of the rank given")
    rank_from: int = param(2, "Lowest rank of the sweep", ge=1, le=50, advanced=True)
    rank_to: int = param(8, "Highest rank of the sweep", ge=1, le=50, advanced=True)
    shifted: int = param(
        2, "Controls: fits of traces that are each shifted in time by an own amount", ge=0, le=100
    )
    leave_one_out: bool = param(
        False, "Fit again without each animal, and compare the components", advanced=True
    )
