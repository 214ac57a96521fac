"""Everyday preparation of recordings and trials."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="preprocess",
    title="Preprocessing",
    summary="Filter, resample, re-reference, choose channels, cut trials, look at spectra.",
    source="Gramfort et al., MEG and EEG data analysis with MNE-Python, Front. Neurosci. 2013",
    methods=(
        "filtering:filter_signals",
        "filtering:remove_line_noise",
        "filtering:resample",
        "channels:pick_channels",
        "channels:mark_bad_channels",
        "channels:rereference",
        "channels:set_montage",
        "cutting:cut_trials",
        "cutting:cut_windows",
        "selecting:select_trials",
        "selecting:reject_trials",
        "spectrum:power_spectrum",
    ),
    differs="A thin layer over MNE-Python: its algorithms, its defaults where none is shown.",
    limits=(
        "A filter changes the shape and the timing of what it passes; "
        "look at the spectra before and after."
    ),
)
