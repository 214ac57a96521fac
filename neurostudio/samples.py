"""The sample data that installable packages ship: what each is, whose it is, and what lacks."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, slots=True)
class Sample:
    """Data that a method without inputs reads from an installed package.

    ``package`` is the name that Python imports, ``install`` the name that pip knows.
    """

    method: str
    title: str
    about: str
    package: str
    install: str
    licence: str
    source: str

    @property
    def words(self) -> str:
        """Where the data are from, in one paragraph."""
        return f"{self.source} Shipped with {self.install}. Licence: {self.licence}."


@dataclass(frozen=True, slots=True)
class Offer:
    """A package that ships data which the program reads as files."""

    package: str
    install: str
    about: str
    licence: str


SAMPLES = (
    Sample(
        method="sample_mni152",
        title="MNI152 brain",
        about="T1, grey and white matter, brain mask",
        package="nilearn",
        install="nilearn",
        licence="free with notice (MNI)",
        source=(
            "ICBM 152 nonlinear 2009a symmetric: Fonov et al., Unbiased average age-appropriate atlases "
            "for pediatric studies, NeuroImage 54, 2011. nilearn names no licence of the images; the MNI's "
            "own allows to use and pass them on, with its notice."
        ),
    ),
    Sample(
        method="sample_fsaverage",
        title="fsaverage surface",
        about="Pial, white, inflated; folds, thickness",
        package="nilearn",
        install="nilearn",
        licence="free with notice (FreeSurfer)",
        source=(
            "FreeSurfer's fsaverage5: Fischl, Sereno & Dale, Cortical surface-based analysis II, "
            "NeuroImage 9, 1999. nilearn names no licence of the surfaces; FreeSurfer's own is free, "
            "with its notice."
        ),
    ),
    Sample(
        method="sample_worm_connectome",
        title="Worm connectome",
        about="C. elegans, Cook 2019, 473 cells",
        package="cect",
        install="cect",
        licence="MIT",
        source=(
            "Cook et al., Whole-animal connectomes of both Caenorhabditis elegans sexes, Nature 571, 2019, "
            "hermaphrodite; the ConnectomeToolbox of OpenWorm."
        ),
    ),
    Sample(
        method="sample_montage",
        title="EEG electrodes",
        about="Places of a standard montage, mm",
        package="mne",
        install="mne",
        licence="BSD-3-Clause",
        source=(
            "Gramfort et al., MEG and EEG data analysis with MNE-Python, Front. Neurosci. 7, 2013; "
            "10-05 system: Oostenveld & Praamstra, Clin. Neurophysiol. 112, 2001."
        ),
    ),
)
OFFERS = (
    Offer(
        "brainspace",
        "brainspace",
        "group mean functional connectivity, gradients and surfaces of people",
        "BSD-3-Clause; matrices under the terms of the Human Connectome Project",
    ),
    Offer("tvb_data", "tvb-data", "human connectomes with tract lengths, lead fields", "GPL-3"),
    Offer(
        "wormneuroatlas",
        "wormneuroatlas",
        "signal propagation and positions of the neurons of C. elegans",
        "GPL-3",
    ),
    Offer("seqnmf", "seqnmf", "calcium imaging and song of a songbird", "MIT"),
    Offer("nitime", "nitime", "spikes of a grasshopper's ear, fMRI series", "BSD-3-Clause"),
)


def sample(method: str) -> Sample:
    """Return the sample that a method reads.

    Raises
    ------
    KeyError
        The method reads none.
    """
    return {each.method: each for each in SAMPLES}[method]


def is_installed(package: str) -> bool:
    """Return whether a package is there, without importing it."""
    return find_spec(package) is not None


def folder_of(package: str) -> str:
    """Return where an installed package lies, empty where it is not installed."""
    found = find_spec(package)
    places = found.submodule_search_locations if found is not None else None
    return str(next(iter(places), "")) if places else ""


def lacking(given: Sample | Offer) -> str:
    """Return what must be installed first, empty where nothing is."""
    return (
        "" if is_installed(given.package) else f"Needs {given.install}: pip install {given.install}"
    )
