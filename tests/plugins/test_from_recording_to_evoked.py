"""The first hour with a recording: components, rejection, trials, average; the script gives the same."""

import numpy as np
import pytest

from neurostudio.jobs import Jobs, LocalRunner
from neurostudio.runs import State
from neurostudio.workspace import Workspace

mne = pytest.importorskip("mne")
pytest.importorskip("sklearn")


@pytest.fixture
def workspace():
    made = Workspace.new(Jobs(LocalRunner(warm=False)))
    yield made
    made.close()


def did(workspace, method, params, inputs):
    run = workspace.start(method, params, inputs, seed=0)
    assert workspace.jobs.wait(run) is State.DONE, run.error()


def test_the_script_of_a_session_gives_its_evoked_and_that_of_mne(workspace, tmp_path):
    from neurostudio.plugins.ica import example

    raw = example.recording().raw.copy()
    raw.set_annotations(mne.Annotations(np.arange(1.0, 38.0, 2.0), 0.0, "beep"))
    path = tmp_path / "rest_raw.fif"
    raw.save(path, fmt="double", verbose="ERROR")

    workspace.open(path, name="rest")
    did(workspace, "fit_ica", example.SMALL | {"iterations": 40}, {"signals": "rest"})
    did(
        workspace,
        "remove_components",
        {"components": ("ICA000",)},
        {"signals": "rest", "ica": "ica"},
    )
    did(workspace, "cut_trials", {"events": ("beep",)}, {"recordings": ("cleaned",)})
    did(workspace, "average_trials", {}, {"trials": "trials"})
    shown = workspace.items["evoked"].load().epochs.get_data(copy=False)[0]

    scope = {}
    exec(workspace.script(), scope)
    # a product of matrices may differ in its last bit, as they lie in memory
    near = {"rtol": 0, "atol": 1e-13 * np.abs(shown).max()}
    np.testing.assert_allclose(scope["evoked"].epochs.get_data(copy=False)[0], shown, **near)

    again = mne.io.read_raw_fif(path, preload=True, verbose="ERROR")
    ica = mne.preprocessing.ICA(6, method="infomax", max_iter=40, random_state=0, verbose="ERROR")
    ica.fit(again.copy().filter(1.0, None, picks="all", verbose="ERROR"), verbose="ERROR")
    ica.apply(again, exclude=[0], verbose="ERROR")
    events, codes = mne.events_from_annotations(again, verbose="ERROR")
    epochs = mne.Epochs(again, events, codes, -0.2, 0.8, preload=True, verbose="ERROR")
    np.testing.assert_allclose(shown, epochs.average(picks="all").data, **near)

    before = set(workspace.items)
    while "cleaned" in workspace.items:
        workspace.undo()
    assert "rest" in workspace.items
    while workspace.can_redo:
        workspace.redo()
    assert set(workspace.items) == before
