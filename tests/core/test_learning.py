"""Losses, ridge, retrieval, probes and controls against answers written out by hand and other libraries."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from neurostudio.errors import BadInput
from neurostudio.learning.controls import deranged, permuted_labels, shifted_in_time
from neurostudio.learning.probes import draw_labels, few_labels, linear_probe, nearest_neighbours
from neurostudio.learning.retrieval import ranks, relative_median_rank, rows_of, top, two_way
from neurostudio.learning.ridge import correlation, fit_ridge
from neurostudio.learning.similarity import effective_rank

# ---- ridge ---------------------------------------------------------------------------------------


def folds(n: int, k: int = 4):
    every = np.arange(n)
    return [(every[every % k != j], every[every % k == j]) for j in range(k)]


def problem(n: int, p: int, seed: int = 0, noise: float = 0.5):
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, p))
    weights = random.normal(size=(p, 3)) / np.sqrt(p)
    return x, x @ weights + noise * random.normal(size=(n, 3)) + [1.0, -2.0, 5.0]


def direct(x, y, alpha):
    """Ridge by the normal equations."""
    mean, scale = x.mean(axis=0), x.std(axis=0)
    z = (x - mean) / scale
    weights = np.linalg.solve(z.T @ z + alpha * np.eye(x.shape[1]), z.T @ (y - y.mean(axis=0)))
    return z @ weights + y.mean(axis=0)


@pytest.mark.parametrize(("n", "p"), [(60, 10), (20, 50)])
def test_ridge_in_primal_and_dual_solves_the_normal_equations(n, p):
    x, y = problem(n, p)
    found = fit_ridge(x, y, folds(n), alphas=(3.0,))
    np.testing.assert_allclose(found.predict(x), direct(x, y, 3.0), atol=1e-8)


def test_without_penalty_ridge_is_least_squares():
    x, y = problem(60, 5)
    found = fit_ridge(x, y, folds(60), alphas=(1e-10,))
    design = np.column_stack([x, np.ones(60)])
    wanted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    np.testing.assert_allclose(found.predict(x), wanted, atol=1e-6)


def test_every_target_gets_the_penalty_that_suits_it():
    random = np.random.default_rng(1)
    x = random.normal(size=(100, 20))
    clear = x @ random.normal(size=20)
    noise = random.normal(size=100)
    alphas = (1e-2, 1e0, 1e2, 1e4)
    found = fit_ridge(x, np.stack([clear, noise], axis=1), folds(100), alphas=alphas)
    assert found.alphas[0] < found.alphas[1]
    assert found.scores[0] > 0.99
    assert found.scores[1] < 0.5


def test_ridge_equals_himalaya_at_every_penalty():
    himalaya = pytest.importorskip("himalaya.ridge")
    x, y = problem(80, 30)
    for alpha in (0.1, 10.0, 1000.0):
        z = (x - x.mean(axis=0)) / x.std(axis=0)
        other = himalaya.Ridge(alpha=alpha, fit_intercept=True).fit(z, y)
        found = fit_ridge(x, y, folds(80), alphas=(alpha,))
        np.testing.assert_allclose(found.predict(x), other.predict(z), atol=1e-6)


def test_targets_may_come_in_blocks_from_elsewhere():
    x, y = problem(50, 8)
    many = np.tile(y, (1, 1000))
    asked = []

    def read(block):
        asked.append(block.stop - block.start)
        return many[:, block]

    found = fit_ridge(x, read, folds(50), n_targets=3000, alphas=(1.0, 10.0))
    assert max(asked) <= 2048
    assert sum(asked) == 3000
    np.testing.assert_allclose(found.weights[:, :3], found.weights[:, 2997:], atol=1e-12)


def test_ridge_refuses_what_is_not_finite():
    x, y = problem(20, 3)
    with pytest.raises(BadInput, match="targets are not finite"):
        fit_ridge(x, np.where(y > 0, np.nan, y), folds(20))
    x[0, 0] = np.inf
    with pytest.raises(BadInput, match="features are not finite"):
        fit_ridge(x, y, folds(20))


def test_correlation_is_that_of_numpy_and_0_where_nothing_varies():
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, 30, 2))
    assert correlation(a, b)[0] == pytest.approx(np.corrcoef(a[:, 0], b[:, 0])[0, 1])
    assert correlation(np.ones((5, 1)), b[:5, :1])[0] == 0


@pytest.mark.slow
def test_five_thousand_rows_and_fifty_thousand_targets_stay_below_two_gigabytes():
    random = np.random.default_rng(0)
    x = random.normal(size=(5000, 6000)).astype(np.float32)

    def read(block):
        return np.random.default_rng(block.start).normal(size=(5000, block.stop - block.start))

    tracemalloc.start()
    found = fit_ridge(x, read, folds(5000, 2), n_targets=50_000, alphas=(1e3, 1e5))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    own = x.nbytes + found.weights.nbytes
    assert peak - own < 2e9


# ---- losses --------------------------------------------------------------------------------------


def test_the_contrastive_core_is_a_weighted_log_softmax():
    torch = pytest.importorskip("torch")
    from neurostudio.learning.losses import contrastive

    s = torch.tensor([[1.0, 0.0, 2.0], [0.5, 1.5, -1.0]], dtype=torch.float64)
    w = torch.tensor([[1.0, 0.0, 3.0], [0.0, 2.0, 0.0]], dtype=torch.float64)
    logs = torch.log_softmax(s, dim=1)
    wanted = -(0.25 * logs[0, 0] + 0.75 * logs[0, 2] + logs[1, 1]) / 2
    assert contrastive(s, w).item() == pytest.approx(wanted.item(), abs=1e-12)
    # a blocked pair is in no sum; a row without weight counts as nothing, not as NaN
    allowed = torch.tensor([[True, False, True], [True, True, True]])
    w[1] = 0
    row = torch.log_softmax(s[0, [0, 2]], dim=0)
    wanted = -(0.25 * row[0] + 0.75 * row[1]) / 2
    assert contrastive(s, w, allowed).item() == pytest.approx(wanted.item(), abs=1e-12)


def test_a_blocked_pair_leaves_finite_gradients():
    torch = pytest.importorskip("torch")
    from neurostudio.learning.losses import paired

    z = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    paired(
        z, torch.randn(4, 3, dtype=torch.float64), ["a", "b", "a", "c"], temperature=0.1
    ).backward()
    assert torch.isfinite(z.grad).all()


def test_a_duplicate_is_no_negative():
    torch = pytest.importorskip("torch")
    from neurostudio.learning.losses import paired

    torch.manual_seed(0)
    z, aims = torch.randn(3, 5, dtype=torch.float64), torch.randn(3, 5, dtype=torch.float64)
    aims[1] = aims[0]
    one = paired(z, aims, ["a", "a", "b"], temperature=1.0, both_sides=False)
    unit = torch.nn.functional.normalize
    s = unit(z) @ unit(aims).T
    rows = [
        torch.log_softmax(s[0, [0, 2]], 0)[0],
        torch.log_softmax(s[1, [1, 2]], 0)[0],
        torch.log_softmax(s[2], 0)[2],
    ]
    assert one.item() == pytest.approx(-torch.stack(rows).mean().item(), abs=1e-12)


def test_nt_xent_is_that_of_the_paper_by_hand():
    torch = pytest.importorskip("torch")
    from neurostudio.learning.losses import two_views

    a = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    # cosines: 1 with the other view, 0 with the two views of the other sample
    wanted = -np.log(np.exp(2) / (np.exp(2) + 2))
    assert two_views(a, 3 * a, 0.5).item() == pytest.approx(wanted, abs=1e-12)


def test_cross_correlation_by_hand_and_its_loss():
    torch = pytest.importorskip("torch")
    from neurostudio.learning.losses import barlow_twins, cross_correlation

    a = torch.tensor([[1.0, 1], [-1, 1], [1, -1], [-1, -1]], dtype=torch.float64)
    b = torch.tensor([[2.0, 1], [-2, 1], [2, 1], [-2, 1]], dtype=torch.float64)
    c = cross_correlation(a, b)
    np.testing.assert_allclose(c, [[1, 0], [0, 0]], atol=2e-5)
    assert barlow_twins(c, 0.5).item() == pytest.approx(1.0, abs=1e-4)  # only (1 - 0)²
    assert barlow_twins(c, 0.5, invariance=False).item() == pytest.approx(0.0, abs=1e-4)
    # a positive affine change of each coordinate changes nothing
    moved = cross_correlation(3 * a + 7, b)
    np.testing.assert_allclose(moved, c, atol=2e-5)


# ---- retrieval -----------------------------------------------------------------------------------


def test_ranks_count_what_is_more_similar_and_ties_half():
    gallery = np.array([[1.0, 0], [0, 1], [1, 1], [1, 1]])
    ids = ["east", "north", "between", "twin"]
    found = ranks(np.array([[1.0, 0.1], [1, 1.0]]), ["north", "between"], gallery, ids)
    np.testing.assert_array_equal(found, [3, 0.5])
    assert top(found, 1) == 0.5
    assert relative_median_rank(found, 4) == pytest.approx(1.75 / 4)


def test_the_order_of_the_gallery_does_not_matter_but_its_keys_do():
    random = np.random.default_rng(0)
    gallery = random.normal(size=(30, 8))
    ids = [f"p{k}" for k in range(30)]
    wanted = gallery[[3, 9]] + 0.1 * random.normal(size=(2, 8))
    one = ranks(wanted, ["p3", "p9"], gallery, ids)
    order = random.permutation(30)
    other = ranks(wanted, ["p3", "p9"], gallery[order], [ids[k] for k in order])
    np.testing.assert_array_equal(one, other)
    with pytest.raises(BadInput, match="2 keys have no embeddings: x, y"):
        rows_of(["p1", "x", "y"], ids, "embeddings")
    with pytest.raises(BadInput, match="stand twice"):
        rows_of(["p1"], ["p1", "p1"], "embeddings")


def test_two_way_identification_is_1_for_the_same_and_a_half_by_chance():
    random = np.random.default_rng(0)
    x = random.normal(size=(40, 50))
    assert two_way(x + 0.1 * random.normal(size=x.shape), x) == 1.0
    assert two_way(random.normal(size=x.shape), x) == pytest.approx(0.5, abs=0.06)


# ---- probes --------------------------------------------------------------------------------------


def blobs(n: int, seed: int, distance: float = 4.0):
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    return distance * np.eye(3)[labels] + random.normal(size=(n, 3)), np.array(["a", "b", "c"])[
        labels
    ]


def test_probes_find_blobs_and_nothing_in_noise():
    (x, y), (test, truth) = blobs(90, 0), blobs(90, 1)
    for probe in (linear_probe, nearest_neighbours):
        assert np.mean(probe(x, y, test) == truth) > 0.9
        assert np.mean(probe(x, permuted_labels(y, np.random.default_rng(0)), test) == truth) < 0.6


def test_rows_of_fewer_labels_are_among_those_of_more():
    _, y = blobs(60, 0)
    one, five = draw_labels(y, 1, 3), draw_labels(y, 5, 3)
    assert set(one) <= set(five)
    assert [int((y[five] == label).sum()) for label in "abc"] == [5, 5, 5]
    with pytest.raises(BadInput, match="'a' has 20 samples"):
        draw_labels(y, 21, 0)


def test_more_labels_are_better_and_methods_share_the_draws():
    (x, y), (test, truth) = blobs(90, 0, 2.0), blobs(300, 1, 2.0)
    found = few_labels(x, y, test, truth, (1, 20), draws=6)
    np.testing.assert_allclose(found.right.mean(axis=1), found.mean)
    assert found.accuracies.shape == (2, 6)
    assert found.mean[1] > found.mean[0]
    again = few_labels(x, y, test, truth, (1, 20), draws=6)
    np.testing.assert_array_equal(found.accuracies, again.accuracies)


def test_effective_rank_of_a_line_is_1_and_of_noise_near_its_dimension():
    random = np.random.default_rng(0)
    line = random.normal(size=(100, 1)) @ random.normal(size=(1, 6))
    assert effective_rank(line) == pytest.approx(1.0, abs=1e-6)
    assert effective_rank(random.normal(size=(5000, 6))) == pytest.approx(6, abs=0.1)
    assert effective_rank(np.ones((5, 3))) == 0.0


# ---- controls ------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3, 50])
def test_in_a_derangement_nothing_stays(n):
    for seed in range(5):
        order = deranged(n, np.random.default_rng(seed))
        assert sorted(order) == list(range(n))
        assert not (order == np.arange(n)).any()


def test_labels_move_with_whole_groups():
    groups = ["p1", "p1", "p2", "p2", "p3", "p3"]
    labels = np.array([0, 0, 0, 0, 1, 1])
    seen = set()
    for seed in range(10):
        found = permuted_labels(labels, np.random.default_rng(seed), groups)
        assert all(found[k] == found[k + 1] for k in (0, 2, 4))
        assert found.sum() == 2
        seen.add(tuple(found))
    assert len(seen) == 3


def test_shifted_channels_keep_their_course_and_lose_their_company():
    time = np.arange(400) / 100
    wave = np.sin(2 * np.pi * 0.7 * time) + np.random.default_rng(1).normal(size=400)
    both = np.stack([wave, wave], axis=1)
    found = shifted_in_time(both, np.random.default_rng(0), 20)
    np.testing.assert_allclose(np.sort(found, axis=0), np.sort(both, axis=0))
    assert abs(np.corrcoef(found.T)[0, 1]) < 0.5


_ONE_OF_TWO = """
import os
import sys
import torch
import torch.distributed as devices
from neurostudio.learning.losses import barlow_twins, cross_correlation

rank = int(sys.argv[1])
devices.init_process_group("gloo", init_method=f"file://{sys.argv[2]}/meeting", rank=rank, world_size=2)
views = torch.load(f"{sys.argv[2]}/views.pt", weights_only=True)
half = [each[rank::2].clone().requires_grad_() for each in views]
c = cross_correlation(*half)
barlow_twins(c, 0.005).backward()
torch.save([c.detach(), half[0].grad], f"{sys.argv[2]}/{rank}.pt")
devices.barrier()
os._exit(0)  # taking the group apart while the other one does so ends in an abort now and then
"""


def test_two_devices_with_half_a_batch_each_find_the_matrix_of_the_whole_batch(tmp_path):
    """G8 of Barlow Twins, with two real processes; each one's gradient is twice its share of the whole's.

    Every device adds its own copy of the loss, as data-parallel training averages them again.
    """
    torch = pytest.importorskip("torch")
    from neurostudio.learning.losses import barlow_twins, cross_correlation

    views = torch.randn(2, 32, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.save(views, tmp_path / "views.pt")
    command = [sys.executable, "-W", "ignore", "-c", _ONE_OF_TWO]
    working = [subprocess.Popen([*command, str(rank), str(tmp_path)]) for rank in (0, 1)]
    assert [each.wait(timeout=60) for each in working] == [0, 0]
    whole = [each.clone().requires_grad_() for each in views]
    wanted = cross_correlation(*whole)
    barlow_twins(wanted, 0.005).backward()
    for rank in (0, 1):
        c, gradient = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        torch.testing.assert_close(c, wanted.detach(), atol=1e-6, rtol=0)
        torch.testing.assert_close(gradient, 2 * whole[0].grad[rank::2], atol=1e-9, rtol=0)
