"""Power over time and frequency: around events, and through a whole night."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="time_frequency",
    title="Time and frequency",
    summary="Power and phase-locking around events; the spectrogram of a recording of any length.",
    source="Tallon-Baudry & Bertrand, Oscillatory gamma activity in humans, Trends Cogn. Sci. 1999",
    methods=("around:time_frequency", "night:spectrogram"),
    differs="MNE's Morlet wavelets and tapers; decibels are 10 × its logarithm of the ratio.",
    limits=(
        "Power smears over the length of a wavelet, so a begin in the picture lies before the true "
        "one. A peak over broad-band change is not yet a rhythm."
    ),
)
