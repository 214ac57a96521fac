"""A decomposition as arrays and plain values, and MNE's ICA built from them again."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from neurostudio.api import BadInput, Recording, TrainedModel, Trials
from neurostudio.learning.sensors import inside

Algorithm = Literal["fastica", "infomax", "extended infomax", "picard"]
CLASSES = ("brain", "muscle", "eye", "heart", "line noise", "channel noise", "other")
_ARRAYS = (
    "unmixing_matrix_",
    "mixing_matrix_",
    "pca_components_",
    "pca_mean_",
    "pca_explained_variance_",
    "pre_whitener_",
)


def options_of(algorithm: Algorithm) -> dict[str, Any]:
    """Return MNE's names for an algorithm."""
    if algorithm == "extended infomax":
        return {"method": "infomax", "fit_params": {"extended": True}}
    if algorithm == "picard":
        return {"method": "picard", "fit_params": {"ortho": False, "extended": True}}
    return {"method": algorithm}


def model_of(ica: Any, algorithm: str, probabilities: np.ndarray[Any, Any] | None) -> TrainedModel:
    """Return a fitted ICA as arrays and plain values."""
    weights = {name.strip("_"): np.asarray(getattr(ica, name), float) for name in _ARRAYS}
    if probabilities is not None:
        weights["class_probabilities"] = probabilities
    config = {
        "algorithm": algorithm,
        "channels": list(ica.ch_names),
        "components": list(ica._ica_names),
        "classes": list(CLASSES),
        "iterations": int(ica.n_iter_),
        "samples": int(ica.n_samples_),
        "fitted on": ica.current_fit,
        "rate (Hz)": float(ica.info["sfreq"]),
    }
    return TrainedModel(weights, config, "fit_ica")


def check_model(model: TrainedModel, signals: Recording | Trials) -> None:
    """Raise where a model is no decomposition, or was fitted on channels that are not there.

    Raises
    ------
    BadInput
        The message names what is missing.
    """
    if model.method != "fit_ica":
        raise BadInput(
            f"The model was made by {model.method}; a decomposition by 'fit_ica' is needed here."
        )
    missing = [name for name in model.config["channels"] if name not in inside(signals).ch_names]
    if missing:
        raise BadInput(
            f"The decomposition was fitted on {len(model.config['channels'])} channels; "
            f"{len(missing)} of them are not in the data: {', '.join(missing[:3])}. "
            "Apply it to the data it was fitted on, or fit again."
        )


def ica_of(model: TrainedModel, signals: Recording | Trials) -> Any:
    """Return MNE's ICA as it was fitted, for these signals."""
    import mne

    names = list(model.config["channels"])
    options = options_of(model.config["algorithm"])
    ica = mne.preprocessing.ICA(n_components=len(model.config["components"]), **options)
    for name in _ARRAYS:
        setattr(ica, name, np.array(model.weights[name.strip("_")]))
    ica.ch_names = names
    instance = inside(signals)
    ica.info = mne.pick_info(instance.info, [instance.ch_names.index(name) for name in names])
    ica.n_components_ = len(model.config["components"])
    ica.n_samples_ = model.config["samples"]
    ica.n_iter_ = model.config["iterations"]
    ica.current_fit = model.config["fitted on"]
    ica._max_pca_components = len(names)
    ica.reject_ = None
    ica.exclude = []
    ica.labels_ = {}
    ica._update_ica_names()
    return ica


def labels_of(model: TrainedModel) -> list[str]:
    """Return the most probable class of each component; empty words where none was asked for."""
    found = model.weights.get("class_probabilities")
    if found is None:
        return [""] * len(model.config["components"])
    return [CLASSES[k] for k in np.asarray(found).argmax(axis=1)]
