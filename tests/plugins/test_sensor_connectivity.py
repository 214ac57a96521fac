"""Sensor connectivity: the planted pair is found and no other; the numbers are mne-connectivity's."""

import numpy as np
import pytest

from neurostudio.errors import BadInput
from neurostudio.method import Context
from neurostudio.params import read_params
from neurostudio.registry import find

mne = pytest.importorskip("mne")
connectivity = pytest.importorskip("mne_connectivity")


def call(**given):
    found = find("sensor_connectivity")
    signals = given.pop("signals")
    return found(Context(), read_params(found.params, {"surrogates": 19} | given), signals=signals)


@pytest.fixture(scope="module")
def planted():
    """The plugin's own example: O2 follows O1 at 10 Hz by a quarter of a cycle."""
    from neurostudio.plugins.sensor_connectivity import example

    return example


@pytest.mark.parametrize("measure", ["coh", "imcoh", "plv", "ciplv", "pli", "wpli"])
def test_each_measure_is_that_of_mne_connectivity(planted, measure):
    trials = planted.trials()
    matrix = call(signals=trials, measure=measure)["connectome"].matrix
    own = connectivity.spectral_connectivity_epochs(
        trials.epochs, method=measure, fmin=8.0, fmax=12.0, faverage=True, verbose="ERROR"
    ).get_data("dense")[:, :, 0]
    lower = np.tril_indices(5, -1)
    np.testing.assert_allclose(matrix.to_numpy()[lower], own[lower], rtol=1e-12)


def test_only_the_planted_pair_exceeds_chance(planted):
    result = call(signals=planted.trials())
    assert result.numbers["pairs above chance"].value == 1
    matrix = result["connectome"].matrix
    assert matrix.sel(source="O1", target="O2") > result.numbers["mean connection"].chance
    shown = result.views[1].values
    assert np.isfinite(shown).sum() == 2
    assert np.isfinite(shown[3, 4])


def test_the_same_rhythms_without_a_link_do_not_exceed_chance(planted):
    result = call(signals=planted.trials(linked=False))
    assert result.numbers["pairs above chance"].value == 0
    number = result.numbers["mean connection"]
    assert number.low < number.value < number.high
    assert number.low < number.chance * 1.2


def test_what_arrives_at_once_is_coherent_and_has_no_phase_lag(planted):
    at_once = planted.trials(lag=0.0)
    coherent = call(signals=at_once, measure="coh")
    assert coherent["connectome"].matrix.sel(source="O1", target="O2") > 0.7
    assert coherent.warnings == ("spread",)
    lagged = call(signals=at_once, measure="imcoh")
    assert abs(float(lagged["connectome"].matrix.sel(source="O1", target="O2"))) < 0.2


def test_imaginary_coherence_turns_its_sign_with_the_direction(planted):
    matrix = call(signals=planted.trials(), measure="imcoh")["connectome"].matrix.to_numpy()
    np.testing.assert_array_equal(matrix, -matrix.T)


def test_the_connectome_knows_its_sensors_in_millimetres(planted):
    matrix = call(signals=planted.trials())["connectome"].matrix
    assert list(matrix.source.to_numpy()) == list(planted.NAMES)
    assert float(matrix.y.sel(source="O1")) < -70
    assert set(matrix.type.to_numpy()) == {"eeg"}


def test_a_recording_is_cut_into_windows(planted):
    from neurostudio.api import Recording

    values = np.concatenate(list(planted.trials().epochs.get_data(copy=True)), axis=1)
    raw = mne.io.RawArray(values, planted.trials().epochs.info, verbose="ERROR")
    result = call(signals=Recording(raw))
    assert result.numbers["trials"].value == 40
    whole = call(signals=planted.trials())["connectome"].matrix
    np.testing.assert_allclose(result["connectome"].matrix, whole, rtol=1e-9)


def test_too_few_trials_are_refused(planted):
    from neurostudio.api import Trials

    with pytest.raises(BadInput, match="There are 3 trials or windows; at least 5 are needed"):
        call(signals=Trials(planted.trials().epochs[:3]))


def test_a_band_that_falls_is_refused(planted):
    with pytest.raises(BadInput, match="The band is 12 to 8 Hz"):
        call(signals=planted.trials(), low=12.0, high=8.0)


def test_a_constant_channel_is_named(planted):
    from neurostudio.api import Trials

    epochs = planted.trials().epochs.copy()
    epochs._data[:, 1] = 3e-6
    with pytest.raises(BadInput, match="1 channels are constant: Cz"):
        call(signals=Trials(epochs))


def test_a_value_that_is_no_number_is_named_with_its_trial(planted):
    from neurostudio.api import Trials

    epochs = planted.trials().epochs.copy()
    epochs._data[7, 2, 5] = np.nan
    with pytest.raises(BadInput, match="first Pz in trial 7"):
        call(signals=Trials(epochs))
