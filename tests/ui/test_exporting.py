"""Data leave the window in the format that the name says."""

from __future__ import annotations

import pandas as pd
from PySide6.QtWidgets import QFileDialog

from neurostudio.data import Table, Text


def choose(window, settle, name, data):
    window.studio.act(window.studio.workspace.add, name, data)
    settle(window.studio)
    window.data.choose(name)


def answer(monkeypatch, path, chosen=""):
    seen = []

    def ask(parent, title, start, filters):
        seen.append((title, start, filters))
        return str(path), chosen

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    return seen


def test_the_chosen_data_are_written_and_what_was_lost_is_said(
    window, settle, tmp_path, monkeypatch
):
    frame = pd.DataFrame({"frequency": [1.0, 2.0]})
    frame.attrs["unit"] = "Hz"
    choose(window, settle, "peaks", Table(frame))
    seen = answer(monkeypatch, tmp_path / "peaks.tsv")
    window.actions_table["data.export"].trigger()
    settle(window.studio)
    assert (tmp_path / "peaks.tsv").read_text() == "frequency\n1.0\n2.0\n"
    assert seen[0][0] == "Export peaks"
    assert seen[0][2] == "CSV (*.csv);;TSV (*.tsv);;Parquet (*.parquet)"
    box = window.dialogs.exporter.box
    assert "TSV holds no units; these are Hz." in box.informativeText()
    box.close()


def test_a_name_without_suffix_takes_that_of_the_format_chosen(
    window, settle, tmp_path, monkeypatch
):
    choose(window, settle, "peaks", Table(pd.DataFrame({"x": [1]})))
    answer(monkeypatch, tmp_path / "peaks", "Parquet (*.parquet)")
    window.actions_table["data.export"].trigger()
    settle(window.studio)
    assert pd.read_parquet(tmp_path / "peaks.parquet")["x"].tolist() == [1]


def test_a_refused_export_is_told_as_every_problem_is(window, settle, tmp_path, monkeypatch):
    choose(window, settle, "poem", Text("words"))
    answer(monkeypatch, tmp_path / "not there" / "\0.txt")
    window.actions_table["data.export"].trigger()
    settle(window.studio)
    assert window.problems.isVisible()


def test_with_nothing_chosen_it_says_what_to_do(window):
    window.studio.item = "gone"
    window.dialogs.exporter.ask()
    assert "No data are chosen" in window.problems.label.text()
