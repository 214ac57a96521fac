"""E1 to E4 and E7: transfer between two simulated clinics, five draws, judged on the mean."""

from importlib import import_module

import pytest

from neurostudio.params import read_params
from neurostudio.registry import find
from neurostudio.testing import ListContext

pytest.importorskip("torch")
pytest.importorskip("braindecode")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
SOURCE = {"test_column": "part", "filters": 24, "steps": 500, "learning_rate": 1e-3}


def call(name, items, **params):
    found = find(name)
    return found(ListContext(), read_params(found.params, params), **items)


@pytest.fixture(scope="module")
def clinics():
    made = import_module("neurostudio.plugins.eeg_pathology.two_clinics")
    return made.two_clinics(made.Clinics(seed=0), source=(600, 300), target=(200, 400))


@pytest.fixture(scope="module")
def source(clinics):
    return call("train_classifier", {"windows": clinics[0]}, **SOURCE)["model"]


def compare(source, clinics, **params):
    items = {"source": source, "windows": clinics[1], "source_windows": clinics[0]}
    result = call("compare_transfer", items, test_column="part", **params)
    frame = result["curve"].frame
    frame = frame[frame.metric == "balanced accuracy"]
    return result, 100 * frame.pivot(index=["labels", "seed"], columns="strategy", values="value")


@pytest.fixture(scope="module")
def compared(source, clinics):
    return compare(source, clinics)


@pytest.mark.parametrize("labels", [10, 20])
def test_e1_transfer_helps_where_labels_are_few(compared, labels):
    values = compared[1].loc[labels]
    gain = values.fine_tune - values.scratch
    assert gain.mean() >= 5
    assert (gain > 0).sum() >= 4


def test_e2_transfer_matters_less_where_labels_are_plenty(source, clinics, compared):
    """The first form of the bar, else the second: scratch trained four times as long."""
    gain = (compared[1].fine_tune - compared[1].scratch).groupby("labels").mean()
    if gain[200] <= gain[10] - 3:
        return
    _, values = compare(
        source, clinics, strategies=("fine_tune",), budgets=(200,), seeds=3, steps_scratch=600
    )
    assert abs((values.fine_tune - values.scratch).mean()) <= 3


def test_e3_a_source_of_permuted_labels_does_not_help(clinics):
    null = call("train_classifier", {"windows": clinics[0]}, **SOURCE, permute_labels=True)["model"]
    _, values = compare(null, clinics, strategies=("fine_tune",), budgets=(10, 20))
    gain = (values.fine_tune - values.scratch).groupby("labels").mean()
    assert gain.max() <= 2


def test_e4_the_source_is_forgotten_and_less_so_where_layers_are_frozen(compared):
    numbers = compared[0].numbers
    before, tuned, frozen = (
        numbers[f"source, {name}"].value for name in ("before", "after fine_tune", "after frozen")
    )
    assert tuned <= before
    assert frozen >= tuned


def test_e7_permuted_labels_of_the_target_leave_every_strategy_at_chance(source, clinics):
    _, values = compare(source, clinics, budgets=(10, 50), permute_labels=True)
    means = values.groupby("labels").mean()[["scratch", "fine_tune", "frozen"]]
    assert ((means - 50).abs() <= 5).all().all()
