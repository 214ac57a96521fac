"""Poses by inversion: rigid movements, starts beside the truth, the gap between starts."""

import time
from importlib import import_module

import numpy as np
import pytest

from neurostudio.api import BadInput, Cancelled, ImageStack, TrainedModel
from neurostudio.testing import ListContext

torch = pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")

BASE = "neurostudio.plugins.neural_fields"


def part(name):
    return import_module(f"{BASE}.{name}")


def estimate(pictures, model=None, context=None, **params):
    module = part("pose_estimating")
    given = module.PoseParams(**{"convention": "OpenCV", "steps": 120, "rays": 256, **params})
    model = model or part("rendering_example").planted_field()
    return module.estimate_pose(context or ListContext(), given, model=model, pictures=pictures)


def lost(degrees, n=2, seed=0):
    return part("rendering_example").simulated(n, 24, float(degrees), seed)


# rigid movements


def test_a_quarter_turn_about_z_takes_right_to_front():
    xi = torch.tensor([0, 0, np.pi / 2, 0, 0, 0], dtype=torch.float64)
    moved = part("rigid").exponential(xi) @ torch.tensor([1.0, 0, 0, 1], dtype=torch.float64)
    torch.testing.assert_close(moved, torch.tensor([0.0, 1, 0, 1], dtype=torch.float64))


def test_without_a_turn_the_movement_is_a_shift():
    xi = torch.tensor([0, 0, 0, 1.0, 2, 3])
    torch.testing.assert_close(part("rigid").exponential(xi)[:3, 3], xi[3:])


@pytest.mark.parametrize("size", [1e-9, 1e-6, 9e-5, 1.1e-4, 1e-2, 1.0, 3.0])
def test_it_is_the_matrix_exponential_and_its_gradient_is_finite(size):
    generator = torch.Generator().manual_seed(0)
    xi = torch.randn(6, generator=generator, dtype=torch.float64)
    xi = (size * xi / xi[:3].norm()).requires_grad_(True)
    w, v = xi.detach()[:3], xi.detach()[3:]
    twist = torch.zeros(4, 4, dtype=torch.float64)
    twist[:3, :3] = part("rigid")._cross(w)
    twist[:3, 3] = v
    found = part("rigid").exponential(xi)
    torch.testing.assert_close(
        found.detach(), torch.linalg.matrix_exp(twist), atol=1e-11, rtol=1e-9
    )
    found.sum().backward()
    assert torch.isfinite(xi.grad).all()


def test_the_gradient_at_rest_is_that_of_the_generators():
    xi = torch.zeros(6, dtype=torch.float64, requires_grad=True)
    jacobian = torch.autograd.functional.jacobian(part("rigid").exponential, xi)
    assert jacobian[0, 1, 2].item() == -1  # turning about z moves y towards -x
    assert jacobian[1, 0, 2].item() == 1
    assert jacobian[2, 3, 5].item() == 1


# searching


def test_a_camera_turned_by_fifteen_degrees_is_found():
    result = estimate(lost(15))
    frame = result["poses"].frame
    assert (frame["start_angle_error"].round(6) == 15).all()
    assert (frame["angle_error"] < 5).all()
    assert (frame["place_error"] < 0.05 * frame["true_distance"]).all()
    found = result.numbers["poses found"]
    assert found.value == 1
    assert found.baseline == 0
    assert found.low < 1


def test_the_pose_of_another_picture_is_not_found_in_an_empty_field():
    """The control: a field without the body cannot say where the camera was."""
    field = part("rendering_example").planted_field()
    empty = {"grid": np.where(np.arange(4)[None, :, None, None, None] == 0, -9.0, 0.0)}
    grid = np.broadcast_to(empty["grid"], field.weights["grid"].shape).astype(np.float32)
    result = estimate(lost(15), TrainedModel({"grid": grid}, field.config, field.method))
    assert result.numbers["poses found"].value == 0
    assert result.numbers["loss"].value > 5 * estimate(lost(15)).numbers["loss"].value


def test_the_start_comes_first_and_others_are_turned_around_the_middle():
    search, cameras = part("pose_search"), part("cameras")
    middle = np.array([1.0, 2, 3])
    start = cameras.look_at(np.array([[1.0, -98, 3]]), middle)[0]
    starts = search.other_starts(start, middle, 5, 60.0, 0)
    np.testing.assert_array_equal(starts[0], start)
    assert len(starts) == 5
    for each in starts[1:]:
        assert np.linalg.norm(each[:3, 3] - middle) == pytest.approx(100)
        assert 0 < cameras.angle_between(start[:3, :3], each[:3, :3]) <= 60
        seen = each[:3, :3].T @ (middle - each[:3, 3])
        np.testing.assert_allclose(seen, [0, 0, 100], atol=1e-9)  # it still looks at the middle


def round_ball():
    """Return a field that looks the same from everywhere: a grey ball around its middle."""
    field = part("rendering_example").planted_field()
    edge = field.weights["grid"].shape[-1]
    line = np.linspace(-1, 1, edge)
    away = np.sqrt(sum(each**2 for each in np.meshgrid(line, line, line, indexing="ij")))
    grid = np.zeros((1, 4, edge, edge, edge), np.float32)
    grid[0, 0] = np.where(away < 0.5, 3, -8)
    return TrainedModel({"grid": grid}, field.config, field.method)


def test_starts_in_a_round_body_end_apart_with_the_same_loss_and_it_is_said():
    model = round_ball()
    rendering = part("rendering")
    seen = rendering.render_view(ListContext(), rendering.RenderParams(azimuth=40), model=model)
    result = estimate(seen["image"], model, steps=60, starts=3)
    assert result.numbers["gap between starts"].value < 0.02
    assert "several poses" in result.warnings
    frame = result["poses"].frame
    assert frame["turned"].max() > 10  # other starts stayed where they were
    assert frame["chosen"].sum() == 1


def test_starts_that_agree_leave_no_gap_and_no_warning():
    result = estimate(lost(15, n=1), starts=2, spread=5.0, steps=200)
    assert np.isnan(result.numbers["gap between starts"].value)
    assert "several poses" not in result.warnings


def test_one_start_cannot_say_that_a_pose_is_unique():
    result = estimate(lost(15, n=1), steps=20)
    assert np.isnan(result.numbers["gap between starts"].value)
    assert "several poses" not in result.warnings


def test_gaussians_can_be_searched_too():
    cameras, seeing = part("cameras"), part("seeing")
    splats = part("splats")
    field = splats.Splats(60, part("scenes").MIDDLE.tolist(), part("scenes").HALF)
    generator = torch.Generator().manual_seed(1)
    field.scatter(generator)
    with torch.no_grad():
        field.opacities.fill_(2.0)
        field.colours.normal_(0, 2, generator=generator)
    config = part("rendering_example").planted_field().config
    model = seeing.as_model(field, "fit_splats", {**config, "framework": "splats", "samples": 0})
    stack = lost(10, n=1)
    posed = part("posed").read_posed(stack, "OpenCV")
    truth = cameras.Cameras(
        posed.cameras.intrinsics, posed.truth, posed.cameras.bounds, posed.cameras.shape
    )
    pixels = seeing.frame(field, truth, 0, 1.0).colour
    result = estimate(ImageStack(stack.array.copy(data=pixels[None])), model)
    assert result["poses"].frame["angle_error"][0] < 2


@pytest.mark.parametrize("convention", ["OpenCV", "OpenGL"])
def test_the_poses_of_the_table_can_be_looked_from(convention):
    from neurostudio.api import Context

    viewing, rendering = part("viewing"), part("rendering")
    params = viewing.ViewParams(views=1, size=24, start_error=10.0, convention=convention)
    stack = viewing.simulate_views(Context(), params)["views"]
    result = estimate(stack, convention=convention)
    seen = rendering.render_view(
        ListContext(), rendering.RenderParams(convention=convention),
        model=part("rendering_example").planted_field(), cameras=result["poses"],
    )  # fmt: skip
    pictures = np.asarray(seen["image"].array), np.asarray(stack.array)
    assert part("picture_scores").psnr(*pictures)[0] > 17


def test_a_model_of_another_method_is_refused():
    model = TrainedModel({"weights": np.zeros(3)}, {"bounds": [0] * 6}, "train_another")
    with pytest.raises(BadInput, match="train_another"):
        estimate(lost(15), model)


def test_the_search_stops_within_two_seconds():
    class Stop:
        left, at = 40, 0.0

        def __call__(self):
            self.left -= 1
            self.at = self.at or (time.perf_counter() if self.left <= 0 else 0.0)
            return self.left <= 0

    stop = Stop()
    with pytest.raises(Cancelled):
        estimate(lost(15), context=ListContext(stopped=stop))
    assert time.perf_counter() - stop.at < 2


def test_live_pictures_and_the_error_angle_come_on_the_way():
    context = ListContext()
    estimate(lost(15, n=1), context=context, steps=30)
    assert {each["name"] for each in context.of_kind("view")} == {"overlay"}
    errors = [each["values"]["angle_error"] for each in context.of_kind("metrics")]
    assert len(errors) == 3
