"""Connectomes as graphs: measures as in igraph and networkx; what is planted is found, its null is not."""

import numpy as np
import pytest
import xarray

from neurostudio.api import BadInput, Connectome

from .connectomes import as_networkx, call, made, random_graph

networkx = pytest.importorskip("networkx")
igraph = pytest.importorskip("igraph")
pytest.importorskip("leidenalg")


@pytest.fixture(scope="module")
def planted():
    """The plugin's own examples."""
    from neurostudio.plugins.connectome import example

    return example


# ---- measures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_measures_of_nodes_are_those_of_networkx_and_igraph(seed, directed, weighted):
    weights = random_graph(seed, directed=directed)
    params = {"weights": "weighted" if weighted else "binary", "nulls": 10}
    matrix = call("graph_measures", params, connectome=made(weights))["measured"].matrix
    graph = as_networkx(weights, directed=directed)
    name, length = ("weight", "length") if weighted else (None, None)
    nodes = range(len(weights))

    def close(ours, theirs):
        theirs = [theirs[k] for k in nodes] if isinstance(theirs, dict) else theirs
        np.testing.assert_allclose(matrix[ours].to_numpy(), theirs, rtol=1e-6, atol=1e-12)

    close("clustering", networkx.clustering(graph, weight=name))
    close("betweenness", networkx.betweenness_centrality(graph, weight=length))
    away = graph.reverse() if directed else graph
    close("closeness", networkx.closeness_centrality(away, distance=length))
    other = igraph.Graph.Weighted_Adjacency(
        weights.tolist(), mode="directed" if directed else "undirected"
    )
    close("degree", other.degree())
    close("strength", other.strength(weights="weight" if weighted else None))
    if directed:
        close("degree in", other.indegree())
        close("strength out", other.strength(mode="out", weights="weight" if weighted else None))
    elif not weighted:
        close("clustering", other.transitivity_local_undirected(mode="zero"))


@pytest.mark.parametrize("directed", [False, True])
def test_measures_of_the_whole_are_those_of_networkx_and_igraph(directed):
    weights = random_graph(3, directed=directed)
    numbers = call(
        "graph_measures", {"weights": "binary", "nulls": 10}, connectome=made(weights)
    ).numbers
    graph = as_networkx(weights, directed=directed)
    other = igraph.Graph.Adjacency((weights > 0).tolist(), mode="directed" if directed else "max")
    assert numbers["density"].value == pytest.approx(networkx.density(graph))
    assert numbers["density"].value == pytest.approx(other.density())
    assert numbers["path length"].value == pytest.approx(other.average_path_length())
    assert numbers["assortativity"].value == pytest.approx(
        other.assortativity_degree(directed=directed)
    )
    if directed:
        assert numbers["reciprocity"].value == pytest.approx(networkx.reciprocity(graph))
    else:
        assert numbers["efficiency"].value == pytest.approx(networkx.global_efficiency(graph))


def test_modularity_and_participation_of_given_groups():
    from neurostudio.plugins.connectome.graphs import wiring_of
    from neurostudio.plugins.connectome.measures import modularity, participation

    for directed in (False, True):
        weights = random_graph(5, directed=directed)
        groups = np.arange(len(weights)) % 3
        wiring = wiring_of(made(weights))
        graph = as_networkx(weights, directed=directed)
        theirs = networkx.community.modularity(
            graph, [set(np.flatnonzero(groups == g)) for g in range(3)]
        )
        assert modularity(wiring, groups) == pytest.approx(theirs)
    star = wiring_of(made([[0, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]))
    np.testing.assert_allclose(participation(star, np.array([0, 0, 1, 1])), [0.5, 0, 0, 0])


def test_a_number_has_interval_and_chance_and_blocks_cluster_beyond_it(planted):
    numbers = call("graph_measures", {"nulls": 20}, connectome=planted.blocks()).numbers
    for name in ("clustering", "modularity", "path length"):
        assert numbers[name].low < numbers[name].value < numbers[name].high
    assert numbers["clustering"].value > 1.3 * numbers["clustering"].chance
    assert numbers["density"].value == pytest.approx(numbers["density"].chance)


def test_without_igraph_betweenness_is_the_same(monkeypatch):
    import builtins

    from neurostudio.plugins.connectome.graphs import wiring_of
    from neurostudio.plugins.connectome.measures import betweenness

    wiring = wiring_of(made(random_graph(2, directed=True)))
    before = betweenness(wiring, weighted=True)
    known = builtins.__import__

    def without(name, *arguments, **keywords):
        if name == "igraph":
            raise ImportError(name)
        return known(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", without)
    np.testing.assert_allclose(betweenness(wiring, weighted=True), before, atol=1e-12)


# ---- nulls -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("directed", [False, True])
def test_a_rewired_graph_keeps_degrees_and_weights_and_is_another(directed):
    from neurostudio.plugins.connectome.graphs import wiring_of
    from neurostudio.plugins.connectome.nulls import latticed, rewired

    wiring = wiring_of(made(random_graph(7, directed=directed, n=40)))
    for make in (rewired, latticed):
        null, swaps = make(wiring, 1)
        assert swaps > 20
        for axis in (0, 1):
            degrees = [(each.weights > 0).sum(axis=axis) for each in (wiring, null)]
            np.testing.assert_array_equal(*degrees)
        np.testing.assert_allclose(
            np.sort(null.weights, axis=None), np.sort(wiring.weights, axis=None)
        )
        assert not np.diag(null.weights).any()
        assert np.array_equal(null.weights, null.weights.T) is not directed
        again, _ = make(wiring, 1)
        np.testing.assert_array_equal(null.weights, again.weights)
    kept = ((rewired(wiring, 1)[0].weights > 0) & (wiring.weights > 0)).sum()
    assert kept < 0.6 * (wiring.weights > 0).sum()
    if directed:
        np.testing.assert_allclose(
            rewired(wiring, 1)[0].weights.sum(axis=1), wiring.weights.sum(axis=1)
        )


# ---- communities -----------------------------------------------------------------------------------


def agreement(result, truth):
    from sklearn.metrics import adjusted_mutual_info_score

    return adjusted_mutual_info_score(truth, result["grouped"].matrix["community"].to_numpy())


def test_planted_blocks_are_found_and_not_in_a_rewired_graph(planted):
    from neurostudio.plugins.connectome.graphs import wiring_of
    from neurostudio.plugins.connectome.nulls import rewired

    truth = planted.blocks().matrix["type"].to_numpy()
    result = call("communities", {"repeats": 10, "nulls": 39}, connectome=planted.blocks())
    assert agreement(result, truth) > 0.9
    assert result.numbers["p"].value == pytest.approx(1 / 40)
    assert result.numbers["stability"].value > 0.9
    assert result.warnings == ()
    null = made(rewired(wiring_of(planted.blocks()), 11)[0].weights)
    control = call("communities", {"repeats": 10, "nulls": 39}, connectome=null)
    assert agreement(control, truth) < 0.2
    assert control.numbers["p"].value > 0.05
    assert "chance" in control.warnings
    assert control.numbers["stability"].value < result.numbers["stability"].value


def test_without_leiden_louvain_finds_them_and_the_result_says_so(planted, monkeypatch):
    from neurostudio.plugins.connectome import grouping, partitions

    monkeypatch.setattr(partitions, "has_leiden", lambda: False)
    monkeypatch.setattr(grouping, "has_leiden", lambda: False)
    result = call("communities", {"repeats": 3, "nulls": 19}, connectome=planted.blocks())
    assert agreement(result, planted.blocks().matrix["type"].to_numpy()) > 0.9
    assert result.warnings == ("louvain",)


# ---- rich club, small world ------------------------------------------------------------------------


def test_a_planted_club_is_rich_and_the_same_without_it_is_not(planted):
    result = call("rich_club", {"nulls": 99}, connectome=planted.club())
    ratio = result.numbers["normalised coefficient"]
    assert 1.2 < ratio.low < ratio.value < ratio.high
    assert result.numbers["p"].value <= 0.02
    members = result["club"].matrix
    assert set(members["source"].to_numpy()[members["rich club"].to_numpy() == "rich"]) == {
        f"n{k:02d}" for k in range(10)
    }
    control = call("rich_club", {"nulls": 99}, connectome=planted.club(planted=False))
    assert control.numbers["p"].value > 0.05
    assert "no-club" in control.warnings
    assert control.numbers["members"].value == 0
    assert set(control["club"].matrix["rich club"].to_numpy()) == {"other"}


def test_phi_is_the_rich_club_coefficient_of_networkx(planted):
    from neurostudio.plugins.connectome.graphs import wiring_of
    from neurostudio.plugins.connectome.rich import _degree, _phi

    wiring = wiring_of(planted.club())
    graph = as_networkx(wiring.weights, directed=False)
    theirs = networkx.rich_club_coefficient(graph, normalized=False)
    steps = np.array([3, 8, 12])
    np.testing.assert_allclose(
        _phi(wiring, _degree(wiring), steps), [theirs[int(k)] for k in steps]
    )


def test_a_ring_with_shortcuts_is_a_small_world_and_its_rewired_copy_is_not(planted):
    from neurostudio.plugins.connectome.graphs import wiring_of
    from neurostudio.plugins.connectome.nulls import rewired

    numbers = call("small_world", {"nulls": 20}, connectome=planted.ring()).numbers
    assert numbers["sigma"].low > 2
    assert -0.5 < numbers["omega"].value < 0.5
    lattice = call("small_world", {"nulls": 20}, connectome=planted.ring(shortcuts=0.0)).numbers
    assert lattice["omega"].value < -0.3
    controls = [
        call(
            "small_world",
            {"nulls": 20},
            connectome=made(rewired(wiring_of(planted.ring()), seed)[0].weights),
        )
        for seed in range(100, 107)
    ]
    sigmas = [each.numbers["sigma"].value for each in controls]
    assert 0.8 < np.mean(sigmas) < 1.25
    assert max(sigmas) < numbers["sigma"].low
    assert min(each.numbers["omega"].value for each in controls) > 0.5


# ---- what is odd -----------------------------------------------------------------------------------


def test_what_is_odd_is_treated_and_said():
    weights = random_graph(1, directed=True)
    odd = weights.copy()
    odd[0, 0], odd[1, 2], odd[3, 4] = 7.0, np.nan, -weights.max()
    result = call("graph_measures", {"nulls": 10}, connectome=made(odd))
    assert {"loops", "missing", "negative"} <= set(result.warnings)
    assert np.isfinite(result["measured"].matrix["betweenness"]).all()


def test_a_graph_that_falls_apart_is_measured_in_its_largest_part():
    weights = np.zeros((6, 6))
    weights[0, 1] = weights[1, 2] = weights[3, 4] = 1.0
    result = call("graph_measures", {"nulls": 10}, connectome=made(weights + weights.T))
    assert "apart" in result.warnings
    assert result.numbers["path length"].value == pytest.approx(4 / 3)
    assert result.numbers["efficiency"].value == pytest.approx((3 + 0.5) / 15)


def test_times_are_averaged_and_that_is_said():
    weights = random_graph(1, directed=False)
    matrix = xarray.DataArray(
        np.stack([weights, 3 * weights]),
        dims=("time", "source", "target"),
        coords={"source": [f"n{k}" for k in range(24)], "target": [f"n{k}" for k in range(24)]},
    )
    result = call("graph_measures", {"nulls": 10}, connectome=Connectome(matrix))
    assert "times" in result.warnings
    np.testing.assert_allclose(result["measured"].matrix["strength"], 2 * weights.sum(axis=1))


@pytest.mark.parametrize("name", ["graph_measures", "communities", "rich_club", "small_world"])
@pytest.mark.parametrize(
    ("connectome", "words"),
    [
        (made(np.zeros((5, 5))), "Nothing is connected"),
        (made(np.full((5, 5), np.nan)), "Nothing is connected"),
        (made([[0, 1], [1, 0]]), "There are 2 nodes"),
        (
            made(np.ones((4, 4)), names=["a", "a", "b", "b"]),
            "2 names belong to more than one node: 'a', 'b'",
        ),
        (made([[0, 1, np.inf], [1, 0, 1], [1, 1, 0]]), "Some weights are infinite"),
        (
            Connectome(xarray.DataArray(np.ones((3, 4)), dims=("source", "target"))),
            "3 sources and 4 targets",
        ),
    ],
)
def test_what_is_no_graph_is_refused(name, connectome, words):
    with pytest.raises(BadInput, match=words):
        call(name, connectome=connectome)


def test_a_graph_of_equals_has_no_rich_club():
    with pytest.raises(BadInput, match="about the same number of connections"):
        call("rich_club", connectome=made(np.ones((6, 6))))


def test_an_unknown_fact_is_refused(planted):
    with pytest.raises(BadInput, match="no fact 'lobe'"):
        call("graph_measures", {"groups": "lobe"}, connectome=planted.blocks())


def test_negative_weights_are_left_out_where_asked_for():
    weights = [[0, 2, -5, 0], [2, 0, 1, 0], [-5, 1, 0, 1], [0, 0, 1, 0]]
    params = {"negative": "positive", "nulls": 10, "weights": "binary"}
    kept = call("graph_measures", params, connectome=made(weights))
    assert kept["measured"].matrix["degree"].to_numpy().tolist() == [1, 2, 2, 1]
    whole = call("graph_measures", params | {"negative": "absolute"}, connectome=made(weights))
    assert whole["measured"].matrix["degree"].to_numpy().tolist() == [2, 2, 3, 1]


def test_directed_blocks_are_found_too():
    random = np.random.default_rng(2)
    truth = np.arange(60) % 3
    share = np.where(truth[:, None] == truth, 0.4, 0.04)
    weights = (random.random((60, 60)) < share) * random.uniform(0.5, 2, (60, 60))
    np.fill_diagonal(weights, 0)
    result = call("communities", {"repeats": 5, "nulls": 19}, connectome=made(weights))
    assert agreement(result, truth) > 0.9
    assert result.numbers["communities"].value == 3


# ---- the worm --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_worm_is_a_small_world_with_the_rich_club_of_the_literature():
    """Watts & Strogatz 1998: clustered and short; Towlson et al. 2013: AVA, AVB, AVD, AVE, PVC and DVA."""
    pytest.importorskip("numba")
    worm, chemical = somatic_worm()
    numbers = call("small_world", {"nulls": 50}, connectome=worm).numbers
    assert numbers["nodes"].value == chemical
    assert numbers["sigma"].low > 1.5
    assert numbers["clustering"].value > 2 * numbers["clustering"].chance
    assert numbers["path length"].value < 1.2 * numbers["path length"].chance
    result = call("rich_club", {"nulls": 200, "directed": "undirected"}, connectome=worm)
    assert result.numbers["normalised coefficient"].low > 1.1
    assert result.numbers["p"].value < 0.01
    members = set(result.numbers["members"].note.split(", "))
    assert {"AVAL", "AVAR", "AVBL", "AVBR", "PVCL", "PVCR", "DVA"} <= members
    assert {name[:3] for name in members} <= {"AVA", "AVB", "AVD", "AVE", "PVC", "DVA"}


def somatic_worm():
    """Chemical and electrical contacts between the neurons outside of the pharynx."""
    from neurostudio.worm import worm_connectome

    try:
        chemical, electrical = worm_connectome(), worm_connectome("electrical")
    except BadInput as error:
        pytest.skip(str(error))
    matrix = chemical.matrix + electrical.matrix.to_numpy()
    names = matrix["source"].to_numpy()
    neuron = np.isin(matrix["type"].to_numpy(), ["sensory", "inter", "motor"])
    neuron |= np.char.startswith(names.astype(str), "CAN")
    held = np.flatnonzero(neuron & (matrix["region"].to_numpy() != "pharynx"))
    return Connectome(matrix.isel(source=held, target=held)), 282
