"""Fixed points, bifurcations, gradients and readouts with analytic answers."""

import numpy as np
import pytest
import torch

from neurostudio.spiking import analysis, online
from neurostudio.spiking.biophysical import MORRIS_LECAR
from neurostudio.spiking.differentiable import (
    SURROGATES,
    AdaptingNetwork,
    LeakyNetwork,
    RateNetwork,
    spike,
)
from neurostudio.spiking.populations import FITZHUGH, STUART_LANDAU, VAN_DER_POL

BOX = (np.array([-3.0, -3.0]), np.array([3.0, 3.0]))


def test_the_fixed_point_of_fitzhugh_and_nagumo_and_its_eigenvalues():
    (found,) = analysis.fixed_points(analysis.field_of(FITZHUGH, 0.5), *BOX)
    v = np.roots([-1 / 3, 0, 1 - 1 / 0.8, 0.5 - 0.7 / 0.8])
    v = float(v[np.abs(v.imag) < 1e-9].real[0])
    assert found.place == pytest.approx((v, (v + 0.7) / 0.8), abs=1e-4)
    matrix = np.array([[1 - v**2, -1.0], [1 / 12.5, -0.8 / 12.5]])
    expected = np.sort_complex(np.linalg.eigvals(matrix))
    assert np.sort_complex(np.array(found.eigenvalues)) == pytest.approx(expected, abs=1e-4)
    assert found.kind == "unstable focus"


def test_the_hopf_bifurcations_of_fitzhugh_and_nagumo():
    _, changes = analysis.follow(
        lambda current: analysis.field_of(FITZHUGH, current), np.linspace(0, 1.6, 17), *BOX
    )
    v = -np.sqrt(1 - 0.8 / 12.5)
    low = (v + 0.7) / 0.8 - v + v**3 / 3
    high = (-v + 0.7) / 0.8 + v - v**3 / 3
    assert [each.kind for each in changes] == ["Hopf", "Hopf"]
    assert [each.value for each in changes] == pytest.approx([low, high], rel=0.01)


def test_a_saddle_node_is_named():
    _, changes = analysis.follow(
        lambda r: lambda x: np.stack([r - x[0] ** 2]),
        np.linspace(-0.5, 0.7, 7),
        np.array([-2.0]),
        np.array([2.0]),
    )
    assert [each.kind for each in changes] == ["saddle-node"]
    assert changes[0].value == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(
    ("matrix", "kind"),
    [
        ([[-1, 0], [0, -2]], "stable node"),
        ([[1, 0], [0, 2]], "unstable node"),
        ([[1, 0], [0, -2]], "saddle"),
        ([[-0.1, 1], [-1, -0.1]], "stable focus"),
        ([[0.1, 1], [-1, 0.1]], "unstable focus"),
        ([[0, 1], [-1, 0]], "centre"),
        ([[0, 0], [0, -1]], "degenerate"),
    ],
)
def test_a_linear_map_has_its_name(matrix, kind):
    assert analysis.classify(np.array(matrix, float))[1] == kind


def test_the_cycle_of_stuart_and_landau_has_the_radius_of_its_equation():
    ends = analysis.limit_cycle(analysis.field_of(STUART_LANDAU), np.array([0.1, 0.0]), 500.0)
    assert ends[:, 0] == pytest.approx([-0.5, 0.5], abs=1e-3)
    at_rest = analysis.limit_cycle(
        analysis.field_of(STUART_LANDAU, a=np.array([-0.2, 0.25])), np.full((2, 2), 0.4), 500.0
    )
    assert np.isnan(at_rest[..., 0]).all()
    assert at_rest[1, 0, 1] == pytest.approx(0.5, abs=1e-3)


def test_the_nullcline_of_van_der_pol_lies_on_its_formula():
    curves = analysis.nullclines(analysis.field_of(VAN_DER_POL), *BOX)
    flat = np.concatenate(curves[0])
    assert np.abs(flat[:, 1]).max() < 1e-9


def test_morris_and_lecar_rests_without_current():
    found = analysis.fixed_points(
        analysis.field_of(MORRIS_LECAR), np.array([-80, -0.1]), np.array([60, 1.0])
    )
    assert any(each.stable and each.place[0] == pytest.approx(-60.9, abs=0.3) for each in found)


def test_slow_points_of_a_map_with_known_ones():
    # h -> h + 0.1 (h - h^3): fixed at -1, 0, 1, of which 0 is unstable
    starts = np.linspace(-1.5, 1.5, 13)[:, None]
    places, _, spectra = analysis.slow_points(
        lambda h: h + 0.1 * (h - h**3), starts, n_steps=1500, slow=1e-10
    )
    order = np.argsort(places[:, 0])
    assert places[order, 0] == pytest.approx([-1, 0, 1], abs=1e-2)
    assert [float(spectra[k][0].real) for k in order] == pytest.approx([0.8, 1.1, 0.8], abs=1e-2)


@pytest.mark.parametrize("name", SURROGATES)
def test_a_spike_is_a_step_and_its_gradient_the_surrogate(name):
    x = torch.linspace(-2, 2, 9, dtype=torch.float64, requires_grad=True)
    fired = spike(x, name)
    assert fired.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1]
    fired.sum().backward()
    assert torch.equal(x.grad, SURROGATES[name](x.detach()))
    assert x.grad[4] == x.grad.max() or name == "multi-gaussian"


def test_without_spikes_gradients_are_those_of_the_linear_system():
    torch.manual_seed(0)
    network = LeakyNetwork(3, 6, 2, threshold=1e6).double()
    inputs = torch.rand(20, 2, 3, dtype=torch.float64)
    network(inputs).potentials[-1].sum().backward()
    keep = (1 - network.step) ** torch.arange(19, -1, -1, dtype=torch.float64)
    expected = network.step * torch.einsum("t,tni->i", keep, inputs)
    torch.testing.assert_close(network.w_in.grad, expected[:, None].expand(3, 6), rtol=1e-4, atol=0)
    assert network.w_rec.grad.abs().max() == 0


def test_recurrent_weights_have_the_sign_of_the_sender():
    for network in (AdaptingNetwork(3, 8, 2), RateNetwork(3, 8, 2)):
        weights = network.recurrent()
        assert (weights[:8] >= 0).all()
        assert (weights[8:] <= 0).all()
        assert torch.diagonal(weights).abs().max() == 0


def test_recursive_least_squares_is_ridge_after_the_last_sample():
    random = np.random.default_rng(0)
    states, targets = random.normal(size=(60, 8)), random.normal(size=(60, 2))
    readout = online.RecursiveLeastSquares(8, 2, 0.5)
    for state, target in zip(states, targets, strict=True):
        readout.update(state, target)
    expected = np.linalg.solve(states.T @ states + np.eye(8) / 0.5, states.T @ targets)
    np.testing.assert_allclose(readout.weights, expected, atol=1e-10)


def test_least_mean_squares_comes_near_the_truth():
    random = np.random.default_rng(0)
    truth = random.normal(size=(4, 1))
    readout = online.LeastMeanSquares(4, 1, 0.05)
    for state in random.normal(size=(2000, 4)):
        readout.update(state, state @ truth)
    np.testing.assert_allclose(readout.weights, truth, atol=1e-3)
