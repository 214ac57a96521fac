"""C2 to C5 and C7: encoder against ridge on simulated responses, three seeds, judged on the mean.

Run with ``-m slow``; NEUROSTUDIO_MEASUREMENTS names the folder where the figures are written.
"""

import json
import os
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from neurostudio.params import read_params
from neurostudio.registry import find
from neurostudio.testing import ListContext

pytest.importorskip("torch")
pytest.importorskip("mne")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
SEEDS = (0, 1, 2)
CHANCE, ERROR = 0.05, 2 * np.sqrt(0.05 * 0.95 / 200)
EASY = {"kernel": "gaussian", "linear": 1.0, "jitter": 0}


def part(name):
    return import_module(f"neurostudio.plugins.meg_retrieval.{name}")


def call(name, seed, settings, **params):
    """Run a method on a simulated experiment with the preset Standard."""
    trials, features, _ = part("packing").experiment(part("world").Settings(seed=seed, **settings))
    found = find(name)
    values = dict(found.params.presets["Standard"]) | {"test_column": "part"} | params
    return found(
        ListContext(seed=seed), read_params(found.params, values), trials=trials, features=features
    )


def keep(name, seed, frame):
    """Write a table of figures where they are asked for."""
    folder = os.environ.get("NEUROSTUDIO_MEASUREMENTS")
    if folder:
        path = Path(folder) / f"meg_retrieval_{name}_{seed}.json"
        path.write_text(json.dumps(frame.to_dict("records")))


@cache
def scores(seed, **settings):
    """Return top-5 by decoder and by single or averaged predictions; with the causal kernel the nulls too."""
    causal = settings.get("kernel") == "causal"
    frame = call("train_decoder", seed, settings, deep_null=causal)["scores"].frame
    keep("_".join(map(str, settings.values())), seed, frame)
    return frame.set_index(["decoder", "trials"])["top_5"]


def mean(decoder, trials, **settings):
    return np.mean([scores(seed, **settings)[decoder, trials] for seed in SEEDS])


MISSED = pytest.mark.xfail(
    strict=True, reason=".420 against .213 on the mean of 3 seeds: 1.97 of 2"
)


@pytest.mark.parametrize(
    ("kernel", "times"),
    [pytest.param("gaussian", 2.0, marks=MISSED), ("causal", 1.5)],
)
def test_c2_the_encoder_beats_tuned_ridge(kernel, times):
    deep, ridge = (mean(name, "averaged", kernel=kernel) for name in ("deep", "ridge"))
    assert deep >= times * ridge, f"{deep:.3f} against {ridge:.3f}"


def test_c3_where_all_is_linear_neither_wins():
    deep, ridge = (mean(name, "averaged", **EASY, snr=0.15) for name in ("deep", "ridge"))
    assert abs(deep / ridge - 1) <= 0.2


@cache
def course(seed):
    """Return top-5 by decoder and end of the window, in seconds after onset."""
    result = call("decode_pictures_over_time", seed, {"kernel": "causal"}, nulls=1)
    keep("course", seed, result["course"].frame)
    return result["course"].frame.pivot_table(index="end", columns="decoder", values="top_5")


@pytest.mark.parametrize("decoder", ["deep", "ridge"])
def test_c4_nothing_is_decoded_before_the_picture_and_most_soon_after(decoder):
    curves = np.mean([course(seed)[decoder] for seed in SEEDS], axis=0)
    ends = course(0).index.to_numpy()
    before = curves[ends < 0.01]
    assert len(before) == 2
    assert np.abs(before - CHANCE).max() <= ERROR
    if decoder == "deep":
        assert 0.19 <= ends[curves.argmax()] <= 0.41


@pytest.mark.parametrize("decoder", ["deep", "ridge"])
def test_c5_averaging_eight_repeats_gains_half_as_much_again(decoder):
    single, averaged = (mean(decoder, each, **EASY, snr=0.06) for each in ("single", "averaged"))
    assert averaged >= 1.5 * single


@pytest.mark.parametrize("decoder", ["deep", "ridge"])
def test_c7_shuffled_pictures_are_found_by_chance(decoder):
    found = [scores(seed, kernel="causal")[f"{decoder}, shuffled 1", "averaged"] for seed in SEEDS]
    assert abs(np.mean(found) - CHANCE) <= ERROR
