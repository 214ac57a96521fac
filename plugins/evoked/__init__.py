"""Evoked responses: averages over trials, and the trials behind them."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="evoked",
    title="Evoked responses",
    summary="Averages trials by condition, compares conditions, and shows single trials as an image.",
    source="Luck, An Introduction to the Event-Related Potential Technique, MIT Press 2014",
    methods=("averaging:average_trials", "image:trials_image"),
    differs="Averages are MNE's; the band is a percentile bootstrap over trials or over people.",
    limits=(
        "A band at each time point is no test over all of them: where two bands part for a moment, "
        "chance may have done it. Averages of unlike numbers of trials differ in noise."
    ),
)
