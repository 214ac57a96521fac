"""Sample data on the first screen: one click opens them; what is not installed is grey and says why."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from neurostudio import samples
from neurostudio.runs import State

pytest.importorskip("nilearn")
PATIENCE = 45_000


def test_a_click_on_a_sample_opens_it(window, qtbot, settle):
    card = window.start_page.samples.cards["sample_fsaverage"]
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    workspace = window.studio.workspace
    qtbot.waitUntil(lambda: "fsaverage5" in workspace.items, timeout=PATIENCE)
    settle(window.studio)
    (run,) = workspace.runs
    assert run.state is State.DONE
    assert workspace.items["fsaverage5"].kind == "Surface"
    assert window.middle.currentWidget() is window.results
    rows = window.data.list
    qtbot.waitUntil(lambda: [rows.item(k).text() for k in range(rows.count())] == ["fsaverage5"])
    assert "Licence: free with notice" in next(iter(run.warnings().values()))


def test_every_sample_of_the_first_screen_is_read_by_a_method_without_inputs(window):
    cards = window.start_page.samples.cards
    assert list(cards) == [each.method for each in samples.SAMPLES]
    for name, card in cards.items():
        assert window.studio.methods[name].inputs == ()
        assert card.isEnabled() == (not samples.lacking(card.sample))
        assert card.sample.licence in card.licence.text()
        assert card.sample.source in card.toolTip()
    assert window.start_page.samples.isVisibleTo(window.start_page)


def test_a_sample_whose_package_is_missing_is_grey_and_says_so(studio, qtbot, monkeypatch):
    from neurostudio.ui.sample_cards import SampleCard

    monkeypatch.setattr(samples, "find_spec", lambda name: None)
    card = SampleCard(samples.sample("sample_mni152"))
    qtbot.addWidget(card)
    assert not card.isEnabled()
    assert card.about.text() == "Needs nilearn: pip install nilearn"
    assert card.toolTip().startswith("Needs nilearn: pip install nilearn")


def test_before_methods_are_found_there_are_no_samples(studio, qtbot):
    from neurostudio.ui.sample_cards import SampleCards

    cards = SampleCards(studio)
    qtbot.addWidget(cards)
    assert not cards.cards
    assert cards.isHidden()


def test_packages_that_would_bring_more_are_named_with_their_licence(studio, qtbot, monkeypatch):
    from neurostudio.ui.sample_cards import SampleCards

    monkeypatch.setattr(samples, "is_installed", lambda name: name == "nitime")
    monkeypatch.setattr(samples, "folder_of", lambda name: "/somewhere/nitime")
    cards = SampleCards(studio)
    qtbot.addWidget(cards)
    words = [label.text() for label in cards.more.content.findChildren(QLabel)]
    assert len(words) == len(samples.OFFERS)
    assert words[1] == (
        "pip install tvb-data: human connectomes with tract lengths, lead fields (GPL-3)"
    )
    assert words[-1].endswith("Open its files in /somewhere/nitime")


def test_cards_use_as_many_columns_as_there_is_room_for(qtbot):
    from neurostudio.ui.card_grid import CardGrid, TallButton

    holder = QWidget()
    qtbot.addWidget(holder)
    grid = CardGrid(3, 100, holder)
    cards = [TallButton() for _ in range(4)]
    grid.show_cards(cards)
    holder.resize(400, 600)
    holder.show()
    for width, columns in ((330, 3), (250, 2), (99, 1)):
        grid.resize(width, 400)
        places = {grid.layout().getItemPosition(k)[1] for k in range(4)}
        assert places == set(range(columns))
    holder.hide()


def test_a_narrow_card_is_high_enough_for_its_words(qtbot):
    from neurostudio.ui.card_grid import TallButton
    from PySide6.QtWidgets import QVBoxLayout

    button = TallButton()
    qtbot.addWidget(button)
    label = QLabel("many words " * 20)
    label.setWordWrap(True)
    QVBoxLayout(button).addWidget(label)
    assert button.heightForWidth(120) > 2 * button.heightForWidth(600) > 0
