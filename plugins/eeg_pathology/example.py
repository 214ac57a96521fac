"""Two small simulated clinics with a planted pathology; the larger ones are for the acceptance."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from neurostudio.api import Context, Example, Recording, Table, TrainedModel, Trials

from .two_clinics import Clinics, two_clinics

if TYPE_CHECKING:
    from neurostudio.api import Data

SMALL = {"network": "shallow", "filters": 8, "steps": 30, "test_column": "part"}


@cache
def clinics() -> tuple[Trials, Trials]:
    """Return 40 source and 20 target recordings."""
    return two_clinics(Clinics(severity=1.0), source=(28, 12), target=(12, 8))


@cache
def model() -> TrainedModel:
    """Return a classifier of the source, trained for 30 steps."""
    from .method import TrainParams, train_classifier

    result = train_classifier(Context(), TrainParams.model_validate(SMALL), windows=clinics()[0])
    return cast("TrainedModel", result["model"])


def train() -> Example:
    """Return the source clinic, to be told apart."""
    return Example(SMALL, {"windows": clinics()[0]})


def transfer() -> Example:
    """Return a source model and the target clinic."""
    params = {key: SMALL[key] for key in ("steps", "test_column")}
    return Example(params, {"source": model(), "windows": clinics()[1]})


def compare() -> Example:
    """Return a source model and both clinics, for two budgets and one draw."""
    params = {
        "budgets": (4, 8),
        "seeds": 1,
        "steps_scratch": 15,
        "steps_transfer": 15,
        "test_column": "part",
    }
    source, target = clinics()
    return Example(params, {"source": model(), "windows": target, "source_windows": source})


def classify() -> Example:
    """Return a source model and the target clinic, to be judged."""
    return Example({}, {"model": model(), "signals": clinics()[1]})


def explain() -> Example:
    """Return a source model and its windows."""
    return Example({"windows_used": 40}, {"model": model(), "windows": clinics()[0]})


def layers() -> Example:
    """Return one model twice: each layer is like itself."""
    return Example({}, {"first": model(), "second": model(), "windows": clinics()[1]})


def simulate() -> Example:
    """Return small sizes for the simulator."""
    return Example({"source": 8, "target": 8, "tested": 4})


def prepare() -> Example:
    """Return four recordings of 20 s with names, and a table of people in another order."""
    import mne
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(0)
    names = ("sub_01", "sub_02", "sub_03", "sub_04")
    channels = ["EEG Fp1-REF", "EEG T3-REF", "EEG O1-REF"]
    recordings: list[Data] = []
    for _ in names:
        info = mne.create_info(channels, 200.0, "eeg", verbose="ERROR")
        data = 20e-6 * random.standard_normal((3, 4000))
        recordings.append(Recording(mne.io.RawArray(data, info, verbose="ERROR")))
    people = pd.DataFrame(
        {
            "participant_id": ["sub-04", "sub-02", "sub-01", "sub-03"],
            "label": ["abnormal", "abnormal", "normal", "normal"],
            "age": [61, 58, 33, 40],
        }
    )
    params = {"skip": 2.0, "shortest": 5.0, "window": 4.0, "channels": ("Fp1", "T7", "O1")}
    return Example(
        params,
        {"recordings": tuple(recordings), "people": Table(people)},
        {"recordings": names},
    )
