"""Find independent components."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Estimate,
    Number,
    Params,
    Recording,
    Result,
    Signals,
    Trials,
    method,
    param,
)
from neurostudio.learning.sensors import check_channels, data_channels, inside, wrapped

from . import naming, picturing
from .decomposition import Algorithm, model_of, options_of

if TYPE_CHECKING:
    from neurostudio.api import Items

WARNINGS = {
    "not-converged": (
        "The algorithm stopped before it had settled. Allow more iterations, high-pass the data, "
        "or ask for fewer components."
    ),
    "baseline": (
        "The trials are baseline-corrected, which disturbs the components. "
        "Cut them without a baseline, and subtract it after the cleaning."
    ),
    "unfiltered": (
        "The trials are too short for the high-pass, so the fit saw slow drifts. "
        "Filter the recording before cutting it."
    ),
    "few-samples": (
        "There are fewer than 20 samples for each pair of channels; components are unreliable. "
        "Use a longer recording, fewer components or less decimation."
    ),
    **naming.WARNINGS,
}


class FitParams(Params):
    """Parameters of :func:`fit_ica`."""

    algorithm: Algorithm = param(
        "extended infomax", "extended infomax is what ICLabel was made for; fastica is quicker"
    )
    components: int | None = param(
        None, "Number of components; none for as many as the variance asks for", ge=1, le=1024
    )
    variance: float = param(
        0.999999, "Share of the variance to keep where no number is given", unit="1", gt=0, lt=1
    )
    high_pass: float = param(
        1.0, "High-pass of the copy that is fitted; 0 for none", unit="Hz", ge=0, le=30
    )
    decimate: int = param(1, "Use only every n-th sample for the fit", ge=1, le=100, advanced=True)
    iterations: int | None = param(
        None, "Most iterations; none for the library's own", ge=1, le=100_000, advanced=True
    )
    channels: tuple[str, ...] = param(
        (), "Channels to decompose; none for all that are not bad", suggest="channels"
    )
    compare_with: tuple[str, ...] = param(
        (),
        "Eye or heart channels to compare with; none for those of the types eog and ecg",
        suggest="channels",
    )
    classify: bool = param(True, "Name the components by ICLabel (EEG with channel positions)")


def _memory(params: Any, items: Items) -> Estimate:
    del params
    signals = items["signals"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    return Estimate(5 * signals.nbytes(), "Use a shorter part, fewer channels or a lower rate.")


def _check(params: FitParams, items: Items) -> None:
    signals = items["signals"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    check_channels(params.channels, signals)
    check_channels(params.compare_with, signals)
    n_channels = len(data_channels(signals, params.channels))
    if n_channels < 2:
        raise BadInput(f"There is {n_channels} channel; a decomposition needs at least 2.")
    instance = inside(signals)
    n_samples = len(instance.times) * (len(instance.events) if isinstance(signals, Trials) else 1)
    if n_samples // params.decimate < 2 * n_channels:
        raise BadInput(
            f"{n_samples // params.decimate} samples are too few for {n_channels} channels; at least "
            f"{2 * n_channels} are needed. Use more data, fewer channels or less decimation."
        )
    if params.components is not None and params.components > n_channels:
        raise BadInput(
            f"{params.components} components were asked for; {n_channels} channels hold at most "
            f"{n_channels}. Ask for fewer."
        )
    rate = float(instance.info["sfreq"])
    if params.high_pass >= rate / 2:
        raise BadInput(
            f"The high-pass is {params.high_pass:g} Hz; data sampled at {rate:g} Hz hold nothing "
            f"above {rate / 2:g} Hz. Choose a lower one."
        )
    if params.algorithm == "picard" and find_spec("picard") is None:
        raise BadInput(
            "Picard needs the package 'python-picard', which is not installed. "
            "Choose extended infomax, which finds the same components."
        )


@method(group="Analyse", title="Fit ICA", warnings=WARNINGS, memory=_memory, check=_check)
def fit_ica(context: Context, params: FitParams, signals: Recording | Trials) -> Result:
    """Split signals into independent components, and describe each."""
    codes: list[str] = []
    steps = context.track(("filter", "fit", "name"), "Finding components")
    next(steps)
    names = data_channels(signals, params.channels)
    copy = high_passed(signals, params.high_pass, codes)
    next(steps)
    ica = _fitted(copy, names, params, context.seed, codes)
    next(steps)
    probabilities = None
    if params.classify:
        probabilities, found = naming.classify(inside(copy), ica)
        codes += found
    model = model_of(ica, params.algorithm, probabilities)
    sources = wrapped(signals, ica.get_sources(inside(copy), add_channels=[]))
    described = picturing.describe(copy, ica, model, params.compare_with)
    views = picturing.views(copy, ica, described)
    numbers = {
        "components": Number(int(ica.n_components_), note=f"of {len(names)} channels"),
        "variance kept": Number(picturing.kept(ica), "1"),
        "iterations": Number(int(ica.n_iter_)),
        "suggested to remove": Number(
            len(described.suggested), note=", ".join(described.suggested) or "none"
        ),
    }
    list(steps)
    shown = Signals(
        "sources",
        title="Time courses",
        caption="Time courses of the components, in standard units.",
    )
    return Result({"ica": model, "sources": sources}, (*views, shown), numbers, tuple(codes))


def high_passed(signals: Recording | Trials, low: float, codes: list[str]) -> Recording | Trials:
    """Return a copy in memory, high-passed unless its trials are too short for that."""
    instance = inside(signals).copy().load_data()
    if not np.isfinite(instance.get_data(**_quiet(signals))).all():
        raise BadInput(
            "The data hold values that are no numbers. Cut those stretches out, or leave out their "
            "channels, first."
        )
    if isinstance(signals, Trials) and instance.baseline is not None:
        codes.append("baseline")
    length = len(instance.times) / float(instance.info["sfreq"])
    if low and isinstance(signals, Trials) and length < 3.3 / min(max(low * 0.25, 2.0), low):
        codes.append("unfiltered")
    elif low:
        instance.filter(low, None, picks="all", verbose="ERROR")
    return wrapped(signals, instance)


def _quiet(signals: Recording | Trials) -> dict[str, Any]:
    return {"verbose": "ERROR"} | ({"copy": False} if isinstance(signals, Trials) else {})


def _fitted(
    copy: Recording | Trials, names: list[str], params: FitParams, seed: int, codes: list[str]
) -> Any:
    import warnings

    import mne

    ica = mne.preprocessing.ICA(
        n_components=params.components or params.variance,
        max_iter=params.iterations or "auto",
        random_state=seed,
        verbose="ERROR",
        **options_of(params.algorithm),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # n_iter_ says below whether it settled
        ica.fit(inside(copy), picks=names, decim=params.decimate, verbose="ERROR")
    if ica.n_iter_ >= ica.max_iter:
        codes.append("not-converged")
    if ica.n_samples_ < 20 * ica.n_components_**2:
        codes.append("few-samples")
    return ica
