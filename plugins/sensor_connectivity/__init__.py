"""Which sensors go together in a band of frequencies."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="sensor_connectivity",
    title="Sensor connectivity",
    summary="Coherence and phase-locking between all pairs of sensors, beside their chance level.",
    source=(
        "Vinck et al., An improved index of phase-synchronization, NeuroImage 2011; "
        "Bruña, Maestú & Pereda, Phase locking value revisited, J. Neural Eng. 2018"
    ),
    methods=("connecting:sensor_connectivity",),
    differs=(
        "The measures are mne-connectivity's; the chance level comes from trials in another order "
        "for each channel, the largest of all pairs against the largest."
    ),
    limits=(
        "Sensors are not areas: one source is seen by many of them. A response that is locked to the "
        "event, or a common reference, also connects sensors, and shuffling trials does not undo that."
    ),
)
