"""Anatomical embeddings: weights, losses, joining by key, probes, brain age, released weights."""

import json
import math
from dataclasses import replace
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from neurostudio.api import BadInput, Cancelled, Example, Table, Volume
from neurostudio.registry import discover
from neurostudio.runs import Run
from neurostudio.testing import ListContext

torch = pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")

PLUGIN = "neurostudio.plugins.anatcl"


def part(name):
    return import_module(f"{PLUGIN}.{name}")


def call(method, context=None, *, names=None, params=None, **items):
    found = discover().methods[method]
    context = context or ListContext()
    context.names = names or {}
    return found(context, found.params(**(params or {})), **items)


# weights (F5)


def test_people_ten_years_apart_attract_each_other_by_the_kernel():
    weights = part("weighing").age_weights(torch.tensor([20.0, 30.0, 20.0]), 5.0)
    assert weights[0, 1].item() == pytest.approx(math.exp(-(10**2) / (2 * 5**2)))
    assert weights[0, 2].item() == 1.0
    cauchy = part("weighing").age_weights(torch.tensor([20.0, 30.0]), 5.0, "cauchy")
    assert cauchy[0, 1].item() == pytest.approx(1 / (1 + 2**2))


@pytest.mark.parametrize("way", ["local", "global"])
def test_weights_of_anatomy_are_symmetric_and_never_negative(way):
    generator = torch.Generator().manual_seed(0)
    weights = part("weighing").anatomy_weights(torch.randn(12, 5, 3, generator=generator), way)
    torch.testing.assert_close(weights, weights.T)
    torch.testing.assert_close(weights.diagonal(), torch.ones(12))
    assert (weights >= 0).all()


def test_local_compares_regions_and_global_compares_profiles():
    one = torch.tensor([[1.0, 0.0], [0.0, 1.0]])  # regions by measures
    other = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    both = torch.cat([one[None], other[None]])
    weighing = part("weighing")
    assert weighing.anatomy_weights(both, "local")[0, 1].item() == pytest.approx(0.5)
    expected = (1 / math.sqrt(2) + 0) / 2  # the second measure of the other person is all zero
    assert weighing.anatomy_weights(both, "global")[0, 1].item() == pytest.approx(expected)


@pytest.mark.parametrize("way", ["local", "global"])
def test_another_unit_of_a_raw_descriptor_changes_no_weight_after_standardising(way):
    weighing = part("weighing")
    raw = torch.rand(20, 4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64) + 1
    other = raw.clone()
    other[:, 2, 1] = 1000 * other[:, 2, 1] + 7

    def weights(values):
        return weighing.anatomy_weights(weighing.standardised(values, values), way)

    torch.testing.assert_close(weights(raw), weights(other))
    off = ~torch.eye(20, dtype=torch.bool)
    assert weighing.anatomy_weights(raw, way)[off].min() > 0.8  # raw ones: no contrast
    assert weights(raw)[off].min() == 0


def test_identity_weights_give_nt_xent():
    from neurostudio.learning.losses import two_views

    weighing = part("weighing")
    generator = torch.Generator().manual_seed(0)
    first, second = (torch.randn(7, 5, generator=generator, dtype=torch.float64) for _ in range(2))
    rows = torch.nn.functional.normalize(torch.cat([first, second]), dim=1)
    ours = weighing.weighted(rows, weighing.of_views(torch.eye(7, dtype=torch.float64)), 0.1)
    assert abs(float(ours - two_views(first, second, 0.1))) < 1e-6


def test_a_row_is_never_compared_with_itself():
    weights = part("weighing").of_views(torch.full((3, 3), 0.25))
    assert (weights.diagonal() == 0).all()
    assert (weights.diagonal(3) == 1).all()  # the two views of one person
    assert weights[0, 1] == weights[0, 4] == 0.25


@pytest.mark.parametrize("form", ["", "threshold", "exponential"])
def test_a_row_of_zero_weights_gives_no_nan(form):
    rows = torch.nn.functional.normalize(torch.randn(4, 3), dim=1).requires_grad_(True)
    loss = part("weighing").weighted(rows, torch.zeros(4, 4), 0.1, form)
    loss.backward()
    assert loss.item() == 0
    assert torch.isfinite(rows.grad).all()


def slow_form(rows, weights, temperature, form):
    """The formulas of the two forms, pair by pair."""
    s, n, total = rows @ rows.T / temperature, len(rows), 0.0
    for i in range(n):
        others = [k for k in range(n) if k != i]
        mass = sum(weights[i, k] for k in others)
        for k in others:
            if form == "threshold":
                kept = [t for t in others if weights[i, t] < weights[i, k]]
                bottom = sum(math.exp(s[i, t]) for t in {*kept, k})
            else:
                bottom = sum(math.exp(s[i, t] * (1 - weights[i, t])) for t in others)
            total += weights[i, k] / mass * (s[i, k] - math.log(bottom))
    return -total / n


@pytest.mark.parametrize("form", ["threshold", "exponential"])
def test_the_two_forms_of_the_predecessor_follow_their_formula(form):
    generator = torch.Generator().manual_seed(3)
    rows = torch.nn.functional.normalize(
        torch.randn(6, 4, generator=generator, dtype=torch.float64), dim=1
    )
    weights = torch.rand(6, 6, generator=generator, dtype=torch.float64).round(decimals=1)
    weights = (weights + weights.T) / 2
    ours = part("weighing").weighted(rows, weights, 0.5, form)
    assert ours.item() == pytest.approx(float(slow_form(rows, weights, 0.5, form)))


def test_entropy_is_one_for_equal_weights_and_zero_for_one_partner():
    entropy = part("weighing").entropy
    assert entropy(torch.ones(8, 8)) == pytest.approx(1.0)
    assert entropy(torch.roll(torch.eye(8), 1, dims=1)) == pytest.approx(0.0)


# encoders (M2)


def test_the_papers_encoder_has_its_number_of_parameters():
    model = part("encoders").build("resnet18")
    assert sum(each.numel() for each in model.encoder.parameters()) == 33_160_000
    assert sum(each.numel() for each in model.head.parameters()) == 328_320


def test_the_papers_encoder_halves_the_grid_as_the_table_says():
    encoder = part("encoders").ResNet18()
    shapes = []
    for name in ("conv1", "layer1", "layer2", "layer3", "layer4"):
        getattr(encoder, name).register_forward_hook(
            lambda module, given, out: shapes.append(tuple(out.shape[1:]))
        )
    with torch.no_grad():
        assert encoder.eval()(torch.zeros(1, 1, 31, 32, 31)).shape == (1, 512)
    expected = [(64, 16, 16, 16), (64, 8, 8, 8), (128, 4, 4, 4), (256, 2, 2, 2), (512, 1, 1, 1)]
    assert shapes == expected


# joining by key


def people_of(keys, **columns):
    return Table(pd.DataFrame({"participant_id": keys, **columns}))


def test_rows_in_another_order_give_the_same_cohort():
    joining, declaring = part("joining"), part("declaring")
    params = declaring.TableParams()
    table = pd.DataFrame({"participant_id": ["sub-1", "sub-2", "sub-3"], "age": [10.0, 20.0, 30.0]})
    table["thickness:a"], table["volume:a"] = [1.0, 2.0, 3.0], [4.0, 5.0, 6.0]
    inputs = np.zeros((3, 1), np.float32)
    keys = ("sub_1", "sub_2", "sub_3")  # items are named as Python allows
    one = joining.cohort(keys, inputs, Table(table), Table(table), params)
    other = joining.cohort(keys, inputs, Table(table[::-1]), Table(table.iloc[[1, 0, 2]]), params)
    np.testing.assert_array_equal(one.ages, other.ages)
    np.testing.assert_array_equal(one.descriptors, other.descriptors)
    assert one.descriptors[1].tolist() == [[2.0, 5.0]]


def test_a_person_without_a_row_is_named():
    joining, params = part("joining"), part("declaring").TableParams()
    with pytest.raises(BadInput, match=r"1 of 2 people are not in the people: b"):
        joining.with_age(ListContext(), ("a", "b"), people_of(["a"], age=[1.0]), params)


def test_a_double_key_is_refused_or_dropped():
    people = part("people")
    table = people_of(["a", "b", "a", "c"], age=[1.0, 2.0, 3.0, 4.0])
    params = part("declaring").TableParams()
    with pytest.raises(BadInput, match="1 people stand in the people more than once: a"):
        people.once(table, params, "people")
    dropped = params.model_copy(update={"twice": "drop"})
    assert people.once(table, dropped, "people") == {"b": 1, "c": 3}


def test_two_spellings_of_a_region_are_one_and_columns_of_zeros_are_missing():
    frame = pd.DataFrame(
        {
            "lh_S_oc_middle_and_Lunatus_thickness": [0.0, 0.0],
            "lh_S_oc_middle&Lunatus_thickness": [2.0, 2.5],
            "rh_S_oc_middle_and_Lunatus_thickness": [3.0, 3.5],
            "rh_S_oc_middle_and_Lunatus_thickness.1": [9.0, 9.0],
            "lh_MeanThickness_thickness": [2.2, 2.3],
            "rh_MeanThickness_thickness": [2.2, 2.3],
            "avg_en": [-5.0, -6.0],
        }
    )
    found = part("people").measures_of(Table(frame))
    assert (found.regions, found.measures) == (("s_oc_middle&lunatus",), ("lh", "rh"))
    assert found.values[:, 0].tolist() == [[2.0, 3.0], [2.5, 3.5]]


def test_a_table_without_regional_measures_is_refused_with_the_patterns():
    with pytest.raises(BadInput, match="No column is called like"):
        part("people").measures_of(people_of(["a"], age=[3.0]))


def test_the_null_cohort_keeps_each_persons_anatomy_and_age_together():
    rows = np.arange(6.0)
    made = part("people").Cohort(
        tuple("abcdef"), rows, ("",) * 6, rows[:, None].astype(np.float32), rows[:, None, None]
    )
    null = made.permuted(1)
    np.testing.assert_array_equal(null.descriptors[:, 0, 0], null.ages)
    np.testing.assert_array_equal(null.inputs, made.inputs)
    assert (null.ages != made.ages).any()


# grids


def volume(values, affine, code=1):
    import nibabel

    image = nibabel.Nifti1Image(np.asarray(values, np.float32), affine)
    image.set_sform(affine, code)
    image.set_qform(affine, code)
    return Volume(image)


def test_an_image_stored_from_right_to_left_is_compared_in_place():
    grids = part("grids")
    values = np.random.default_rng(0).random((6, 7, 8))
    straight = volume(values, np.diag([2.0, 2, 2, 1]))
    mirrored = np.diag([-2.0, 2, 2, 1])
    mirrored[0, 3] = 10.0  # the same places, counted from the other end
    other = volume(values[::-1], mirrored)
    grid = grids.grid_for([straight, other], ["a", "b"], 0)
    np.testing.assert_allclose(grids.on_grid(straight, grid), values, atol=1e-6)
    np.testing.assert_allclose(grids.on_grid(other, grid), values, atol=1e-6)


def test_a_coarser_grid_covers_the_same_millimetres():
    grids = part("grids")
    image = volume(np.ones((12, 12, 12)), np.diag([1.0, 1, 1, 1]))
    grid = grids.grid_for([image], ["a"], 4)
    assert grid.shape == (4, 4, 4)
    corner = grid.affine @ [-0.5, -0.5, -0.5, 1]
    np.testing.assert_allclose(corner[:3], [-0.5, -0.5, -0.5])
    assert grids.on_grid(image, grid)[1:3, 1:3, 1:3] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("shape", [(121, 145, 121), (121, 128, 121), (113, 137, 113)])
def test_images_for_released_weights_are_cropped_or_filled_up_around_the_middle(shape):
    grids = part("grids")
    affine = np.diag([1.5, 1.5, 1.5, 1])
    grid = grids.cropped(grids.Grid(shape, affine), grids.PAPER)
    assert grid.shape == (121, 128, 121)
    old, new = ((np.array(s) - 1) / 2 for s in (shape, grid.shape))
    middle = affine[:3, :3] @ old
    assert np.abs(grid.affine[:3, :3] @ new + grid.affine[:3, 3] - middle).max() <= 0.75


def test_images_of_two_spaces_and_series_are_refused():
    grids = part("grids")
    affine = np.diag([2.0, 2, 2, 1])
    template, own = volume(np.ones((5, 5, 5)), affine, 4), volume(np.ones((5, 5, 5)), affine, 1)
    with pytest.raises(BadInput, match="b and a cannot be compared"):
        grids.grid_for([template, own], ["a", "b"], 0)
    with pytest.raises(BadInput, match="5 x 5 x 5 x 2"):
        grids.grid_for([volume(np.ones((5, 5, 5, 2)), affine)], ["a"], 0)


# probes, brain age


def test_repeatability_is_one_without_noise_and_near_zero_of_noise_alone():
    random = np.random.default_rng(0)
    people = random.normal(size=(400, 3))
    icc = part("probes").repeatability
    np.testing.assert_allclose(icc(people, people), 1.0)
    assert np.abs(icc(people, random.normal(size=(400, 3)))).max() < 0.2
    noisy = [people + random.normal(size=people.shape) for _ in range(2)]
    assert icc(*noisy) == pytest.approx(np.full(3, 0.5), abs=0.12)


def test_the_interval_of_a_person_comes_from_people_of_that_age():
    ages = np.array([20.0] * 50 + [70.0] * 50)
    errors = np.concatenate([np.linspace(-1, 1, 50), np.linspace(-10, 10, 50)])
    low, high = part("ages").bounds(ages, errors, np.array([20.0, 70.0]), nearest=50)
    np.testing.assert_allclose(high, [0.9, 9.0])
    np.testing.assert_allclose(low, [-0.9, -9.0])


def embedding_of(n=240, seed=0, *, leak=0.0):
    """Two features follow age, one the site (by ``leak``), the others nothing."""
    random = np.random.default_rng(seed)
    ages, sites = random.uniform(10, 80, n), random.integers(3, size=n)
    rows = random.normal(size=(n, 6))
    rows[:, 0] += ages / 5
    rows[:, 1] -= ages / 8
    rows[:, 2] += leak * sites
    keys = [f"p{k}" for k in range(n)]
    embedding = pd.DataFrame(rows, columns=[f"feature {k + 1}" for k in range(6)])
    embedding.insert(0, "participant_id", keys)
    embedding["part"] = "new"
    names = np.array(["A", "B", "C"])[sites]
    people = people_of(keys, age=ages, site=names, sex=random.choice(["f", "m"], n))
    return Table(embedding), people


def test_brain_age_is_freed_of_its_bias_and_its_interval_holds_nine_of_ten():
    embedding, people = embedding_of()
    result = call("brain_age", embedding=embedding, people=people)
    numbers = result.numbers
    assert numbers["gap and age, before the correction"].value < -0.1
    assert abs(numbers["gap and age, after the correction"].value) < 0.1
    assert numbers["people within their interval"].value == pytest.approx(0.9, abs=0.06)
    assert numbers["age error"].value < 0.35 * numbers["age error"].chance
    assert result.warnings == ()
    frame = result["ages"].frame
    assert ((frame["low"] < frame["gap"]) & (frame["gap"] < frame["high"])).all()


def test_brain_age_of_other_peoples_embedding_is_no_better_than_the_mean():
    embedding, people = embedding_of()
    keys = embedding.frame["participant_id"].tolist()
    swapped = embedding.frame.assign(participant_id=np.random.default_rng(5).permutation(keys))
    number = call("brain_age", embedding=Table(swapped), people=people).numbers["age error"]
    assert number.value > 0.95 * number.chance


def test_the_order_of_rows_does_not_matter_for_brain_age():
    embedding, people = embedding_of(80)
    one = call("brain_age", embedding=embedding, people=people)["ages"].frame
    other = call("brain_age", embedding=embedding, people=Table(people.frame[::-1]))["ages"].frame
    np.testing.assert_array_equal(one["predicted"], other["predicted"])


def test_probes_read_what_is_planted_and_nothing_else():
    embedding, people = embedding_of(leak=2.0)
    params = {"targets": ("age", "sex"), "seeds": 2, "nulls": 10}
    result = call("probe_embedding", params=params, embedding=embedding, people=people)
    age, sex = result.numbers["age"], result.numbers["sex"]
    assert age.value < 0.35 * age.chance
    assert sex.low < 0.5 < sex.high
    frame = result["scores"].frame.set_index("target")
    assert frame.loc["age", "permuted"] > 0.9 * age.chance
    assert frame.loc["sex", "permuted"] == pytest.approx(0.5, abs=0.1)
    assert (frame.loc["age", "kind"], frame.loc["sex", "kind"]) == ("number", "class")


def test_the_site_meter_falls_to_chance_where_no_site_is_planted():
    read = {}
    for leak in (0.0, 3.0):
        embedding, people = embedding_of(leak=leak)
        result = call("probe_embedding", params={"targets": ()}, embedding=embedding, people=people)
        read[leak] = result.numbers["site, tuned probe"]
    assert read[0.0].low < 1 / 3 < read[0.0].high
    assert read[3.0].low > 0.8


def test_an_embedding_of_training_people_is_marked():
    embedding, people = embedding_of(60)
    marked = Table(embedding.frame.assign(part=["training"] * 5 + ["new"] * 55))
    assert "seen" in call("brain_age", embedding=marked, people=people).warnings


def test_a_table_without_features_is_no_embedding():
    _, people = embedding_of(20)
    with pytest.raises(BadInput, match="no columns 'feature 1'"):
        call("brain_age", embedding=people, people=people)


def test_the_nearest_person_is_the_planted_twin():
    random = np.random.default_rng(0)
    rows = random.normal(size=(40, 5))
    rows[7] = rows[0] + 0.01
    regions = pd.DataFrame({"participant_id": [f"p{k}" for k in range(40)]})
    for region in "abc":
        for measure in ("thickness", "volume"):
            values = random.normal(size=40)
            values[7] = values[0]
            regions[f"{measure}:{region}"] = values
    embedding = pd.DataFrame(rows, columns=[f"feature {k + 1}" for k in range(5)])
    embedding.insert(0, "participant_id", regions["participant_id"])
    params = {"person": "p0", "count": 1}
    result = call(
        "find_neighbours", params=params, embedding=Table(embedding), regions=Table(regions[::-1])
    )
    row = result["neighbours"].frame.iloc[0]
    assert row["participant_id"] == "p7"
    np.testing.assert_allclose(row[["a", "b", "c"]].astype(float), 1.0, atol=0.05)
    assert result.numbers["likeness of regions"].chance < 0.5


# trainings


def example(name) -> Example:
    return getattr(part("example"), name)()


def test_training_needs_regions_for_the_anatomy_term():
    given = example("volumes")
    items = {k: v for k, v in given.items.items() if k != "regions"}
    with pytest.raises(BadInput, match="needs regional measures as 'regions'"):
        call("train_on_volumes", params=dict(given.params), names=dict(given.names), **items)


def test_without_regions_age_alone_can_be_learnt():
    given = example("volumes")
    items = {k: v for k, v in given.items.items() if k != "regions"}
    params = {**given.params, "loss": "age", "epochs": 1, "size": 10, "null_run": False}
    result = call("train_on_volumes", params=params, names=dict(given.names), **items)
    assert "anatomy" not in result.numbers
    assert result.numbers["age error"].baseline == pytest.approx(
        result.numbers["age error, mean age of the site"].value
    )


def test_no_person_and_no_site_stands_on_both_sides():
    given = example("tables")
    params = {**given.params, "leave_out": "site", "epochs": 1, "null_run": False}
    result = call("train_on_tables", params=params, **given.items)
    scores = result["scores"].frame
    assert all(len(set(part["site"])) == 1 for _, part in scores.groupby("fold"))
    assert sorted(scores["site"].unique()) == [f"site {k}" for k in range(1, 7)]
    assert "site, weak probe" not in result.numbers


def test_columns_are_scaled_by_training_people_alone():
    judging, people = part("judging"), part("people")
    inputs = np.array([[0.0], [2.0], [100.0]], np.float32)
    made = people.Cohort(("a", "b", "c"), np.zeros(3), ("",) * 3, inputs)
    np.testing.assert_allclose(judging.scaled(made, np.array([0, 1])).inputs[:, 0], [-1, 1, 99])


def test_a_stopped_training_resumes_to_the_same_weights(tmp_path):
    given = example("tables")
    params = {**given.params, "epochs": 3, "null_run": False}
    whole = call("train_on_tables", params=params, **given.items)
    (tmp_path / "checkpoints").mkdir()
    context = ListContext(folder=tmp_path)
    context.stopped = lambda: len(context.of_kind("metrics")) == 5  # in the second fold
    with pytest.raises(Cancelled):
        call("train_on_tables", context, params=params, **given.items)
    assert any((tmp_path / "checkpoints").iterdir())
    again = call("train_on_tables", ListContext(folder=tmp_path), params=params, **given.items)
    for name, value in whole["model"].weights.items():
        np.testing.assert_array_equal(value, again["model"].weights[name])


def test_a_model_of_tables_reads_another_table_by_names_and_names_what_is_missing():
    given = example("tables")
    params = {**given.params, "epochs": 1, "null_run": False}
    model = call("train_on_tables", params=params, **given.items)["model"]
    regions, people = given.items["measures"], given.items["people"]
    mixed = Table(regions.frame.iloc[::-1, ::-1])
    one = call("embed_anatomy", subjects=(regions,), model=model, people=people)
    other = call("embed_anatomy", subjects=mixed, model=model, people=people)
    first = one["embedding"].frame.set_index("participant_id")
    second = other["embedding"].frame.set_index("participant_id").loc[first.index]
    np.testing.assert_allclose(first["feature 1"], second["feature 1"], rtol=1e-5, atol=1e-6)
    assert one.numbers["age error"].baseline is not None
    lacking = Table(regions.frame.drop(columns=["area:region 3"]))
    with pytest.raises(BadInput, match="are missing: thickness:region 3, volume:region 3"):
        call("embed_anatomy", subjects=lacking, model=model)


def test_models_and_inputs_of_two_kinds_are_not_mixed():
    model, (images, _, regions) = part("example").model(), part("example").items()
    with pytest.raises(BadInput, match="trained on images"):
        call("embed_anatomy", subjects=regions, model=model)
    with pytest.raises(BadInput, match="Give images, or one table"):
        call("embed_anatomy", subjects=(images[0], regions), model=model)
    other = replace(model, config={"network": "shallow"})
    with pytest.raises(BadInput, match="no encoder of anatomy"):
        call("embed_anatomy", subjects=images[:2], model=other)


# saliency


def test_blanking_the_only_bright_place_is_what_moves_the_embedding():
    model = part("example").model()
    values = np.zeros((20, 20, 20))
    values[3:7, 3:7, 13:17] = 5.0
    image = volume(values, part("simulate").affine())
    result = call("explain_embedding", params={"cube": 36.0}, model=model, volume=image)
    saliency = np.abs(np.asarray(result["saliency"].image.dataobj))
    assert saliency[:10, :10, 8:].sum() > 0.95 * saliency.sum()
    assert saliency[12:, 12:, :8].max() < 1e-3 * saliency.max()


def test_gradients_are_weighed_on_the_grid_of_the_model():
    model, (images, _, _) = part("example").model(), part("example").items()
    result = call("explain_embedding", params={"way": "gradients"}, model=model, volume=images[0])
    assert result["saliency"].image.shape == (20, 20, 20)
    assert result.numbers["largest change"].value == pytest.approx(1.0, abs=1e-6)


# released weights in the model folder


@pytest.fixture
def model_folder(tmp_path, monkeypatch):
    """A model folder of the release's layout, with weights of the right shapes."""
    folder = tmp_path / "models"
    (folder / "anatcl" / "resnet18-anatcl-g3").mkdir(parents=True)
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"model_folder": str(folder)}))
    monkeypatch.setenv("NEUROSTUDIO_SETTINGS", str(settings))
    return folder / "anatcl" / "resnet18-anatcl-g3"


def narrow(monkeypatch):
    """Make the paper's encoder small enough for a test; the names of its arrays stay."""
    encoders = part("encoders")
    monkeypatch.setattr(encoders.ResNet18, "__init__", _narrow_init(encoders))


def _narrow_init(encoders):
    def init(self):
        torch.nn.Module.__init__(self)
        self.conv1 = torch.nn.Conv3d(1, 4, 7, 2, 3, bias=False)
        self.bn1, self.maxpool = torch.nn.BatchNorm3d(4), torch.nn.MaxPool3d(3, 2, 1)
        widths = [(4, 4), (4, 8), (8, 16), (16, 512)]
        for k, (before, after) in enumerate(widths, 1):
            blocks = [
                encoders.Block(before, after, 1 if k == 1 else 2),
                encoders.Block(after, after, 1),
            ]
            setattr(
                self,
                f"layer{k}",
                torch.nn.Sequential(blocks[0]) if k == 4 else torch.nn.Sequential(*blocks),
            )

    return init


def test_released_weights_are_read_under_the_names_of_the_release(model_folder, monkeypatch):
    narrow(monkeypatch)
    state = part("encoders").ResNet18().state_dict()
    named = {f"module.encoder.{k}": v for k, v in state.items()} | {
        "module.head.0.weight": torch.ones(2)
    }
    torch.save({"model": named, "epoch": 300}, model_folder / "fold0.pth")
    found = part("released").released("global")
    assert found.keys() == state.keys()
    np.testing.assert_array_equal(found["conv1.weight"], state["conv1.weight"].numpy())


def test_released_weights_embed_images_of_any_grid(model_folder, monkeypatch):
    narrow(monkeypatch)
    from safetensors.torch import save_file

    monkeypatch.setattr(part("grids"), "PAPER", (24, 26, 24))
    save_file(part("encoders").ResNet18().state_dict(), model_folder / "fold0.safetensors")
    values = np.random.default_rng(0).random((2, 24, 30, 24))
    images = tuple(volume(each, np.diag([1.5, 1.5, 1.5, 1])) for each in values)
    result = call(
        "embed_anatomy",
        params={"released": "global"},
        names={"subjects": ("a", "b")},
        subjects=images,
    )
    frame = result["embedding"].frame
    assert frame["participant_id"].tolist() == ["a", "b"]
    assert sum(name.startswith("feature ") for name in frame) == 512
    assert not np.allclose(frame.iloc[0, 1:20].astype(float), frame.iloc[1, 1:20].astype(float))


def test_a_missing_file_says_where_it_should_be(model_folder):
    with pytest.raises(BadInput, match=r"no fold1\.pth in .*resnet18-anatcl-g3.*EIDOSLAB"):
        part("released").released("global", 1)


def test_weights_of_another_network_and_pickles_are_refused(model_folder, monkeypatch):
    narrow(monkeypatch)
    torch.save({"model": {"encoder.conv1.weight": torch.zeros(1)}}, model_folder / "fold0.pth")
    with pytest.raises(BadInput, match="is not a ResNet-18 in three dimensions"):
        part("released").released("global")
    torch.save({"model": Run}, model_folder / "fold0.pth")
    with pytest.raises(BadInput, match="holds more than numbers"):
        part("released").released("global")


def test_without_a_model_folder_the_message_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROSTUDIO_SETTINGS", str(tmp_path / "none.json"))
    images, _, _ = part("example").items()
    with pytest.raises(BadInput, match="No model folder is chosen"):
        call("embed_anatomy", subjects=images[:1])
