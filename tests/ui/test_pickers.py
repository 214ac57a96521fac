"""Which items of a session an input takes by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from neurostudio.ui.pickers import ManyPicker, picker_for

from neurostudio.data import Recording, SpikeTrains, Text, Traces, Trials, Volume
from neurostudio.method import Input
from neurostudio.session import Item


def opened(name):
    return Item(name, "Text", Path("/session/items") / name, "a text", "poem.txt")


def made(name):
    return Item(name, "Text", Path("/session/runs/0001-echo/data") / name, "a text", "0001-echo")


@pytest.fixture
def picker(qtbot):
    """Takes several texts, and must have some."""
    found = ManyPicker(Input("texts", (Text,), many=True, optional=False))
    qtbot.addWidget(found)
    return found


def test_all_that_fit_are_checked_at_first(picker):
    picker.offer([opened("one"), made("two")])
    assert picker.names() == ("one", "two")


def test_what_is_opened_later_is_checked_and_what_a_run_makes_meanwhile_is_not(picker):
    picker.offer([opened("one")])
    picker.offer([opened("one"), opened("two"), made("words")])
    assert picker.names() == ("one", "two")
    picker.offer([opened("one"), opened("two"), made("words")])
    assert picker.names() == ("one", "two")


def test_what_a_run_made_can_be_chosen(picker):
    picker.offer([opened("one")])
    picker.offer([opened("one"), made("words")])
    picker.choose(["words"])
    assert picker.names() == ("words",)


def test_an_input_that_may_be_left_out_checks_nothing(qtbot):
    picker = ManyPicker(Input("texts", (Text,), many=True, optional=True))
    qtbot.addWidget(picker)
    picker.offer([opened("one")])
    assert picker.names() == ()


def test_an_input_of_many_kinds_does_not_widen_the_form(qtbot):
    entry = Input(
        "data", (Recording, Trials, Traces, SpikeTrains, Volume), many=False, optional=False
    )
    picker = picker_for(entry)
    qtbot.addWidget(picker)
    assert picker.minimumSizeHint().width() < 200
