"""Pictures on the way: the one that is looked at is renewed, and the list of names may stand open."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from neurostudio.ui.drawing.lines import LinesPlot
from neurostudio.ui.panels.run_details import LivePictures

from neurostudio.views import Lines, save_view


def saved(folder: Path, name: str, value: float) -> Path:
    path = folder / f"{name}.npz"
    save_view(Lines(np.arange(2.0), np.full((1, 2), value), title=name), path)
    return path


def test_a_renewed_picture_is_drawn_and_another_one_is_not(window, qtbot, tmp_path):
    pictures = LivePictures(window.studio)
    qtbot.addWidget(pictures)
    pictures.show()
    run = SimpleNamespace(name="0001", folder=tmp_path)
    first, other = saved(tmp_path, "rate", 1.0), saved(tmp_path, "spikes", 5.0)
    pictures.show_pictures(run, {"rate": first, "spikes": other})

    def drawn():
        found = pictures.findChildren(LinesPlot)
        return [each.columns() for each in found if each.isVisible()]

    qtbot.waitUntil(lambda: len(drawn()) == 1, timeout=45_000)
    before = drawn()[0]
    pictures.take(run, "spikes", saved(tmp_path, "spikes 2", 7.0))
    pictures.take(run, "rate", saved(tmp_path, "rate 2", 3.0))
    qtbot.waitUntil(lambda: drawn() and drawn()[0] != before, timeout=45_000)
    assert 3.0 in [value for column in drawn()[0].values() for value in column]
    assert pictures.names.currentText() == "rate"


def test_names_stay_where_only_the_pictures_are_new(window, qtbot, tmp_path):
    pictures = LivePictures(window.studio)
    qtbot.addWidget(pictures)
    run = SimpleNamespace(name="0001", folder=tmp_path)
    paths = {name: saved(tmp_path, name, 1.0) for name in ("rate", "spikes")}
    pictures.show_pictures(run, paths)
    pictures.names.setCurrentText("spikes")
    cleared = []
    pictures.names.model().rowsRemoved.connect(lambda *_: cleared.append(True))
    pictures.show_pictures(run, paths)
    assert not cleared
    assert pictures.names.currentText() == "spikes"
