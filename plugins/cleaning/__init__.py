"""Which trials and channels are too noisy, decided by the data themselves."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="cleaning",
    title="Cleaning",
    summary="Finds thresholds by cross-validation, mends or leaves out trials, proposes bad channels.",
    source=(
        "Jas et al., Autoreject: Automated artifact rejection for MEG and EEG data, NeuroImage 2017; "
        "Bigdely-Shamlo et al., The PREP pipeline, Front. Neuroinform. 2015"
    ),
    methods=("trials:clean_trials", "channels:clean_channels"),
    differs=(
        "Autoreject itself, with smaller grids than its own so that it takes minutes; channels by four "
        "robust measures instead of PREP's whole procedure."
    ),
    limits=(
        "A threshold that suits most trials also removes rare true responses that are large. "
        "Look at what was left out before trusting what was kept."
    ),
)
