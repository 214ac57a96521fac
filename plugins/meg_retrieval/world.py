"""Simulated responses to pictures, of which everything is known: sources, field, delays, noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

VERSION = 1
N_FEATURES, N_SOURCES, N_LATE = 24, 12, 4
RATE, N_TIMES, ONSET, OFFSET = 50.0, 60, 15, 40  # hertz and samples
TESLA = 1e-13
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes and difficulty of a simulated experiment.

    ``linear`` is ρ, the share of the answer that is linear in the picture; ``jitter`` the largest
    delay of a trial in samples; ``shows`` and ``repeats`` how often a training or test picture is seen.
    """

    categories: int = 120
    pictures: int = 30
    subjects: int = 2
    gallery: int = 100
    repeats: int = 8
    shows: int = 1
    linear: float = 0.35
    snr: float = 0.5
    jitter: int = 4
    kernel: Literal["gaussian", "causal"] = "causal"
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Ids, categories and features (n_pictures, 24) of pictures; ``tested`` marks the gallery."""

    ids: tuple[str, ...]
    categories: tuple[str, ...]
    features: Array
    tested: Array


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Trials (n_trials, n_sensors, n_times) in tesla, each with its picture, subject and repeat.

    ``delays`` (n_trials,) in seconds; ``begins`` (12,) the seconds after onset at which each source reaches
    half of its height.
    """

    signals: Array
    pictures: Array
    subjects: Array
    repeats: Array
    places: Array
    field: Array
    delays: Array
    begins: Array


def draw_pictures(settings: Settings, random: np.random.Generator) -> Pictures:
    """Return pictures around the centres of categories: step 1 of the simulator.

    A category of the gallery is never one of the training part.
    """
    ids, categories, rows, tested = [], [], [], []
    for part, count, each in (
        ("train", settings.categories, settings.pictures),
        ("test", settings.gallery, 1),
    ):
        for category in range(count):
            centre = random.standard_normal(N_FEATURES)
            for number in range(each):
                ids.append(f"{part}_{category:03d}_{number:02d}")
                categories.append(f"{part}_{category:03d}")
                rows.append(centre + 0.7 * random.standard_normal(N_FEATURES))
                tested.append(part == "test")
    return Pictures(tuple(ids), tuple(categories), np.array(rows), np.array(tested))


def given_pictures(
    settings: Settings, ids: tuple[str, ...], features: Array, random: np.random.Generator
) -> Pictures:
    """Return real pictures by their embeddings, as many as asked for set apart as the gallery.

    Each is a category of its own.
    """
    tested = np.zeros(len(ids), dtype=bool)
    tested[random.permutation(len(ids))[: min(settings.gallery, len(ids) // 2)]] = True
    return Pictures(ids, ids, features, tested)


def planar_field(random: np.random.Generator) -> tuple[Array, Array]:
    """Return places (48, 2) of sensors and the field (48, 12) of the sources: step 3."""
    places = random.uniform(-1, 1, (48, 2))
    sources = random.uniform(-0.8, 0.8, (N_SOURCES, 2))
    distance = ((places[:, None] - sources) ** 2).sum(axis=-1)
    sign = random.choice([-1.0, 1.0], N_SOURCES)
    return places, sign * np.exp(-distance / 0.18)


def amplitudes(features: Array, mixing: Array, linear: float) -> Array:
    """Return the strength of each source for each picture, (n_pictures, 12): step 2.

    ``ρ u_m + (1 − ρ) (|u_m − 0.3| − |u_{m+12}|)`` with u = A f; the even part is hidden from what is linear.
    """
    u = features @ mixing.T
    even = np.abs(u[:, :N_SOURCES] - 0.3) - np.abs(u[:, N_SOURCES:])
    return np.asarray(linear * u[:, :N_SOURCES] + (1 - linear) * even)


def kernels(settings: Settings, random: np.random.Generator) -> Array:
    """Return the time course of each source for each delay: (2 jitter + 1, 12, n_times), step 4.

    The causal one starts after onset, and for four sources after offset; the gaussian one begins before
    onset and must not be used for time courses.
    """
    times = np.arange(N_TIMES)
    delays = np.arange(-settings.jitter, settings.jitter + 1)[:, None, None]
    if settings.kernel == "gaussian":
        middle = random.uniform(12, 40, (N_SOURCES, 1))
        width = random.uniform(3, 7, (N_SOURCES, 1))
        return np.asarray(np.exp(-0.5 * ((times - middle - delays) / width) ** 2))
    width = random.uniform(2, 5, (N_SOURCES, 1))
    n_early = N_SOURCES - N_LATE
    begin = np.concatenate(
        [ONSET + random.uniform(5, 14, n_early), OFFSET + random.uniform(5, 10, N_LATE)]
    )[:, None]
    q = np.maximum(0, (times - begin - delays) / width)
    return np.asarray(q * np.exp(1 - q))


def respond(
    settings: Settings,
    pictures: Pictures,
    random: np.random.Generator,
    field: tuple[Array, Array] | None = None,
) -> Responses:
    """Return the trials of all subjects: steps 2 to 5 of the simulator.

    Parameters
    ----------
    field
        Places (n_sensors, 2 or 3) and field (n_sensors, 12) of another head; else 48 sensors in a plane.
    """
    mixing = random.standard_normal((N_FEATURES, N_FEATURES)) / np.sqrt(N_FEATURES)
    places, gain = planar_field(random) if field is None else field
    courses = kernels(settings, random)
    root = np.linalg.cholesky(noise_covariance(places))
    order, subjects, repeats = _schedule(settings, pictures)
    strength = amplitudes(pictures.features, mixing, settings.linear)[order]
    delays = random.integers(-settings.jitter, settings.jitter + 1, len(order))
    gains = gain + 0.25 * random.standard_normal((settings.subjects, *gain.shape))
    signals = np.empty((len(order), len(places), N_TIMES), np.float32)
    for start in range(0, len(order), CHUNK):
        rows = slice(start, start + CHUNK)
        active = strength[rows, :, None] * courses[delays[rows] + settings.jitter]
        signals[rows] = gains[subjects[rows]] @ active
    trained = ~pictures.tested[order]
    signals *= settings.snr / signals[trained].std()
    spread = float(np.sqrt((root**2).sum(axis=1).mean()))
    for start in range(0, len(order), CHUNK):
        shape = (len(signals[start : start + CHUNK]), len(places), N_TIMES)
        noise = random.standard_normal(shape, dtype=np.float32)
        signals[start : start + CHUNK] += root.astype(np.float32) @ noise / spread
    middle = courses[settings.jitter]
    begins = ((middle >= middle.max(axis=1, keepdims=True) / 2).argmax(axis=1) - ONSET) / RATE
    return Responses(TESLA * signals, order, subjects, repeats, places, gain, delays / RATE, begins)


def noise_covariance(places: Array) -> Array:
    """Return ``exp(−d² / 0.3) + 0.3 I`` over sensors at places (n_sensors, 2 or 3), in head radii."""
    distance = ((places[:, None] - places) ** 2).sum(axis=-1)
    return np.asarray(np.exp(-distance / 0.3) + 0.3 * np.eye(len(places)))


def _schedule(settings: Settings, pictures: Pictures) -> tuple[Array, Array, Array]:
    """Return picture, subject and repeat of each trial: training once, the gallery several times."""
    trained, tested = np.flatnonzero(~pictures.tested), np.flatnonzero(pictures.tested)
    once = np.concatenate([np.tile(trained, settings.shows), np.tile(tested, settings.repeats)])
    first = np.repeat(np.arange(settings.shows), len(trained))
    repeats = np.concatenate([first, np.repeat(np.arange(settings.repeats), len(tested))])
    subjects = np.repeat(np.arange(settings.subjects), len(once))
    return np.tile(once, settings.subjects), subjects, np.tile(repeats, settings.subjects)
