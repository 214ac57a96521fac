"""Calcium traces: scales by hand, groups found again, correlations equal the library's."""

from __future__ import annotations

import numpy as np
import pytest

from neurostudio.errors import BadInput
from neurostudio.method import Context
from neurostudio.params import read_params
from neurostudio.registry import find

nap = pytest.importorskip("pynapple")
pytest.importorskip("sklearn")

from neurostudio.data import Traces  # noqa: E402


def call(name, seed=0, **given):
    found = find(name)
    params = read_params(found.params, {k: v for k, v in given.items() if k != "traces"})
    return found(Context(seed=seed), params, traces=given["traces"])


@pytest.fixture
def planted():
    from neurostudio.plugins.calcium import example

    return example


def traces(rows, names=None, rate=1.0):
    rows = np.asarray(rows, float)
    names = names or [f"n{k}" for k in range(len(rows))]
    frame = nap.TsdFrame(t=np.arange(rows.shape[1]) / rate, d=rows.T, columns=names)
    return Traces(frame, "a.u.")


def test_a_rise_from_100_to_150_is_half_of_the_baseline():
    rows = [[100.0] * 9 + [150.0]]
    result = call("scale_traces", traces=traces(rows), baseline=0.0, percentile=20.0)
    np.testing.assert_allclose(result["scaled"].frame.values[:, 0], [0.0] * 9 + [0.5])
    assert result["scaled"].unit == "1"


def test_a_slow_step_of_the_baseline_is_followed():
    """The baseline doubles half-way; a short event of half the baseline is 0.5 on both sides."""
    row = np.r_[np.full(50, 100.0), np.full(50, 200.0)]
    row[20] *= 1.5
    row[80] *= 1.5
    result = call("scale_traces", traces=traces([row]), baseline=21.0, percentile=50.0)
    values = result["scaled"].frame.values[:, 0]
    np.testing.assert_allclose(values[[20, 80]], 0.5)


def test_z_scores_have_no_mean_and_one_standard_deviation(planted):
    found = call("scale_traces", traces=planted.traces(), scale="z-score")["scaled"].frame
    np.testing.assert_allclose(found.values.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(found.values.std(axis=0), 1)


def test_a_drift_is_taken_away_and_the_level_stays():
    drift = np.linspace(100, 200, 201)
    found = call("scale_traces", traces=traces([drift]), scale="as it is", detrend=11.0)
    values = found["scaled"].frame.values[10:-10, 0]
    np.testing.assert_allclose(values, 150.0, atol=0.6)


def test_z_scored_traces_have_no_change_over_baseline():
    with pytest.raises(BadInput, match="baseline of 1 of 1 traces is not above 0"):
        call("scale_traces", traces=traces([[-1.0, 0.0, 1.0]]), baseline=0.0)


def test_neurons_of_a_group_stand_together_by_correlation_and_by_first_factor(planted):
    for sorting in ("correlation", "first factor"):
        found = call("trace_map", traces=planted.traces(), sorting=sorting)
        names = found["sorted"].names("channels")
        groups = [planted.NAMES.index(name) % 2 for name in names]
        assert groups in ([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0]), sorting
    assert found.numbers["first factor"].value > 0.9


def test_shuffled_neurons_share_no_factor(planted):
    random = np.random.default_rng(0)
    values = random.permuted(planted.traces().frame.values.T, axis=1)
    found = call("trace_map", traces=traces(values, list(planted.NAMES)))
    assert found.numbers["first factor"].value < 0.3


def test_names_are_sorted_as_people_count():
    found = call("trace_map", traces=traces(np.eye(3, 5), ["VB10", "VB2", "AVA"]), sorting="name")
    assert found["sorted"].names("channels") == ("AVA", "VB2", "VB10")
    assert found.views[0].y_names == ("AVA", "VB2", "VB10")
    assert found.views[0].axis == "time"


def test_the_first_factor_is_that_of_the_library(planted):
    from neurostudio.plugins.calcium.sorting import first_factor
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    values = np.asarray(planted.traces().frame.values)
    weights, _, share = first_factor(values.T)
    model = PCA(1).fit(StandardScaler().fit_transform(values))
    np.testing.assert_allclose(np.abs(weights), np.abs(model.components_[0]), atol=1e-9)
    assert share == pytest.approx(model.explained_variance_ratio_[0])


def test_correlations_equal_those_of_the_library_and_carry_names(planted):
    given = planted.traces()
    found = call("trace_correlations", traces=given, controls=20)
    matrix = found["correlations"].matrix
    np.testing.assert_allclose(matrix.values, np.corrcoef(given.frame.values.T), atol=1e-12)
    assert found["correlations"].names("nodes") == planted.NAMES
    assert float(matrix.sel(source="AVAL", target="AVAR")) > 0.9
    assert float(matrix.sel(source="AVAL", target="RMEL")) < -0.9


def test_a_planted_pair_is_beyond_its_control_and_independent_noise_is_not(planted):
    found = call("trace_correlations", traces=planted.traces(), controls=100)
    assert found.numbers["pairs beyond control"].value == 1.0
    noise = np.random.default_rng(0).standard_normal((8, 400))
    nothing = call("trace_correlations", traces=traces(noise), controls=100)
    assert nothing.numbers["pairs beyond control"].value < 0.2
    strength = nothing.numbers["mean strength"]
    assert strength.value == pytest.approx(strength.chance, abs=0.02)


def test_one_trace_cannot_be_correlated():
    with pytest.raises(BadInput, match="2 traces are needed and 1 is there"):
        call("trace_correlations", traces=traces([[1.0, 2.0, 3.0]]))
    with pytest.raises(BadInput, match="no trace 'AVB'"):
        call("trace_correlations", traces=traces(np.eye(3)), channels=("n0", "AVB"))


def test_a_trace_that_never_changes_is_shown_and_correlates_with_nothing():
    found = call("trace_correlations", traces=traces([[1, 1, 1, 1], [1, 2, 1, 2]]), controls=20)
    assert found["correlations"].matrix.values.tolist() == [[1.0, 0.0], [0.0, 1.0]]
