"""What is seen of a training: the matrix, its two terms, both views, the probe beside its controls."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neurostudio.api import Heatmap, Images, Lines, NullControl, Report, Sheet
from neurostudio.training import seed_of, steady

from . import fitting
from .distorting import distortion
from .samples import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from neurostudio.api import Context, Number, View
    from neurostudio.training import History

    from .fitting import Plan, Seen
    from .probing import Judged
    from .samples import Samples

    Array = NDArray[Any]

VIEWS_SHOWN = 8
_CELLS = 128  # coordinates of the matrix that are shown
_INTERVAL = 1.0  # seconds between two pictures on the way
_CHANNELS, _APART = 4, 6.0  # channels of a window that are shown, standard deviations between them
PAPER = {"Barlow Twins": 71.4, "diagonal only": 57.3, "off-diagonal only": 0.1}
_SIMULATED = "Simulated data. "
_UNLABELLED = (
    "There are no labels, so nothing says what it is worth. Mean diagonal and off-diagonal RMS say only that "
    "the loss did what it should."
)
_NEGATIVES = (
    "**Why are there no negatives?** The off-diagonal term does the spreading: coordinates that say "
    "different things cannot all be the same for all samples."
)


def both_views(plan: Plan, seed: int) -> View:
    """Return two views of the first samples, as the network is given them."""
    rows = np.random.default_rng(seed).permutation(plan.rows)[:VIEWS_SHOWN]
    samples = plan.samples
    values = samples.tensor(rows)
    if samples.kind == "windows":
        every = samples.tensor(plan.rows[:2000])
        values = (values - every.mean(dim=(0, 2), keepdim=True)) / every.std(
            dim=(0, 2), keepdim=True
        ).clamp_min(1e-6)
    with steady():
        torch.manual_seed(seed_of(seed, "both views"))
        distort = distortion(plan.params, samples.shape, samples.rate)
        first, second = distort(values, False).numpy(), distort(values, True).numpy()
    names = [samples.ids[row] for row in rows]
    if samples.kind == "windows":
        return _traces(values.numpy(), first, second, samples, names)
    return _pairs(values.numpy(), first, second, samples, names)


def _pairs(
    values: Array, first: Array, second: Array, samples: Samples, names: list[str]
) -> Images:
    """Return a column for each sample: as it is, view A, view B."""
    parts = [shown(each, samples.kind) for each in (values, first, second)]
    pixels = np.concatenate(parts)
    words = [*names, *["view A"] * len(names), *["view B"] * len(names)]
    return Images(
        pixels=pixels,
        names=tuple(words),
        columns=len(names),
        title="Both views",
        caption="Each sample as it is, its view A and its view B. What differs between the views cannot be "
        "read from the embedding any more.",
    )


def _traces(
    values: Array, first: Array, second: Array, samples: Samples, names: list[str]
) -> Lines:
    """Return some channels of one window below each other: as it is, view A, view B."""
    strongest = np.sort(np.argsort(values[0].std(axis=-1))[::-1][:_CHANNELS])
    times = np.append(np.arange(values.shape[-1]) / samples.rate, np.nan)
    down = -_APART * np.arange(len(strongest))[:, None]
    gap = np.full((len(strongest), 1), np.nan)  # between two channels no line is drawn
    y = [np.hstack([each[0, strongest] + down, gap]).ravel() for each in (values, first, second)]
    channels = ", ".join(samples.channels[each] for each in strongest)
    return Lines(
        np.tile(times, (3, len(strongest))), np.array(y), names=("as it is", "view A", "view B"),
        x_label="time", x_unit="s", y_label="signal, each channel lower than the last", y_unit="s.d.",
        title="Both views",
        caption=f"Window {names[0]}, from above: {channels}. What differs between the views cannot be read "
        "from the embedding any more.",
    )  # fmt: skip


def matrix(values: Array, last: Mapping[str, float] | None = None, title: str = "") -> Heatmap:
    """Return the cross-correlation matrix; the identity is the goal."""
    some = values[:_CELLS, :_CELLS]
    words = "The identity is the goal."
    if len(values) > _CELLS:
        words = f"The first {_CELLS} of {len(values)} coordinates. {words}"
    if last is not None:
        words += (
            f" In the last epoch: mean diagonal {last[fitting.DIAGONAL]:.2f}, off-diagonal RMS "
            f"{last[fitting.BESIDE]:.2f}; sampling noise of one batch {last[fitting.NOISE]:.2f}."
        )
    return Heatmap(
        np.clip(some, -1, 1).astype(float),
        x_label="coordinate, view B",
        y_label="coordinate, view A",
        value_label="correlation",
        value_unit="1",
        diverging=True,
        span=(-1.0, 1.0),
        title=title or "Cross-correlation of the two views",
        caption=words,
    )


def entries(values: Array) -> Lines:
    """Return how the entries of the matrix are distributed, on and off the diagonal."""
    edges = np.linspace(-1, 1, 81)
    centres = (edges[:-1] + edges[1:]) / 2
    on = np.diagonal(values)
    off = values[~np.eye(len(values), dtype=bool)]
    shares = [
        np.histogram(np.clip(each, -1, 1), edges)[0] / max(len(each), 1) for each in (on, off)
    ]
    return Lines(
        centres, np.array(shares), names=("diagonal", "off the diagonal"), x_label="correlation",
        y_label="share of entries", y_unit="1", title="Entries of the matrix",
        caption="The diagonal belongs at 1 (invariance), all else at 0 (no redundancy).",
    )  # fmt: skip


def watcher(
    context: Context, levels: Mapping[str, float], batch_size: int
) -> Callable[[Seen], None]:
    """Return what shows the main training on the way: matrix, its terms, the probe, the alarm."""
    last = [0.0]

    def watch(seen: Seen) -> None:
        now = time.monotonic()
        if seen.name != fitting.MAIN or now - last[0] < _INTERVAL or seen.correlation is None:
            return
        last[0] = now
        current = seen.epochs[-1]
        context.show("cross-correlation", matrix(seen.correlation.cpu().numpy(), current))
        context.show("two terms", terms(seen.epochs, 1 / np.sqrt(batch_size)))
        if levels:
            context.show("probe", probe_curve(seen.epochs, levels))
        if seen.alarm:
            context.show("collapse alarm", alarm(seen.alarm))

    return watch


def alarm(reason: str) -> Report:
    """Return the collapse alarm with its reason and what to do."""
    return Report(
        f"# Collapse alarm\n\nThe embedding has collapsed: {reason}.\n\nRaise λ where coordinates say "
        "the same, use a larger batch, or weaker distortions.",
        title="Collapse alarm",
    )


def terms(epochs: list[dict[str, float]], noise: float) -> Lines:
    """Return the mean diagonal and the off-diagonal RMS over the epochs."""
    y = np.array([[each[name] for each in epochs] for name in (fitting.DIAGONAL, fitting.BESIDE)])
    return Lines(
        np.arange(1, len(epochs) + 1, dtype=float), y, names=("mean diagonal", "off-diagonal RMS"),
        x_label="epoch", y_label="correlation", y_unit="1",
        levels={"sampling noise 1/√B": noise}, title="Two terms of the loss",
        caption="The diagonal belongs at 1. Off it nothing can fall far below the noise of a batch.",
    )  # fmt: skip


def probe_curve(epochs: list[dict[str, float]], levels: Mapping[str, float]) -> Lines:
    """Return the live probe over the epochs, beside what needs no training."""
    known = [
        (k + 1, each["probe_accuracy"]) for k, each in enumerate(epochs) if "probe_accuracy" in each
    ]
    x, y = np.array(known, dtype=float).reshape(-1, 2).T
    return Lines(
        x, y[None], names=("trained",), x_label="epoch", y_label="accuracy", y_unit="1",
        levels=dict(levels), title="Live probe on the validation part",
        caption="A linear probe with few labels. The test part is not looked at before the end.",
    )  # fmt: skip


def curves(
    plan: Plan, histories: Mapping[str, History], levels: Mapping[str, float]
) -> tuple[View, ...]:
    """Return the terms and the probe of the main training, and the loss and rank of all."""
    main = histories[fitting.MAIN].epochs
    found: list[View] = [terms(main, 1 / np.sqrt(plan.params.batch_size))]
    if levels:
        found.append(probe_curve(main, levels))
    x = np.arange(1, plan.params.epochs + 1, dtype=float)
    for name, label, unit, title in (
        ("train_loss", "loss", "1", "Loss"),
        ("effective_rank", "effective rank", "1", "Effective rank of the embedding"),
    ):
        y = np.full((len(histories), len(x)), np.nan)
        for k, each in enumerate(histories.values()):
            values = each.column(name)[: len(x)]
            y[k, : len(values)] = values
        found.append(
            Lines(
                x, y, names=tuple(histories), x_label="epoch", y_label=label, y_unit=unit, title=title,
                log_y=name == "train_loss",
                caption="Losses of different controls have different terms and are not to be compared."
                if name == "train_loss" else "A large rank alone does not tell a good embedding.",
            )
        )  # fmt: skip
    return tuple(found)


def scores(plan: Plan, judged: Mapping[str, Judged], null: Array) -> tuple[View, ...]:
    """Return every encoder's accuracy on the test part beside the probe with shuffled labels."""
    if not judged:
        return ()
    chance = 1 / len(plan.samples.classes)
    values, low, high = [], [], []
    for each in judged.values():
        number = each.number(0, chance, None, "")
        values.append(number.value)
        low.append(number.low)
        high.append(number.high)
    draws = np.full((len(judged), max(len(null), 1)), np.nan)
    draws[0, : len(null)] = null
    simple = "band power" if "band power" in judged else "raw values"
    count = next(iter(judged.values())).few.counts[0]
    simulated = _SIMULATED if plan.samples.simulated else ""
    return (
        NullControl(
            np.array(values), draws, names=tuple(judged), null_name="shuffled labels",
            low=np.array(low, dtype=float), high=np.array(high, dtype=float),
            chance=np.full(len(judged), chance),
            baseline=np.full(len(judged), float(judged[simple].few.mean[0])),
            y_label="accuracy on the test part", y_unit="1", title="What the embedding is worth",
            caption=f"{simulated}Linear probe, {count} labels a class, mean of 10 draws; bars: 95 % interval "
            f"over the groups of the test part. Baseline: {simple}.",
        ),
    )  # fmt: skip


def verdict(
    plan: Plan, judged: Mapping[str, Judged], numbers: Mapping[str, Number], why: str
) -> Report:
    """Return in a few sentences what was found."""
    lines = ["# What the embedding is worth", ""]
    if plan.samples.simulated:
        lines += ["**Simulated data.**", ""]
    if why:
        lines += [f"**Collapse alarm:** {why}.", ""]
    if judged:
        lines += _verdict_lines(judged, numbers)
    else:
        lines += [
            _UNLABELLED,
            "",
        ]
    lines += [
        _NEGATIVES,
        "",
        "A probe ranks embeddings for one question; what the distortions remove cannot be read any more.",
    ]
    return Report("\n".join(lines), title="Verdict")


def _verdict_lines(judged: Mapping[str, Judged], numbers: Mapping[str, Number]) -> list[str]:
    main, gain = numbers["accuracy of the probe"], numbers["gain over the untrained encoder"]
    low, high = gain.low or 0.0, gain.high or 0.0
    words = "better than" if low > 0 else "worse than" if high < 0 else "not distinguishable from"
    simple = "band power" if "band power" in judged else "raw values"
    against = "above" if main.value > (main.baseline or 0) else "not above"
    rate = (
        f"With {main.note.split(',')[0]}: **{main.value:.1%}** right (95 % interval {main.low:.1%} to "
        f"{main.high:.1%}; chance {main.chance:.1%})."
    )
    beside = (
        f"It is **{words}** the untrained encoder ({100 * gain.value:+.1f} points, {100 * low:+.1f} to "
        f"{100 * high:+.1f}) and {against} {simple} ({main.baseline:.1%})."
    )
    lines = [rate, "", beside, ""]
    if "another sample" in judged:
        null = judged["another sample"]
        more, least, _ = null.gain(judged["untrained"], 0)
        words = (
            "**above** the untrained encoder: here it is not the pairing of the views that helps"
            if least > 0
            else "not above the untrained encoder, as it must be"
        )
        score = f"{null.few.mean[0]:.1%}, {words} ({100 * more:+.1f} points)"
        lines += [f"Null run (view B of another sample): {score}.", ""]
    return lines


def neighbours(samples: Samples, embedding: Array, seed: int) -> tuple[View, ...]:
    """Return some samples with their nearest neighbours by cosine; nothing for windows."""
    from neurostudio.learning.retrieval import cosines

    if samples.kind == "windows" or len(samples) < 7:
        return ()
    rows = np.random.default_rng([seed, 3]).permutation(len(samples))[:6]
    order = np.argsort(-cosines(embedding[rows], embedding), axis=1)
    shown_rows, words = [], []
    for k, row in enumerate(rows):
        near = [each for each in order[k] if each != row][:7]
        shown_rows += [row, *near]
        words += [f"sample {samples.labels[row]}", *(f"{samples.labels[each]}" for each in near)]
    pixels = samples.pictures(np.array(shown_rows))
    assert pixels is not None  # noqa: S101  these are no windows
    return (
        Images(
            pixels=pixels, names=tuple(each.strip() for each in words), title="Nearest neighbours",
            columns=8,
            caption="In each row a sample, then the seven nearest in the embedding (cosine); labels above.",
        ),
    )  # fmt: skip


def reproduction(judged: Mapping[str, Judged]) -> tuple[View, ...]:
    """Return the paper's ordering beside the run's, where the controls were trained."""
    there = [name for name in PAPER if name in judged]
    if len(there) < len(PAPER):
        return ()
    return (
        Sheet(
            {
                "training": there,
                "paper, ImageNet top-1 at 300 epochs (%)": [PAPER[name] for name in there],
                "this run, probe (%)": [
                    round(100 * float(judged[n].few.mean[0]), 1) for n in there
                ],
            },
            title="The paper's ordering beside this run's",
            caption="Other data, encoder and probe: the order can be compared, the values cannot.",
        ),
    )
