"""The general linear model: planted activation is found where it is, and not at random times."""

import warnings

import numpy as np
import pandas as pd
import pytest

from neurostudio.api import Table
from neurostudio.errors import BadInput
from neurostudio.method import Context
from neurostudio.params import read_params
from neurostudio.registry import find

pytest.importorskip("nilearn")


def call(planted, params=None, numbers=(1, 2), names=None, **items):
    """Fit runs whose events are given in the other order: the names tell which is whose."""
    found = find("first_level_glm")
    turned = tuple(reversed(numbers))
    own = {
        "runs": tuple(planted.name_of(k, "bold") for k in numbers),
        "events": tuple(planted.name_of(k, "events") for k in turned),
    }
    given = {
        "runs": tuple(planted.series(k) for k in numbers),
        "events": tuple(planted.events(k) for k in turned),
    }
    params = read_params(found.params, {"surrogates": 0} | (params or {}))
    return found(Context(names=names or own), params, **(given | items))


def voxels(data):
    return np.asarray(data.image.dataobj)


@pytest.fixture(scope="module")
def planted():
    """A small brain that answers to faces here and to houses there."""
    from neurostudio.plugins.imaging import planted

    return planted


@pytest.fixture(scope="module")
def result(planted):
    return call(planted, {"surrogates": 2})


def test_the_planted_areas_are_found_and_little_else(planted, result):
    z = voxels(result["z_face_minus_house"])
    passing = np.abs(z) >= result.views[0].threshold
    planted_there = np.zeros(planted.SHAPE, bool)
    planted_there[planted.FACE] = planted_there[planted.HOUSE] = True
    assert (z[planted.FACE] > 0).all()
    assert (z[planted.HOUSE] < 0).all()
    assert passing[planted_there].mean() > 0.9
    assert passing[planted.brain() & ~planted_there].mean() < 0.05


def test_the_effect_is_that_of_the_planted_answer_in_per_cent(planted):
    from neurostudio.plugins.imaging.glm import GlmParams, Scan, design_of

    scan = Scan("one", np.zeros((planted.N_IMAGES, 1)), planted.events(1).frame, None, planted.STEP)
    design = design_of(GlmParams(), scan)
    answer = 2.0 * planted.response(1, "face")  # 20 of 1000 in the face area
    weights = np.linalg.lstsq(design.to_numpy(), answer, rcond=None)[0]
    expected = weights[list(design).index("face")] - weights[list(design).index("house")]
    effect = voxels(call(planted, numbers=(1,))["effect_face_minus_house"])
    assert effect[planted.FACE].mean() == pytest.approx(expected, abs=0.15)
    assert abs(effect[planted.brain()].mean()) < 0.1


def test_events_at_random_times_find_nothing(planted, result):
    number = result.numbers["voxels, face - house"]
    assert number.value > 50
    assert number.chance < 3
    null = call(planted, {"shuffle_events": True})
    assert null.numbers["voxels, face - house"].value < 3
    assert "shuffled" in null.warnings
    assert "No voxel passes" in null.views[0].caption or null.views[0].threshold > 0


def test_the_control_holds_noise_without_the_modelled_answers(planted):
    from neurostudio.plugins.imaging.glm import GlmParams, Scan, design_of, without_answers

    random = np.random.default_rng(0)
    events = planted.events(1).frame
    empty = Scan("one", np.zeros((planted.N_IMAGES, 1)), events, None, planted.STEP)
    design = design_of(GlmParams(response="glover + derivative"), empty)
    noise = random.normal(size=(planted.N_IMAGES, 1))
    answers = 5 * design[["face"]].to_numpy() - 3 * design[["house_derivative"]].to_numpy()
    scan = Scan("one", 10.0 + noise + answers, events, None, planted.STEP)
    left = without_answers(GlmParams(response="glover + derivative"), scan).signals
    assert np.corrcoef(left[:, 0], noise[:, 0])[0, 1] > 0.95
    assert left.mean() == pytest.approx(10.0, abs=1.0)


def test_without_planted_activation_nothing_is_found(planted):
    runs = tuple(planted.series(k, effect=0.0) for k in (1, 2))
    assert call(planted, runs=runs).numbers["voxels, face - house"].value < 3


def test_the_largest_clusters_lie_in_the_planted_areas(planted, result):
    frame = result["clusters"].frame
    assert list(frame["contrast"].unique()) == ["face - house"]
    large = frame[frame["voxels"] >= 20]
    assert len(large) == 2
    for sign, where in ((1, planted.FACE), (-1, planted.HOUSE)):
        row = large[np.sign(large["peak z"]) == sign].iloc[0]
        away = np.array([row["x"], row["y"], row["z"]]) - planted.centre_of(where)
        assert np.abs(away).max() <= planted.EDGE
        assert row["size"] == row["voxels"] * 64


def test_the_maps_are_those_of_nilearn(planted):
    from nilearn.glm.first_level import FirstLevelModel

    ours = call(planted, {"noise": "ols"}, numbers=(1,))
    mask = planted.volume(planted.brain().astype(np.int16))
    model = FirstLevelModel(
        t_r=planted.STEP,
        noise_model="ols",
        mask_img=mask.image,
        standardize=False,
        minimize_memory=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nilearn tells of its own changes
        model.fit(planted.series(1).image, planted.events(1).frame)
        z = model.compute_contrast("face - house", output_type="z_score")
    inside = planted.brain()
    np.testing.assert_allclose(
        voxels(ours["z_face_minus_house"])[inside], np.asarray(z.dataobj)[inside], atol=1e-3
    )


def test_a_contrast_is_typed_as_a_sum():
    from neurostudio.plugins.imaging.contrasts import default_contrasts, slug, weights_of

    names = ["cat", "dog", "left-hand", "dog house"]
    assert weights_of("cat - dog", names) == {"cat": 1.0, "dog": -1.0}
    assert weights_of("1/2*cat + 0.5 * dog - left-hand", names) == {
        "cat": 0.5,
        "dog": 0.5,
        "left-hand": -1.0,
    }
    assert weights_of("dog house - dog", names) == {"dog house": 1.0, "dog": -1.0}
    assert weights_of("cat - others", ["cat", "dog", "cow"]) == {
        "cat": 1.0,
        "dog": -0.5,
        "cow": -0.5,
    }
    assert default_contrasts(["a", "b", "c"]) == ("a - others", "b - others", "c - others")
    assert default_contrasts(["a"]) == ("a",)
    assert slug("0.5*cat - dog house") == "0_5_times_cat_minus_dog_house"


@pytest.mark.parametrize("text", ["cow - dog", "cat dog", "cat -", "", "2 * 3"])
def test_a_contrast_that_is_no_sum_of_conditions_is_refused(text):
    from neurostudio.plugins.imaging.contrasts import weights_of

    with pytest.raises(BadInput, match="The conditions are: cat, dog"):
        weights_of(text, ["cat", "dog"])


def test_two_regressors_that_are_one_are_said_to_be_collinear(planted):
    frame = planted.events(1).frame
    twin = frame[frame["trial_type"] == "face"].assign(trial_type="twin")
    both = Table(pd.concat([frame, twin.assign(onset=twin["onset"] + 0.5)]))
    result = call(planted, {"contrasts": ("face - house",)}, numbers=(1,), events=(both,))
    assert "collinear" in result.warnings
    assert result.numbers["largest variance inflation"].value > 5


def test_variance_inflation_is_that_of_two_correlated_columns():
    from neurostudio.plugins.imaging.glm import inflation

    random = np.random.default_rng(0)
    a = random.normal(size=1000)
    b = 0.6 * a + 0.8 * random.normal(size=1000)
    r = np.corrcoef(a, b)[0, 1]
    found = inflation(pd.DataFrame({"a": a, "b": b, "constant": 1.0}), ["a", "b"])
    assert found["a"] == pytest.approx(1 / (1 - r**2))


def test_onsets_that_hold_the_lag_already_are_told_of_and_can_be_shifted(planted):
    frame = planted.events(1).frame
    late = (Table(frame.assign(onset=frame["onset"] + 6)),)
    told = call(planted, numbers=(1,), events=late)
    mended = call(planted, {"shift": -6.0}, numbers=(1,), events=late)
    plain = call(planted, numbers=(1,))
    assert "lag" in told.warnings
    assert "lag" not in mended.warnings
    np.testing.assert_allclose(
        voxels(mended["z_face_minus_house"]), voxels(plain["z_face_minus_house"]), atol=1e-5
    )


def test_confounds_that_explain_the_events_take_the_effect_away(planted):
    answers = pd.DataFrame({word: planted.response(1, word) for word in ("face", "house")})
    names = {
        "runs": (planted.name_of(1, "bold"),),
        "events": (planted.name_of(1, "events"),),
        "confounds": (planted.name_of(1, "confounds"),),
    }
    plain = call(planted, numbers=(1,)).numbers["voxels, face - house"].value
    freed = call(planted, numbers=(1,), names=names, confounds=(Table(answers),))
    assert plain > 20
    assert freed.numbers["voxels, face - house"].value < 3


def test_a_run_without_events_of_its_name_is_named(planted):
    names = {
        "runs": ("sub_01_run_01_bold", "sub_01_run_02_bold"),
        "events": ("sub_01_run_01_events", "sub_01_run_03_events"),
    }
    with pytest.raises(BadInput, match=r"1 of 2 runs have no table .*: sub_01_run_02_bold"):
        call(planted, names=names)


def test_partners_are_matched_by_entities_never_by_order():
    from neurostudio.plugins.imaging.matching import entities, partners

    assert entities("haxby_sub-001_run-01_bold") == {"sub": "1", "run": "1"}
    runs = ["sub_1_run_1_bold", "sub_1_run_2_bold"]
    assert partners(runs, ["sub-01_run-02_events", "sub-01_run-01_events"], "events") == [1, 0]
    assert partners(runs, ["sub_1_events"], "events") == [0, 0]
    assert partners(runs, ["sub_1_events", "sub_1_run_2_events"], "events") == [0, 1]
    assert partners(["a"], ["b"], "events") == [0]
    with pytest.raises(BadInput, match="2 of 2 runs have no table"):
        partners(["a", "b"], ["c", "d"], "events")
    with pytest.raises(BadInput, match="more than one"):
        partners(["sub_1_run_1_bold"], ["run_1_events", "run_1_other"], "events")
    with pytest.raises(BadInput, match="no table"):
        partners(["run_1_bold"], ["run_2_events"], "events")


def test_runs_on_different_grids_are_refused(planted):
    other = planted.volume(np.ones((*planted.SHAPE[:2], 5, planted.N_IMAGES)))
    with pytest.raises(BadInput, match="different grids"):
        call(planted, runs=(planted.series(1), other))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda frame: frame.drop(columns="trial_type"), "no column 'trial_type'"),
        (
            lambda frame: frame.assign(onset=frame["onset"] + 1000),
            "No event of .* within its 200 s",
        ),
        (lambda frame: frame.assign(duration=np.nan), "duration that is no number"),
    ],
)
def test_events_that_cannot_be_are_refused(planted, change, words):
    with pytest.raises(BadInput, match=words):
        call(planted, numbers=(1,), events=(Table(change(planted.events(1).frame)),))


def test_one_image_is_no_series(planted):
    with pytest.raises(BadInput, match="a series of at least 10 images"):
        call(planted, numbers=(1,), runs=(planted.atlas(),))


def test_the_level_of_fdr_is_that_of_benjamini_and_hochberg():
    from neurostudio.plugins.imaging.thresholds import threshold_of
    from scipy.stats import norm

    p = np.array([0.01, 0.02, 0.03, 0.04, 0.9])  # 0.04 <= 4/5 * 0.05: the first four pass
    z = norm.isf(p / 2)
    assert threshold_of(z, "FDR", 0.05) == pytest.approx(z[3])
    assert threshold_of(z, "Bonferroni", 0.05) == pytest.approx(norm.isf(0.005))
    assert threshold_of(z, "none", 0.05) == pytest.approx(1.959964, abs=1e-5)
    assert threshold_of(np.zeros(5), "FDR", 0.05) > 0


def test_images_without_a_mean_are_refused(planted):
    values = voxels(planted.series(1))
    empty = planted.volume(values - values.mean(axis=-1, keepdims=True) - 1.0)
    mask = planted.volume(planted.brain().astype(np.int16))
    with pytest.raises(BadInput, match="mean of the images is not above 0"):
        call(planted, numbers=(1,), runs=(empty,), mask=mask)
