"""The numbered tests of the specification: planted worms over seeds, null runs, and the real worm."""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest

pytest.importorskip("pynapple")
pytest.importorskip("sklearn")
pytest.importorskip("leidenalg")

from .calling import call
from .recordings import at_hand, recording
from .worms import nmi_of, planted, traces

SEEDS = (0, 1, 2, 3)
FIT = {"smoothing": 0.0, "rank": 4, "n_starts": 3, "n_iterations": 80}
ATLAS = FIT | {"shifted": 0, "n_shuffles": 50, "n_seeds": 5}
WORM = "calcium/celegans_wholebrain.nwb"
COMMAND = {"AVAL", "AVAR", "AVEL", "AVER", "AIBL", "AIBR"}


def told(name, values):
    """Say the numbers, which ``pytest -rP`` shows."""
    sys.stdout.write(f"{name}: {' '.join(f'{float(v):.4f}' for v in np.ravel(values))}\n")


@pytest.fixture(scope="module")
def atlases():
    """Atlases of four simulated cohorts with noise 1."""
    found = []
    for seed in SEEDS:
        made, animals, stimuli = planted(seed, 1.0)
        result = call("motif_atlas", traces=animals, stimuli=stimuli, **ATLAS)
        found.append((made, result))
    return found


def static_nmi(made):
    from neurostudio.plugins.dynamic_connectome.affinities import change
    from neurostudio.plugins.dynamic_connectome.grouping import group
    from neurostudio.plugins.dynamic_connectome.reading import static
    from sklearn.metrics import normalized_mutual_info_score

    seen = np.ones((len(made.values), made.values.shape[2]), bool)
    found = group(
        static([change(v, 0.0) for v in made.values], seen), "Leiden (modularity)", 1.0, 5, 0
    )
    return np.mean([
        normalized_mutual_info_score(row[row >= 0], found.labels[row >= 0]) for row in made.labels
    ])  # fmt: skip


def test_1_planted_groups_are_found_and_the_static_correlation_does_not(atlases):
    scores = [nmi_of(result["communities"], result["model"], made)[0] for made, result in atlases]
    plain = [static_nmi(made) for made, _ in atlases]
    told("nmi", scores)
    told("static", plain)
    assert min(scores) >= 0.90
    assert np.all(np.array(scores) >= np.array(plain) + 0.3)


def test_2_components_match_four_epochs(atlases):
    for made, result in atlases:
        _, pure, epochs = nmi_of(result["communities"], result["model"], made)
        told("purity", pure)
        assert sorted(epochs) == [0, 1, 2, 3]
        assert pure.mean() >= 0.6
        number = result.numbers["purity"]
        assert number.value == pytest.approx(pure.mean(), abs=0.02)
        assert number.value > number.chance


def test_3_an_animal_without_one_epoch_is_seen_in_its_profile():
    for seed in SEEDS:
        made, animals, _ = planted(seed, 1.0, without=(2, 1))
        model = call("factorise_affinities", traces=animals, **FIT)["model"]
        from neurostudio.plugins.dynamic_connectome.reading import matched_purity, purity

        inside = made.epoch[1:][None] == np.arange(4)[:, None]
        epochs, _ = matched_purity(purity(model.weights["time"], inside))
        loading = model.weights["animals"]
        others = np.median(np.delete(loading, 2, axis=0), axis=0)
        share = loading[2] / others
        gone = int(np.flatnonzero(epochs == 1)[0])
        told("share", [share[gone], *np.delete(share, gone)])
        assert share[gone] < 0.3
        assert np.delete(share, gone).min() > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.5, 1.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_4_the_sweep_suggests_four_components(seed, noise):
    _, animals, _ = planted(seed, noise)
    result = call("choose_rank", traces=animals, smoothing=0.0, rank_from=1, rank_to=8, n_starts=3,
                  n_iterations=80, held_out=0.0)  # fmt: skip
    found = result.numbers["suggested rank"]
    told("rank", [found.value, found.baseline])
    assert abs(found.value - 4) <= 1


@pytest.mark.parametrize("how", ["Leiden (modularity)", "block model"])
def test_5_a_planted_weighted_graph_is_split(how):
    from neurostudio.plugins.dynamic_connectome import example, grouping
    from sklearn.metrics import normalized_mutual_info_score

    scores, null = [], []
    for seed in SEEDS:
        graph, truth = example.planted_graph(seed)
        weights = graph.matrix.to_numpy()
        labels = grouping.group(weights, how, 1.0, 10, 0).labels
        scores.append(normalized_mutual_info_score(truth, labels))
        other = np.zeros_like(weights)
        upper = np.triu_indices(len(weights), 1)
        other[upper] = np.random.default_rng(seed).permutation(weights[upper])
        labels = grouping.group(other + other.T, how, 1.0, 10, 0).labels
        null.append(normalized_mutual_info_score(truth, labels))
    told("nmi", scores)
    told("null", null)
    assert min(scores) >= 0.8
    assert max(null) < 0.2


def test_6_independent_walks_have_no_planted_groups_and_follow_no_quarter():
    from neurostudio.plugins.dynamic_connectome.simulator import walks, worms
    from sklearn.metrics import normalized_mutual_info_score

    for seed in SEEDS:
        animals = tuple(traces(values) for values in walks(seed))
        result = call("motif_atlas", traces=animals, **ATLAS)
        truth = worms(seed, noise=1.0).labels
        labels = result["communities"].frame.pivot(
            index="component", columns="neuron", values="community"
        )
        scores = [
            normalized_mutual_info_score(row[row >= 0], guess[row >= 0])
            for row, guess in zip(truth, labels.to_numpy(), strict=True)
        ]
        told("nmi", scores)
        purity = next(v for v in result.views if v.title == "Which component follows what").values
        told("purity", purity.max())
        told("agreement", result.numbers["agreement of starts"].value)
        assert np.mean(scores) < 0.2
        assert purity.max() <= 0.4


@pytest.mark.parametrize("seed", SEEDS)
def test_8_neurons_that_are_missing_in_some_animals_cost_little(seed):
    made, _, stimuli = planted(seed, 0.5)
    random = np.random.default_rng(seed)
    names = [f"N{k + 1:03d}" for k in range(40)]
    fewer = []
    for values in made.values:
        kept = np.sort(random.permutation(40)[:32])
        fewer.append(traces(values[:, kept], [names[k] for k in kept]))
    result = call("motif_atlas", traces=tuple(fewer), stimuli=stimuli, **ATLAS)
    score = nmi_of(result["communities"], result["model"], made)[0]
    told("nmi", score)
    assert "missing neurons" in result.warnings
    assert score >= 0.85


@pytest.fixture(scope="module")
def worm():
    """The real worm with smoothing of 2 frames and rank 4, and how long it took."""
    import neurostudio as ns

    traces = ns.open(str(recording(WORM)), "RoiResponseSeries")
    begun = time.process_time()
    result = call("motif_atlas", traces=(traces,), smoothing=2 / 1.662, rank=4, n_starts=2,
                  n_iterations=40, n_seeds=10, n_shuffles=1000, shifted=0)  # fmt: skip
    return traces, result, time.process_time() - begun


def test_10_command_neurons_lead_a_component_of_the_real_worm(worm):
    _, result, seconds = worm
    frame = result["communities"].frame
    leading = [
        set(frame[frame.component == r + 1].nlargest(8, "strength").neuron) & COMMAND
        for r in range(4)
    ]
    told("command neurons", max(map(len, leading)))
    told("CPU seconds", seconds)
    assert max(map(len, leading)) >= 4
    assert seconds < 60


def test_10_left_and_right_of_the_real_worm_agree_beyond_shuffled_labels(worm):
    null = next(v for v in worm[1].views if v.title == "Beside its controls")
    row = null.names.index("L-R: labels")
    value, draws = null.values[row], null.null[row]
    told("left-right", [value, draws.mean(), np.percentile(draws, 95), draws.max()])
    assert len(draws) == 1000
    assert value > np.percentile(draws, 95)


@pytest.mark.slow
def test_6_left_and_right_of_shifted_traces_agree_as_shuffled_labels_do(worm):
    """Each control against shuffles of its own labels."""
    result = call("motif_atlas", traces=(worm[0],), smoothing=2 / 1.662, rank=4, n_starts=2,
                  n_iterations=40, n_seeds=5, n_shuffles=1000, shifted=4)  # fmt: skip
    null = next(v for v in result.views if v.title == "Beside its controls")
    row = null.names.index("shifted L-R: labels")
    value, draws = null.values[row], null.null[row]
    told("shifted, own labels shuffled", [value, draws.min(), draws.mean(), draws.max()])
    assert draws.min() <= value <= draws.max()


@pytest.mark.slow
def test_communities_of_the_real_worm_beside_its_anatomy(worm):
    """Said as it is, whatever it is: value, shuffled names, p of every component."""
    pytest.importorskip("cect")
    for r in range(4):
        found = call(
            "compare_with_anatomy", component=worm[1][f"component_{r + 1}"], n_shuffles=500
        )
        assert found.numbers["shared neurons"].value == 98
        for name, number in found.numbers.items():
            if f"p, {name}" in found.numbers:
                told(
                    f"{r + 1}: {name}",
                    [number.value, number.chance, found.numbers[f"p, {name}"].value],
                )
        null = next(v for v in found.views if v.title.startswith("Pairs against"))
        assert abs(float(np.mean(null.null))) < 0.01


@pytest.mark.slow
def test_factors_come_at_least_as_fast_as_with_tensorly():
    """The same tensors, as many sweeps, one thread each; the peer may be anywhere on the path."""
    tensorly = pytest.importorskip("tensorly")
    from neurostudio.plugins.dynamic_connectome import affinities, factors
    from tensorly.decomposition import non_negative_parafac_hals
    from threadpoolctl import threadpool_limits

    made, _, _ = planted(0, 0.5)
    tensors = {"simulated": np.stack(
        [affinities.affinities(affinities.change(v, 0.0), "differential") for v in made.values], axis=1
    )}  # fmt: skip
    if at_hand(WORM):
        import neurostudio as ns

        values = np.asarray(ns.open(str(at_hand(WORM)), "RoiResponseSeries").frame.values)
        slope = affinities.change(values, 2.0)
        tensors["worm"] = affinities.affinities(slope, "differential")[:, None]
    with threadpool_limits(1):
        for (name, tensor), (rank, sweeps) in zip(
            tensors.items(), [(4, 80), (8, 40)], strict=False
        ):
            ours, theirs = [], []
            for seed in SEEDS[:3]:
                random = np.random.default_rng(seed)
                begun = time.perf_counter()
                hals = factors.Hals(tensor, np.ones(tensor.shape[1:], bool),
                                    factors.random_factors(tensor.shape, rank, random))  # fmt: skip
                error = [hals.sweep() for _ in range(sweeps)][-1]
                ours.append((time.perf_counter() - begun, error))
                begun = time.perf_counter()
                other = non_negative_parafac_hals(
                    tensor, rank, n_iter_max=sweeps, init="random", tol=0, random_state=seed
                )
                theirs.append(time.perf_counter() - begun)
                rest = np.linalg.norm(tensor - tensorly.cp_to_tensor(other)) / np.linalg.norm(
                    tensor
                )
                assert error <= rest + 0.002
            told(f"{name} {tensor.shape} rank {rank}, ours", [t for t, _ in ours])
            told(f"tensorly {tensorly.__version__}", theirs)
            assert np.median([t for t, _ in ours]) <= np.median(theirs)
