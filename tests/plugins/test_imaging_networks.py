"""Regions, connectivity, seeds and surfaces: planted links and places are found, and no others."""

import numpy as np
import pandas as pd
import pytest

from neurostudio.api import Table, Traces
from neurostudio.errors import BadInput
from neurostudio.method import Context
from neurostudio.params import read_params
from neurostudio.registry import find

pytest.importorskip("nilearn")
nap = pytest.importorskip("pynapple")

PLAIN = {"detrend": False, "standardise": False, "high_pass": None}


def call(name, params=None, names=None, **items):
    found = find(name)
    return found(Context(names=names or {}), read_params(found.params, params or {}), **items)


def voxels(data):
    return np.asarray(data.image.dataobj)


@pytest.fixture(scope="module")
def planted():
    from neurostudio.plugins.imaging import planted

    return planted


# ---- regions -------------------------------------------------------------------------------------


def test_the_series_of_a_region_is_the_mean_of_its_voxels(planted):
    result = call("parcellate", PLAIN, volume=planted.series(1), atlas=planted.atlas())
    traces = result["regions"]
    assert traces.names("channels") == ("Face area", "House area", "Elsewhere")
    values = voxels(planted.series(1)).astype(float)
    expected = values[planted.FACE].reshape(-1, planted.N_IMAGES).mean(axis=0)
    np.testing.assert_allclose(traces.frame.values[:, 0], expected, rtol=1e-9)
    np.testing.assert_allclose(traces.frame.t, np.arange(planted.N_IMAGES) * 2.5)


def test_regions_carry_their_centres_and_empty_ones_are_named(planted):
    result = call("parcellate", volume=planted.series(1), atlas=planted.atlas())
    frame = result["regions"].frame
    centre = [float(np.asarray(frame[axis])[0]) for axis in "xyz"]
    np.testing.assert_allclose(centre, planted.centre_of(planted.FACE))
    assert "empty" in result.warnings
    assert result.numbers["empty regions"].note == "Outside the image"


def test_one_image_becomes_a_table(planted):
    values = np.where(planted.brain(), 5.0, 0.0)
    values[planted.HOUSE] = 9.0
    frame = call("parcellate", volume=planted.volume(values), atlas=planted.atlas())[
        "regions"
    ].frame
    assert dict(zip(frame["region"], frame["mean"], strict=True)) == {
        "Face area": 5.0,
        "House area": 9.0,
        "Elsewhere": 5.0,
    }
    assert list(frame["voxels"]) == [27, 27, 400 - 54]


def test_an_atlas_of_another_space_is_refused(planted):
    with pytest.raises(BadInput, match=r"MNI152 and scanner are different spaces.*set_space"):
        call("parcellate", volume=planted.series(1), atlas=planted.atlas(code=1))


def test_an_atlas_on_a_finer_grid_gives_the_same_means(planted):
    fine = call("resample_volume", {"size": 2.0}, volume=planted.atlas())["resampled"]
    plain = call("parcellate", PLAIN, volume=planted.series(1), atlas=planted.atlas())
    other = call("parcellate", PLAIN, volume=planted.series(1), atlas=fine)
    ours, theirs = (each["regions"].frame.values[:, 0] for each in (plain, other))
    assert np.corrcoef(ours, theirs)[0, 1] > 0.9


def test_an_atlas_of_fractions_is_none(planted):
    with pytest.raises(BadInput, match="whole numbers"):
        call(
            "parcellate",
            volume=planted.series(1),
            atlas=planted.volume(np.full(planted.SHAPE, 0.5)),
        )


def test_confounds_are_taken_out_of_the_series(planted):
    series = planted.series(1)
    drive = np.sin(np.arange(planted.N_IMAGES))
    loud = planted.volume(voxels(series) + 500 * drive)
    table = Table(pd.DataFrame({"drive": drive, "word": "a"}))
    params = {"high_pass": None, "standardise": False}
    freed = call("parcellate", params, volume=loud, atlas=planted.atlas(), confounds=table)
    kept = call("parcellate", params, volume=loud, atlas=planted.atlas())
    assert np.abs(kept["regions"].frame.values[:, 2] @ drive) > 1000
    assert np.abs(freed["regions"].frame.values[:, 2] @ drive) < 1
    short = Table(table.frame[:-1])
    with pytest.raises(BadInput, match="79 rows"):
        call("parcellate", params, volume=loud, atlas=planted.atlas(), confounds=short)


def test_frequencies_outside_the_band_are_taken_out(planted):
    times = np.arange(planted.N_IMAGES) * planted.STEP
    slow, middle, fast = (np.sin(2 * np.pi * f * times) for f in (0.005, 0.05, 0.15))
    whole = planted.volume(np.full((*planted.SHAPE, 1), 1000.0) + 10 * (slow + middle + fast))

    def power(params):
        traces = call("parcellate", params, volume=whole, atlas=planted.atlas())["regions"]
        series = traces.frame.values[10:-10, 0]  # filters begin and end
        series = series - series.mean()
        return [
            abs(series @ each[10:-10]) / (each[10:-10] @ each[10:-10])
            for each in (slow, middle, fast)
        ]

    plain = {"standardise": False, "detrend": False}
    np.testing.assert_allclose(power(plain | {"high_pass": None}), 10, atol=1.5)
    for band, kept in (
        ({"high_pass": 0.015}, (0, 10, 10)),
        ({"high_pass": 0.02, "low_pass": 0.1}, (0, 10, 0)),
    ):
        np.testing.assert_allclose(power(plain | band), kept, atol=2.0)


def test_more_confounds_than_half_the_images_are_refused(planted):
    many = Table(pd.DataFrame(np.random.default_rng(0).normal(size=(planted.N_IMAGES, 41))))
    with pytest.raises(BadInput, match="41 confounds for 80 images"):
        call("parcellate", volume=planted.series(1), atlas=planted.atlas(), confounds=many)


def test_a_band_that_falls_is_refused(planted):
    with pytest.raises(BadInput, match=r"The band is 0.1 to 0.05 Hz"):
        call(
            "parcellate",
            {"high_pass": 0.1, "low_pass": 0.05},
            volume=planted.series(1),
            atlas=planted.atlas(),
        )


# ---- connectivity --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "measure", ["correlation", "partial correlation", "sparse partial correlation"]
)
def test_only_the_planted_pair_exceeds_chance(planted, measure):
    result = call("functional_connectivity", {"measure": measure}, traces=planted.coupled())
    assert result.numbers["pairs above chance"].value == 1
    strongest = result.numbers["strongest pair"]
    assert strongest.note.startswith("region 1 and region 2")
    assert strongest.chance < strongest.low < strongest.value < strongest.high


def test_series_that_share_nothing_do_not_exceed_chance(planted):
    result = call("functional_connectivity", traces=planted.coupled(share=0.0))
    assert result.numbers["pairs above chance"].value == 0
    number = result.numbers["mean connection"]
    assert number.low < number.chance < number.high


def test_a_partial_correlation_sees_through_the_one_between():
    random = np.random.default_rng(4)
    first, noise_one, noise_two = random.normal(size=(3, 2000))
    second = first + 0.7 * noise_one
    third = second + 0.7 * noise_two
    values = np.stack([first, second, third], axis=1)
    from neurostudio.plugins.imaging.correlating import connect

    plain = connect(values, "correlation")
    for measure in ("partial correlation", "sparse partial correlation"):
        partial = connect(values, measure)
        assert plain[0, 2] > 0.6
        assert abs(partial[0, 2]) < 0.1, measure
        assert partial[0, 1] > 0.3, measure
    np.testing.assert_allclose(connect(values, "covariance"), np.cov(values.T))


def test_images_that_resemble_their_neighbours_count_for_less():
    from neurostudio.plugins.imaging.cleaning import images_that_count

    random = np.random.default_rng(0)
    white = random.normal(size=(2000, 2))
    slow = white.copy()
    for k in range(1, 2000):
        slow[k] += 0.8 * slow[k - 1]
    assert images_that_count(white[:, :1], white[:, 1:])[0] > 1800
    expected = 2000 * (1 - 0.64) / (1 + 0.64)
    assert images_that_count(slow[:, :1], slow[:, 1:])[0] == pytest.approx(expected, rel=0.2)


def test_fishers_interval_holds_the_truth_in_19_of_20_cases():
    from neurostudio.plugins.imaging.cleaning import fisher

    random = np.random.default_rng(1)
    a, b = random.normal(size=(2, 100, 1000))
    r = np.array([np.corrcoef(a[:, k], 0.6 * a[:, k] + 0.8 * b[:, k])[0, 1] for k in range(1000)])
    _, low, high = fisher(r, np.full(1000, 100.0))
    assert np.mean((low < 0.6) & (high > 0.6)) == pytest.approx(0.95, abs=0.02)


def test_random_phases_keep_the_spectrum_and_nothing_shared():
    from neurostudio.plugins.imaging.cleaning import with_random_phases

    series = np.random.default_rng(0).normal(size=(200, 1)).repeat(2, axis=1)
    turned = with_random_phases(series, np.random.default_rng(1))
    np.testing.assert_allclose(
        np.abs(np.fft.rfft(turned, axis=0)), np.abs(np.fft.rfft(series, axis=0)), atol=1e-9
    )
    assert abs(np.corrcoef(turned.T)[0, 1]) < 0.3


def test_nodes_are_where_the_regions_are(planted):
    traces = call("parcellate", volume=planted.resting(), atlas=planted.atlas())["regions"]
    matrix = call("functional_connectivity", traces=traces)["connectome"].matrix
    x, y, z = planted.centre_of(planted.HOUSE)
    house = matrix.sel(source="House area")
    assert (float(house["x"]), float(house["y"]), float(house["z"])) == (x, y, z)
    assert str(house["hemisphere"].to_numpy()) == "left"
    assert matrix.attrs["space"] == "MNI152"
    assert matrix.attrs["directed"] is False


def test_places_and_space_outlive_saving(planted, tmp_path):
    made = call("parcellate", volume=planted.resting(), atlas=planted.atlas())["regions"]
    made.save(tmp_path)
    result = call("functional_connectivity", traces=Traces.load(tmp_path))
    matrix = result["connectome"].matrix
    assert matrix.attrs["space"] == "MNI152"
    assert float(matrix["x"].sel(source="House area")) == planted.centre_of(planted.HOUSE)[0]
    assert result.warnings == ("simulated",)


def test_the_atlas_gives_places_to_traces_that_have_none(planted):
    values = np.random.default_rng(0).normal(size=(60, 2))
    frame = nap.TsdFrame(t=np.arange(60.0), d=values, columns=["Face area", "House area"])
    plain = call("functional_connectivity", traces=Traces(frame, "1"))
    assert plain.warnings == ("no-places",)
    placed = call("functional_connectivity", traces=Traces(frame, "1"), atlas=planted.atlas())
    matrix = placed["connectome"].matrix
    assert float(matrix["x"].sel(source="Face area")) == planted.centre_of(planted.FACE)[0]
    other = nap.TsdFrame(t=np.arange(60.0), d=values, columns=["Face area", "Moon"])
    with pytest.raises(BadInput, match="no region of their name in the atlas: Moon"):
        call("functional_connectivity", traces=Traces(other, "1"), atlas=planted.atlas())


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.ones((40, 2)), "2 series are constant"),
        (np.where(np.eye(40, 2) > 0, np.nan, np.arange(80.0).reshape(40, 2)), "2 series have gaps"),
        (np.zeros((10, 2)), "There are 10 times"),
        (np.zeros((40, 1)), "needs at least two"),
    ],
)
def test_series_that_cannot_be_connected_are_refused(values, words):
    frame = nap.TsdFrame(t=np.arange(len(values)), d=values)
    with pytest.raises(BadInput, match=words):
        call("functional_connectivity", traces=Traces(frame, "1"))


# ---- seeds ---------------------------------------------------------------------------------------


def seed_at(planted, volume, where, **params):
    x, y, z = planted.centre_of(where)
    return call("seed_map", {"x": x, "y": y, "z": z, "radius": 5.0} | params, volume=volume)


def test_the_other_area_of_the_planted_network_is_found(planted):
    result = seed_at(planted, planted.resting(), planted.FACE)
    r, level = voxels(result["r_map"]), result.views[0].threshold
    there = np.zeros(planted.SHAPE, bool)
    there[planted.FACE] = there[planted.HOUSE] = True
    assert (r[there] > level).mean() > 0.9
    assert (np.abs(r[planted.brain() & ~there]) > level).mean() < 0.02
    assert voxels(result["seed"]).sum() == result.numbers["voxels of the seed"].value == 7


def test_without_a_network_no_voxel_follows_the_seed(planted):
    result = seed_at(planted, planted.resting(share=0.0), planted.FACE)
    assert result.numbers["voxels above chance"].value <= 1


def test_a_region_may_be_the_seed(planted):
    result = call(
        "seed_map", {"region": "Face area"}, volume=planted.resting(), atlas=planted.atlas()
    )
    assert result.numbers["voxels of the seed"].value == 27
    with pytest.raises(BadInput, match="give the atlas"):
        call("seed_map", {"region": "Face area"}, volume=planted.resting())
    with pytest.raises(BadInput, match="'Moon' has no voxel"):
        call("seed_map", {"region": "Moon"}, volume=planted.resting(), atlas=planted.atlas())


def test_a_seed_outside_the_brain_is_refused(planted):
    with pytest.raises(BadInput, match=r"within the seed \(500, 0, 0\) mm"):
        call("seed_map", {"x": 500.0}, volume=planted.resting())


# ---- surfaces ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("x", "side", "other"), [(-40.0, 1, 2), (40.0, 2, 1)])
def test_a_blob_on_one_side_lands_in_the_hemisphere_of_this_side(planted, x, side, other):
    volume = planted.blob((x, -20.0, 50.0))
    surface = call("volume_to_surface", {"name": "blob"}, volume=volume)["surface"]
    sides, values = surface.scalars["hemisphere"], surface.scalars["blob"]
    assert surface.labels["hemisphere"] == {1: "left", 2: "right"}
    assert values[sides == side].max() > 0.8
    assert values[sides == other].max() < 0.01
    peak = surface.vertices[np.argmax(values)]
    assert np.linalg.norm(peak - [x, -20.0, 50.0]) < 12
    assert set(surface.shapes) >= {"pial", "white", "inflated"}
    assert surface.space == "MNI305"


def test_the_map_from_mni305_is_the_documented_one():
    from neurostudio.templates import in_mni152

    # the worked example of FreeSurfer's page on coordinate systems
    np.testing.assert_allclose(
        in_mni152(np.array([[10.0, -20.0, 35.0]])), [[10.695, -18.409, 36.137]], atol=0.01
    )


def test_labels_are_not_mixed_on_the_surface(planted):
    head = planted.blob((-40.0, -20.0, 50.0), width=30.0)
    values = (voxels(head) > 0.5).astype(np.int16) * 7
    import nibabel

    image = nibabel.Nifti1Image(values, head.image.affine)
    image.set_sform(head.image.affine, 4)
    from neurostudio.api import Volume

    atlas = Volume(image, {7: "hand"})
    surface = call("volume_to_surface", {"name": "atlas"}, volume=atlas)["surface"]
    assert set(np.unique(surface.scalars["atlas"])) == {0.0, 7.0}
    assert dict(surface.labels["atlas"]) == {7: "hand"}


def test_a_series_becomes_series_at_the_vertices(planted):
    result = call("volume_to_surface", names={"volume": ("bold",)}, volume=planted.series(1))
    surface = result["surface"]
    assert surface.series["bold"].shape == (20484, planted.N_IMAGES)
    np.testing.assert_allclose(surface.times[:3], [0.0, 2.5, 5.0])
    assert "beyond" in result.warnings  # the small image covers a part of the brain


def test_what_is_not_in_mni152_is_refused(planted):
    with pytest.raises(BadInput, match="space is unknown; only what is in MNI152"):
        call("volume_to_surface", volume=planted.atlas(code=0))
