"""The simulated pair of clinics as a method of its own."""

from __future__ import annotations

from neurostudio.api import Context, Number, Params, Result, method, param

from .cohort import WARNINGS


class ClinicsParams(Params):
    """Parameters of :func:`simulate_clinics`."""

    source: int = param(300, "Recordings of the source clinic for training", ge=4, le=10_000)
    target: int = param(100, "Recordings of the target clinic for training", ge=4, le=10_000)
    tested: int = param(100, "Recordings of each clinic for testing", ge=2, le=10_000)
    severity: float = param(0.45, "How ill the ill are; 0: not at all", unit="1", ge=0, le=2)
    label_noise: float = param(
        0.05, "Share of training labels that are wrong", unit="1", ge=0, le=0.5
    )
    channels: int = param(8, "Channels", ge=4, le=21, advanced=True)
    rate: float = param(50.0, "Sampling rate", unit="Hz", ge=40, le=500, advanced=True)
    window: float = param(6.0, "Length of a window", unit="s", ge=1, le=60, advanced=True)


@method(group="Simulate", title="Simulate two clinics", warnings=WARNINGS, example="simulate")
def simulate_clinics(context: Context, params: ClinicsParams) -> Result:
    """Simulate EEG of a large and a small clinic, with a planted pathology."""
    from .cohort import CohortParams, read_cohort
    from .pictures import spectra_of_classes
    from .two_clinics import Clinics, two_clinics

    settings = Clinics(
        n_channels=params.channels,
        rate=params.rate,
        n_times=round(params.window * params.rate),
        severity=params.severity,
        label_noise=params.label_noise,
        seed=context.seed,
    )
    for _ in context.track(range(1), "Simulating"):
        source, target = two_clinics(
            settings, source=(params.source, params.tested), target=(params.target, params.tested)
        )
    truth = CohortParams(label="true_label")
    return Result(
        data={"source": source, "target": target},
        views=tuple(spectra_of_classes(read_cohort(each, truth, 0)) for each in (source, target)),
        numbers={"windows": Number(len(source.epochs.events) + len(target.epochs.events))},
        warnings=("simulated",),
    )
