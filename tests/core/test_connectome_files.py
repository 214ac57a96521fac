"""Connectomes in files: names, facts, lists of connections, bad files; templates and the worm."""

import numpy as np
import pytest
import xarray

from neurostudio.data import Connectome
from neurostudio.errors import BadInput, UnreadableFile
from neurostudio.readers import look, read
from neurostudio.spaces import MNI305, space_of
from neurostudio.writers import export


def three(**attrs):
    weights = np.array([[0.0, 1.5, 0.0], [0.0, 0.0, -2.0], [4.0, 0.0, 0.0]])
    coords = {
        "source": ["a", "b", "c"],
        "target": ["a", "b", "c"],
        "x": ("source", [1.0, 2.0, 3.0]),
        "type": ("source", ["motor", "inter", "inter"]),
    }
    made = xarray.DataArray(weights, dims=("source", "target"), coords=coords)
    made.attrs |= attrs
    return Connectome(made)


def test_an_archive_with_names_comes_back_as_it_was(tmp_path):
    path = tmp_path / "wires.npz"
    export(three(space="MNI152", unit="streamlines"), path)
    (part,) = look(path)
    assert (part.name, part.kind) == ("", "Connectome")
    back = read(path)
    assert back.matrix.equals(three().matrix)
    assert back.matrix.attrs == {"space": "MNI152", "unit": "streamlines"}
    assert space_of(back) == "MNI152"


def test_an_archive_of_times_and_places_is_read(tmp_path):
    path = tmp_path / "times.npz"
    xyz = np.arange(9.0).reshape(3, 3)
    np.savez(path, matrix=np.ones((2, 3, 3)), names=["a", "b", "c"], xyz=xyz, time=[0.0, 2.0])
    matrix = read(path).matrix
    assert matrix.dims == ("time", "source", "target")
    assert matrix["time"].to_numpy().tolist() == [0.0, 2.0]
    assert matrix["y"].to_numpy().tolist() == [1.0, 4.0, 7.0]


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (
            {"matrix": np.ones((3, 3)), "node": ["a", "b"]},
            "its matrix is 3 x 3 and it names 2 nodes",
        ),
        ({"matrix": np.ones((2, 3)), "node": ["a", "b"]}, "its matrix is 2 x 3"),
        (
            {"matrix": np.ones((8, 8)), "node": list("aabbccdd")},
            "4 names belong to more than one node: 'a', 'b', 'c', … Give each node its own name",
        ),
        ({"matrix": np.ones(3), "node": ["a", "b", "c"]}, "its matrix has the shape 3"),
    ],
)
def test_an_archive_that_does_not_fit_is_refused(tmp_path, arrays, words):
    path = tmp_path / "bad.npz"
    np.savez(path, **arrays)
    with pytest.raises(UnreadableFile) as caught:
        read(path)
    assert words.split(" Give")[0] in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "a b 2\nb c 3.5\na b 1\n",
        "# comment\na\tb\t2\nb\tc\t3.5\na\tb\t1\n",
        "source,target,weight\na,b,2\nb,c,3.5\na,b,1\n",
        "% konect\n a ; b ; 2\n b ; c ; 3.5\n a ; b ; 1\n",
    ],
)
def test_a_list_of_connections_is_read_in_any_dialect_and_doubles_add_up(tmp_path, text):
    path = tmp_path / "list.edges"
    path.write_text(text)
    data = read(path)
    assert data.names("nodes") == ("a", "b", "c")
    np.testing.assert_array_equal(data.matrix, [[0, 3, 0], [0, 0, 3.5], [0, 0, 0]])


def test_a_list_without_weights_has_ones(tmp_path):
    path = tmp_path / "list.edgelist"
    path.write_text("1 2\n2 10\n")
    data = read(path)
    assert data.names("nodes") == ("1", "2", "10")
    assert float(data.matrix.sum()) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b 2\nb c heavy\n", "row 2 has the weight 'heavy', which is no number"),
        ("alone\n", "its lines hold one word each"),
        ("# nothing\n", "it holds no connections"),
        ("source,target,weight\na,,1\n", "row 1 has no 'target'"),
    ],
)
def test_a_list_that_is_none_is_refused(tmp_path, text, words):
    path = tmp_path / "list.edges"
    path.write_text(text)
    with pytest.raises(UnreadableFile, match=words):
        read(path)


def test_a_table_of_connections_is_a_table_and_a_connectome(tmp_path):
    path = tmp_path / "wires.csv"
    path.write_text("pre,post,synapses,kind\nAVAL,AVBL,3,c\nAVBL,AVAL,,c\nAVAL,AVAL,2,e\n")
    assert [part.name for part in look(path)] == ["connectome", "table"]
    matrix = read(path, "connectome").matrix
    np.testing.assert_array_equal(matrix, [[2, 3], [np.nan, 0]])
    assert len(read(path, "table").frame) == 3


def test_facts_beside_a_matrix_are_found(tmp_path):
    path = tmp_path / "wires.csv"
    export(three(), path)
    back = read(path, "connectome")
    assert back.matrix.equals(three().matrix)
    array = tmp_path / "plain.npy"
    np.save(array, np.ones((3, 3)))
    (tmp_path / "plain_nodes.csv").write_text("label,lobe\nx,front\ny,front\nz,back\n")
    named = read(array)
    assert named.names("nodes") == ("x", "y", "z")
    assert named.matrix["lobe"].to_numpy().tolist() == ["front", "front", "back"]


def test_a_table_beside_that_names_other_nodes_is_left_alone(tmp_path):
    path = tmp_path / "wires.csv"
    export(three(), path)
    (tmp_path / "wires_nodes.csv").write_text("node,lobe\np,front\nq,back\n")
    assert read(path, "connectome").names("columns") == ("source",)


def test_double_names_in_a_square_table_are_refused(tmp_path):
    path = tmp_path / "wires.csv"
    path.write_text("node,a,a,b\na,0,1,2\na,1,0,3\nb,2,3,0\n")
    with pytest.raises(UnreadableFile, match="1 names belong to more than one node: 'a'"):
        read(path, "connectome")


def test_graphml_keeps_self_loops_negative_weights_and_directions(tmp_path):
    path = tmp_path / "wires.graphml"
    export(three(), path)
    np.testing.assert_array_equal(read(path).matrix, three().matrix)


# ---- templates ---------------------------------------------------------------------------------------


def test_fsaverage5_has_both_hemispheres_in_millimetres():
    pytest.importorskip("nilearn")
    from neurostudio.templates import fsaverage5

    brain = fsaverage5()
    assert (len(brain.vertices), len(brain.faces)) == (20_484, 40_960)
    assert space_of(brain) == MNI305
    left = brain.scalars["hemisphere"] == 1
    assert brain.vertices[left, 0].mean() < -20 < 20 < brain.vertices[~left, 0].mean()
    assert brain.faces[left.sum() > brain.faces.max(axis=1)].max() < left.sum()
    assert 100 < np.ptp(brain.vertices[:, 1]) < 200
    wide = fsaverage5("inflated")
    assert wide.vertices[left, 0].max() <= 0 <= wide.vertices[~left, 0].min()
    assert fsaverage5() is brain


def test_a_tube_is_closed_and_holds_the_points():
    from neurostudio.templates import tube

    random = np.random.default_rng(0)
    along = np.linspace(-1, 1, 300)
    points = np.stack([0.02 * random.normal(size=300), along, 0.1 * np.sin(3 * along)], axis=1)
    body = tube(points)
    assert np.all(body.vertices.min(axis=0)[1] < points.min(axis=0)[1])
    assert np.all(body.vertices.max(axis=0)[1] > points.max(axis=0)[1])
    rings = body.vertices.reshape(48, 20, 3)
    middle = rings.mean(axis=1)
    radius = np.linalg.norm(rings - middle[:, None], axis=2).mean(axis=1)
    nearest = np.abs(points[:, None, 1] - middle[None, :, 1]).argmin(axis=1)
    away = np.linalg.norm((points - middle[nearest])[:, [0, 2]], axis=1)
    assert np.mean(away < radius[nearest]) > 0.9
    with pytest.raises(BadInput, match="at least four points"):
        tube(points[:3])


# ---- the worm ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def worm():
    from neurostudio.worm import worm_connectome

    try:
        return worm_connectome()
    except BadInput as error:
        pytest.skip(str(error))


def test_the_worm_has_302_neurons_of_known_types(worm):
    matrix = worm.matrix
    assert matrix.shape == (473, 473)
    kinds = dict(zip(*np.unique(matrix["type"].to_numpy(), return_counts=True), strict=True))
    canal = 2  # CANL and CANR have no type
    assert sum(kinds[kind] for kind in ("sensory", "inter", "motor")) + canal == 302
    assert kinds["muscle"] == 135
    known = {"ASEL": "sensory", "AVAL": "inter", "VB2": "motor", "MDL01": "muscle", "hyp": "other"}
    where = dict(zip(matrix["source"].to_numpy(), matrix["type"].to_numpy(), strict=True))
    assert {name: where[name] for name in known} == known


def test_the_chemical_worm_is_directed_and_the_electrical_is_not(worm):
    from neurostudio.worm import worm_connectome

    assert worm.facts()["directed"] is True
    assert worm_connectome("electrical").facts()["directed"] is False
    assert worm.matrix.attrs["unit"] == "sections"


def test_the_head_of_the_worm_is_in_front_and_sides_agree_with_names(worm):
    matrix = worm.matrix
    places = {
        name: np.array([float(matrix[axis][k]) for axis in "xyz"])
        for k, name in enumerate(matrix["source"].to_numpy())
    }
    assert places["ASEL"][1] > places["VB5"][1] > places["PVCL"][1]
    assert places["ASEL"][0] < 0 < places["ASER"][0]
    assert places["MDL05"][2] > places["MVL05"][2]
    assert all(np.isfinite(each).all() for each in places.values())
    kinds = matrix["position"].to_numpy()
    assert set(kinds) == {"model", "schematic"}
    assert "schematic" in matrix.attrs["positions"]
    assert space_of(worm) == "C. elegans"


def test_without_the_package_the_worm_says_what_to_install(monkeypatch):
    import importlib.util

    from neurostudio.worm import worm_connectome

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match="pip install cect"):
        worm_connectome()
