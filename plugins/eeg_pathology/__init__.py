"""EEG classification with one label a recording, a subject or a trial; transfer between clinics."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="eeg_pathology",
    title="EEG pathology",
    summary=(
        "Train a network to tell groups of EEG recordings apart, transfer it from a large corpus to "
        "a small clinic, and see whether that helped."
    ),
    source=(
        "Amplifying Pathological Detection in EEG Signaling Pathways through Cross-Dataset Transfer "
        "Learning, 2023"
    ),
    methods=(
        "windows:prepare_windows",
        "method:train_classifier",
        "method:transfer_classifier",
        "compare:compare_transfer",
        "apply:classify",
        "explain:explain_classifier",
        "layers:compare_layers",
        "simulate:simulate_clinics",
    ),
    differs=(
        "No TUAB or NMT here: a simulated pair of clinics with a planted pathology; the real corpora "
        "open from a folder."
    ),
    limits=(
        "Not a medical device; a verdict holds for this pair of corpora and this number of labels."
    ),
)
