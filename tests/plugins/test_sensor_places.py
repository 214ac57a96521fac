"""Places of sensors: a planted turn, shift and growth is recovered; hands move what they say."""

import numpy as np
import pytest

from neurostudio.errors import BadInput
from neurostudio.method import Context
from neurostudio.montage import places
from neurostudio.params import read_params
from neurostudio.registry import find

mne = pytest.importorskip("mne")


def call(**given):
    found = find("place_sensors")
    signals = given.pop("signals")
    return found(Context(), read_params(found.params, given), signals=signals)


def where(signals):
    return dict(zip(*places(signals.raw.info, signals.raw.ch_names), strict=True))


@pytest.fixture(scope="module")
def planted():
    """The plugin's own example: a head turned by 10°, raised by 2 cm, larger by a tenth."""
    from neurostudio.plugins.sensor_places import example

    return example


def test_the_fit_recovers_turn_and_size_and_meets_every_sensor(planted):
    result = call(signals=planted.recording(), template="10-20", fit=True)
    assert result.numbers["turn"].value == pytest.approx(10)
    assert result.numbers["scale"].value == pytest.approx(1.1)
    assert result.numbers["distance before"].value > 0.01
    assert result.numbers["distance after"].value == pytest.approx(0, abs=1e-6)
    before, after = where(planted.recording()), where(result["placed"])
    for name in before:
        np.testing.assert_allclose(after[name], before[name], atol=1e-6)


def test_a_fit_of_shuffled_sensors_does_not_meet_them(planted):
    from neurostudio.api import Recording

    raw = planted.recording().raw.copy()
    names = list(np.random.default_rng(0).permutation(raw.ch_names))
    raw.rename_channels(dict(zip(raw.ch_names, names, strict=True)))
    result = call(signals=Recording(raw), template="10-20", fit=True)
    assert result.numbers["distance after"].value > 0.03


def test_the_template_alone_gives_the_places_that_mne_gives(planted):
    from neurostudio.learning.planted import CHANNELS, info_of

    expected = dict(zip(*places(info_of(CHANNELS, 100.0), CHANNELS), strict=True))
    after = where(call(signals=planted.recording(), template="10-20")["placed"])
    for name in CHANNELS:
        np.testing.assert_allclose(after[name], expected[name], atol=1e-7)


def test_a_quarter_turn_about_the_top_brings_the_nose_to_the_left():
    from neurostudio.plugins.sensor_places.fitting import turned

    np.testing.assert_allclose(turned((0, 0, 90)) @ [0, 1, 0], [-1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(turned((90, 0, 0)) @ [0, 1, 0], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(turned((0, 90, 0)) @ [1, 0, 0], [0, 0, -1], atol=1e-12)


def test_shift_and_scale_act_about_the_middle(planted):
    before = where(planted.recording())
    after = where(
        call(signals=planted.recording(), template="present", scale=2.0, shift_z=0.01)["placed"]
    )
    middle = np.mean(list(before.values()), axis=0)
    expected = middle + 2 * (before["Cz"] - middle) + [0, 0, 0.01]
    np.testing.assert_allclose(after["Cz"], expected, atol=1e-6)


def test_a_sensor_is_placed_by_hand_and_the_others_stay(planted):
    result = call(signals=planted.recording(), template="present", moves=("Cz 0.01 0 0.12",))
    before, after = where(planted.recording()), where(result["placed"])
    np.testing.assert_allclose(after["Cz"], [0.01, 0, 0.12], atol=1e-7)
    np.testing.assert_allclose(after["Pz"], before["Pz"], atol=1e-7)
    assert result.views[0].names == tuple(planted.recording().raw.ch_names)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"moves": ("Cz 1 2",)}, "'Cz 1 2' is no place"),
        ({"moves": ("Q9 0 0 0.1",)}, "There is no channel 'Q9' to place"),
        ({"template": "present", "fit": True}, "cannot be fitted to themselves"),
    ],
)
def test_what_cannot_be_placed_is_said(planted, given, message):
    with pytest.raises(BadInput, match=message):
        call(signals=planted.recording(), **given)


def test_a_fit_without_places_is_refused(planted):
    from neurostudio.api import Recording

    bare = Recording(planted.recording().raw.copy().set_montage(None))
    with pytest.raises(BadInput, match="0 channels have a place; a fit needs at least 4"):
        call(signals=bare, fit=True)
