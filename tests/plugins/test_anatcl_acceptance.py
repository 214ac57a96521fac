"""The bars of the specification on the simulated cohort: three seeds, mean and s.d., null runs beside."""

import json
import os
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from neurostudio.scores import balanced_accuracy
from neurostudio.testing import ListContext
from neurostudio.training import Recipe

pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")

BASE = "neurostudio.plugins.anatcl"
fitting, probes, simulator, people_module = (
    import_module(f"{BASE}.{name}") for name in ("fitting", "probes", "simulator", "people")
)
Anatomy, Cohort = people_module.Anatomy, people_module.Cohort

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]
SEEDS = (0, 1, 2)
LOSSES = {
    "untrained": ("age", "local"),
    "simclr": ("simclr", "local"),
    "y-aware": ("age", "local"),
    "global": ("anatomy and age", "global"),
    "local": ("anatomy and age", "local"),
    "anatomy only": ("anatomy", "local"),
    "global, permuted anatomy": ("anatomy and age", "global"),
    "y-aware, permuted ages": ("age", "local"),
}


def cohort(n, seed, part, disease=0.0):
    planted = simulator.cohort(n, seed, part, disease=disease)
    keys = tuple(f"{part}-{k}" for k in range(n))
    sites = tuple(str(each) for each in planted.sites)
    made = Cohort(keys, planted.ages, sites, planted.images[:, None], planted.descriptors)
    return made, planted


def trained(name, train, seed):
    loss, anatomy = LOSSES[name]
    recipe = Recipe(
        epochs=20,
        learning_rate=1e-3,
        weight_decay=0.0,
        clip=0.0,
        cosine=False,
        watch="",
        stage=name,
    )
    how = fitting.How(recipe, Anatomy(loss, anatomy, age_width=5.0), live=False)
    context = ListContext(seed=seed)
    if name == "untrained":
        return fitting.untrained(context, how, train)
    order = np.random.default_rng(seed).permutation(len(train))
    if name.endswith("permuted anatomy"):
        train = replace(train, descriptors=train.descriptors[order])
    if name.endswith("permuted ages"):
        train = replace(train, ages=train.ages[order])
    return fitting.fit(context, train, how)[0]


def measured(name, seed, train, test, ill, again):
    model = trained(name, train, seed)
    fit, other, one, two, cases = (
        fitting.embedded(model, each) for each in
        (train.inputs, test.inputs, *again, ill[0].inputs)
    )  # fmt: skip
    line = probes.ridge(fit, np.column_stack([train.ages, train.flat()]))
    guess = line.predict(other)
    sites, truth = np.array(train.sites), np.array(test.sites)
    half = np.arange(len(cases)) < len(cases) // 2
    patient = ill[1].ill
    disease = probes.classes(cases[half], patient[half], cases[~half], None)
    return {
        "age": float(np.abs(guess[:, 0] - test.ages).mean()),
        "anatomy": probes.explained(test.flat(), guess[:, 1:]),
        "site weak": float(np.mean(probes.classes(fit, sites, other, probes.WEAK) == truth)),
        "site tuned": float(np.mean(probes.classes(fit, sites, other, None) == truth)),
        "disease": balanced_accuracy(patient[~half], disease),
        "icc": float(probes.repeatability(one, two).mean()),
        "chance": float(np.abs(test.ages - train.ages.mean()).mean()),
    }


@pytest.fixture(scope="module")
def table():
    """Every measure of every loss over the seeds: ``table[loss][measure]`` is an array (n_seeds,)."""
    found = {name: [] for name in LOSSES}
    for seed in SEEDS:
        (train, _), (test, _) = cohort(900, seed, 0), cohort(300, seed, 1)
        ill = cohort(400, seed, 2, disease=0.20)
        noise = np.random.default_rng(seed)
        clean = test.inputs[:100]
        again = [clean + 0.05 * noise.normal(size=clean.shape).astype(np.float32) for _ in range(2)]
        for name in LOSSES:
            found[name].append(measured(name, seed, train, test, ill, again))
    if os.environ.get("ANATCL_RECORD"):
        Path(os.environ["ANATCL_RECORD"]).write_text(json.dumps(found, indent=1))
    return {
        name: {key: np.array([row[key] for row in rows]) for key in rows[0]}
        for name, rows in found.items()
    }


def mean(table, name, key):
    return float(table[name][key].mean())


@pytest.mark.parametrize("ours", ["local", "global"])
def test_f1_anatomy_is_read_better_than_with_age_alone(table, ours):
    assert mean(table, ours, "anatomy") >= mean(table, "y-aware", "anatomy") + 0.05
    assert mean(table, ours, "anatomy") >= mean(table, "simclr", "anatomy") - 0.01


@pytest.mark.xfail(reason="missed: .480 with age alone, .435 local, .442 global", strict=True)
@pytest.mark.parametrize("ours", ["local", "global"])
def test_f2_the_site_is_less_prominent(table, ours):
    assert mean(table, ours, "site weak") <= mean(table, "y-aware", "site weak") - 0.05


@pytest.mark.parametrize("ours", ["local", "global"])
def test_f3_age_is_read_as_well_as_with_age_alone(table, ours):
    assert mean(table, ours, "age") <= 0.85 * mean(table, "simclr", "age")
    assert mean(table, ours, "age") <= 1.10 * mean(table, "y-aware", "age")


def test_f4_both_terms_are_needed(table):
    assert mean(table, "anatomy only", "age") >= 1.15 * mean(table, "local", "age")
    assert mean(table, "y-aware", "anatomy") <= mean(table, "local", "anatomy") - 0.05


@pytest.mark.parametrize("ours", ["local", "global"])
def test_f6_two_noisy_images_of_a_person_lie_together(table, ours):
    assert mean(table, ours, "icc") >= 0.9


def test_f7_permuted_anatomy_teaches_no_anatomy(table):
    null = mean(table, "global, permuted anatomy", "anatomy")
    assert null <= mean(table, "y-aware", "anatomy") + 0.02


@pytest.mark.xfail(reason="missed: 0.71 of chance, the bar is 0.85", strict=True)
def test_f7_permuted_ages_teach_no_age(table):
    null = table["y-aware, permuted ages"]
    assert null["age"].mean() >= 0.85 * null["chance"].mean()
