"""Independent components: planted sources are found and taken out; the numbers are MNE's own."""

import warnings

import numpy as np
import pytest

from neurostudio.api import TrainedModel, Trials
from neurostudio.errors import BadInput
from neurostudio.method import Context
from neurostudio.params import read_params
from neurostudio.registry import find

mne = pytest.importorskip("mne")
pytest.importorskip("sklearn")


def call(name, **given):
    found = find(name)
    inputs = {each.name for each in found.inputs}
    params = read_params(found.params, {k: v for k, v in given.items() if k not in inputs})
    return found(Context(), params, **{k: v for k, v in given.items() if k in inputs})


@pytest.fixture(scope="module")
def planted():
    """The plugin's own example: blinks, alpha and a heart beat at 20 channels."""
    from neurostudio.plugins.ica import example

    return example


@pytest.fixture(scope="module")
def fitted(planted):
    return call("fit_ica", signals=planted.recording(), **planted.SMALL)


def own_fit(raw, low, method="infomax", **options):
    """MNE's own calls, as its tutorial has them."""
    ica = mne.preprocessing.ICA(6, method=method, random_state=0, max_iter="auto", **options)
    copy = raw.copy().filter(low, None, picks="all", verbose="ERROR")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fastica does not settle on noise
        return ica.fit(copy, verbose="ERROR"), copy


def test_each_planted_source_is_found_as_one_component(fitted, planted):
    truth, _ = planted.sources()
    found = fitted["sources"].raw.get_data()
    like = np.abs(np.corrcoef(np.vstack([truth, found]))[:3, 3:])
    assert (like.max(axis=1) > 0.9).all(), like.max(axis=1)
    assert len(set(like.argmax(axis=1))) == 3


def test_noise_without_sources_resembles_none_of_them(planted):
    from neurostudio.learning.planted import CHANNELS, info_of, pink, recording_of

    truth, _ = planted.sources()
    noise = pink(np.random.default_rng(5), (20, truth.shape[1]))
    options = planted.SMALL | {"compare_with": ()}
    result = call("fit_ica", signals=recording_of(noise, info_of(CHANNELS, 100.0)), **options)
    found = result["sources"].raw.get_data()
    assert np.abs(np.corrcoef(np.vstack([truth, found]))[:3, 3:]).max() < 0.5


@pytest.mark.parametrize(
    ("algorithm", "options"),
    [
        ("fastica", {"method": "fastica"}),
        ("infomax", {"method": "infomax"}),
        ("extended infomax", {"method": "infomax", "fit_params": {"extended": True}}),
    ],
)
def test_the_decomposition_is_that_of_mne_to_the_last_digit(planted, algorithm, options):
    given = planted.SMALL | {"algorithm": algorithm}
    model = call("fit_ica", signals=planted.recording(), **given)["ica"]
    own, _ = own_fit(planted.recording().raw, 1.0, **options)
    np.testing.assert_array_equal(model.weights["unmixing_matrix"], own.unmixing_matrix_)
    np.testing.assert_array_equal(model.weights["pca_components"], own.pca_components_)


def test_removing_a_component_equals_mne_after_the_model_was_saved(fitted, planted, tmp_path):
    fitted["ica"].save(tmp_path)
    model = TrainedModel.load(tmp_path)
    cleaned = call(
        "remove_components", signals=planted.recording(), ica=model, components=("ICA001",)
    )["cleaned"]
    own, _ = own_fit(planted.recording().raw, 1.0)
    expected = own.apply(planted.recording().raw.copy(), exclude=[1], verbose="ERROR")
    wanted = expected.get_data()
    # a product of matrices may differ in its last bit, as they lie in memory
    np.testing.assert_allclose(
        cleaned.raw.get_data(), wanted, rtol=0, atol=1e-13 * np.abs(wanted).max()
    )


def test_the_blinks_are_suggested_and_gone_after_the_removal(fitted, planted):
    sheet = next(view for view in fitted.views if type(view).__name__ == "Sheet")
    marked = [
        name
        for name, word in zip(sheet.columns["component"], sheet.columns["suggestion"], strict=True)
        if word
    ]
    assert len(marked) == 1
    blinks = planted.sources()[0][0]
    before = planted.recording()
    cleaned = call(
        "remove_components", signals=before, ica=fitted["ica"], components=tuple(marked)
    )["cleaned"]
    assert abs(np.corrcoef(before.raw.get_data(["Fp1"])[0], blinks)[0, 1]) > 0.8
    assert abs(np.corrcoef(cleaned.raw.get_data(["Fp1"])[0], blinks)[0, 1]) < 0.1
    assert planted.recording().raw is before.raw


def test_the_share_of_variance_is_that_of_mne(fitted, planted):
    own, copy = own_fit(planted.recording().raw, 1.0)
    sheet = next(view for view in fitted.views if type(view).__name__ == "Sheet")
    for k in range(3):
        expected = own.get_explained_variance_ratio(copy, components=[k])["eeg"]
        assert sheet.columns["variance (%)"][k] == pytest.approx(100 * expected, abs=0.01)


def test_bad_channels_are_left_out(planted):
    raw = planted.recording().raw.copy()
    raw.info["bads"] = ["F3"]
    from neurostudio.api import Recording

    result = call("fit_ica", signals=Recording(raw), **planted.SMALL)
    assert "F3" not in result["ica"].config["channels"]
    assert result.numbers["components"].note == "of 19 channels"


def test_trials_are_decomposed_and_cleaned(planted):
    raw = planted.recording().raw
    events = mne.make_fixed_length_events(raw, duration=4.0)
    epochs = mne.Epochs(
        raw, events, tmin=0, tmax=3.99, baseline=None, preload=True, verbose="ERROR"
    )
    fitted = call("fit_ica", signals=Trials(epochs), **planted.SMALL)
    cleaned = call(
        "remove_components", signals=Trials(epochs), ica=fitted["ica"], components=("ICA000",)
    )["cleaned"]
    assert cleaned.epochs.get_data(copy=False).shape == epochs.get_data(copy=False).shape
    assert fitted["sources"].epochs.ch_names[0] == "ICA000"


def test_short_trials_say_that_they_were_not_filtered(planted):
    raw = planted.recording().raw
    events = mne.make_fixed_length_events(raw, duration=1.0)
    epochs = mne.Epochs(
        raw, events, tmin=0, tmax=0.99, baseline=None, preload=True, verbose="ERROR"
    )
    assert "unfiltered" in call("fit_ica", signals=Trials(epochs), **planted.SMALL).warnings


def test_iclabel_names_the_blinks_and_says_what_it_assumes(planted):
    pytest.importorskip("mne_icalabel")
    pytest.importorskip("torch")
    from mne_icalabel.iclabel import iclabel_label_components

    given = planted.SMALL | {"classify": True}
    result = call("fit_ica", signals=planted.recording(), **given)
    assert "iclabel-assumptions" in result.warnings
    own, copy = own_fit(planted.recording().raw, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = iclabel_label_components(copy, own, inplace=False)
    np.testing.assert_allclose(result["ica"].weights["class_probabilities"], expected, rtol=1e-6)
    blink = np.abs(
        np.corrcoef(np.vstack([planted.sources()[0][:1], own.get_sources(copy).get_data()]))[0, 1:]
    )
    assert result.views[0].titles[blink.argmax()].endswith("eye")


def test_channels_without_places_have_no_class(planted):
    from neurostudio.api import Recording

    raw = planted.recording().raw.copy().set_montage(None)
    given = planted.SMALL | {"classify": True}
    result = call("fit_ica", signals=Recording(raw), **given)
    assert "no-positions" in result.warnings
    with pytest.raises(BadInput, match="have no classes"):
        call("remove_components", signals=Recording(raw), ica=result["ica"], classes=("eye",))


def test_a_component_that_is_not_there_is_refused(fitted, planted):
    with pytest.raises(BadInput, match=r"no component 'ICA099'. They are named ICA000 to ICA005"):
        call(
            "remove_components",
            signals=planted.recording(),
            ica=fitted["ica"],
            components=("ICA099",),
        )


def test_other_channels_than_those_of_the_fit_are_refused(fitted, planted):
    from neurostudio.api import Recording

    fewer = Recording(planted.recording().raw.copy().drop_channels(["Cz"]))
    with pytest.raises(BadInput, match="1 of them are not in the data: Cz"):
        call("remove_components", signals=fewer, ica=fitted["ica"], components=("ICA000",))


def test_more_components_than_channels_are_refused(planted):
    with pytest.raises(BadInput, match="30 components were asked for; 20 channels"):
        call("fit_ica", signals=planted.recording(), components=30)


def test_the_model_offers_its_components_to_the_form(fitted):
    assert fitted["ica"].names("components")[:2] == ("ICA000", "ICA001")


def test_too_few_samples_are_refused(planted):
    from neurostudio.api import Recording

    short = Recording(planted.recording().raw.copy().crop(0, 0.2))
    with pytest.raises(BadInput, match="21 samples are too few for 20 channels; at least 40"):
        call("fit_ica", signals=short)


def test_values_that_are_no_numbers_are_refused(planted):
    from neurostudio.api import Recording

    raw = planted.recording().raw.copy()
    raw._data[3, 100] = np.inf
    with pytest.raises(BadInput, match="values that are no numbers"):
        call("fit_ica", signals=Recording(raw), **planted.SMALL)
