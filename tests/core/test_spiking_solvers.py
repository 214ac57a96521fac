"""Integrators have their order; linear equations are exact; noise and delay follow theory."""

import numpy as np
import pytest

from neurostudio.errors import BadInput
from neurostudio.spiking import solvers

ORDERS = {name: table.order for name, table in solvers.TABLES.items()}


def decay(_time, x):
    return -x


@pytest.mark.parametrize("name", ORDERS)
def test_halving_the_step_shows_the_order(name):
    errors = [
        abs(solvers.integrate(name, decay, np.ones(1), 1.0, dt)[1][-1, 0] - np.exp(-1.0))
        for dt in (0.1, 0.05)
    ]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(ORDERS[name], abs=0.2)


def test_exponential_euler_is_exact_for_a_linear_equation():
    def pull(_time, x):
        return -3.0 * x + 2.0

    _, course = solvers.integrate("exponential_euler", pull, np.array([5.0]), 2.0, 0.5)
    exact = 2 / 3 + (5 - 2 / 3) * np.exp(-3 * np.arange(5) * 0.5)
    np.testing.assert_allclose(course[:, 0], exact, atol=1e-12)


@pytest.mark.parametrize("name", [*solvers.ADAPTIVE, "dop853"])
def test_adaptive_steps_keep_the_error_small(name):
    def turn(_time, x):
        return np.array([x[1], -x[0]])

    times, states = solvers.integrate_adaptive(
        name, turn, np.array([1.0, 0.0]), 6.0, tolerance=1e-6
    )
    assert times[-1] == pytest.approx(6.0)
    low = name in {"rkf12", "heun_euler"}  # many small errors add up
    np.testing.assert_allclose(states[-1], [np.cos(6.0), -np.sin(6.0)], atol=2e-3 if low else 2e-4)


def test_an_unknown_solver_is_named():
    with pytest.raises(BadInput, match="No solver rk9"):
        solvers.step("rk9", decay, 0.0, np.ones(1), 0.1)


@pytest.mark.parametrize("name", ["euler", "heun", "milstein", "exponential_euler"])
def test_noise_spreads_an_ornstein_uhlenbeck_process_to_its_variance(name):
    tau, sigma = 10.0, 0.7
    course = solvers.integrate_noisy(
        name,
        lambda _t, x: -x / tau,
        lambda _t, x: np.full_like(x, sigma * np.sqrt(2 / tau)),
        np.zeros(4000),
        100.0,
        0.5,
        np.random.default_rng(0),
    )
    assert course[-1].std() == pytest.approx(sigma, rel=0.05)


def test_milstein_is_nearer_than_euler_for_noise_that_grows_with_the_state():
    errors = {}
    for name in ("euler", "milstein"):
        found = []
        for seed in range(200):
            random = np.random.default_rng(seed)
            kicks = random.standard_normal(50) * np.sqrt(0.02)
            course = solvers.integrate_noisy(
                name,
                lambda _t, x: x,
                lambda _t, x: x,
                np.ones(1),
                1.0,
                0.02,
                np.random.default_rng(seed),
            )
            found.append(abs(course[-1, 0] - np.exp(0.5 + kicks.sum())))
        errors[name] = np.mean(found)
    assert errors["milstein"] < 0.5 * errors["euler"]


def test_a_delayed_equation_follows_the_method_of_steps():
    # x' = -x(t - 1), x = 1 before 0: 1 - t, then 1 - t + (t - 1)^2 / 2
    course = solvers.integrate_delayed(
        lambda _t, x, past: -past.at(1.0), np.ones(1), 1.0, 2.0, 0.01
    )
    t = np.arange(201) * 0.01
    exact = np.where(t <= 1, 1 - t, 1 - t + (t - 1) ** 2 / 2)
    np.testing.assert_allclose(course[:, 0], exact, atol=0.02)


def test_a_delay_below_the_step_is_refused():
    with pytest.raises(BadInput, match="smaller step"):
        solvers.integrate_delayed(lambda _t, x, past: -x, np.ones(1), 0.01, 1.0, 0.1)
