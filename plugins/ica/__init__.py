"""Independent components: find them, name them, take some out."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="ica",
    title="Independent components",
    summary="Splits recordings into independent sources; eye blinks, heart and muscle can be taken out.",
    source=(
        "Makeig et al., Independent component analysis of electroencephalographic data, NIPS 1996; "
        "Pion-Tonachini et al., ICLabel, NeuroImage 2019"
    ),
    methods=("fitting:fit_ica", "removing:remove_components"),
    differs=(
        "A thin layer over MNE-Python and mne-icalabel; the decomposition is kept as arrays, "
        "so that it is applied again without being fitted again."
    ),
    limits=(
        "A component is a spatial filter, not a brain area. Taking one out also takes the brain's "
        "share in it, and lowers the rank of the data by one."
    ),
)
