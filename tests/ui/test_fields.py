"""A form shows exactly what a method's parameters allow."""

from __future__ import annotations

from typing import ClassVar, Literal

import pytest
from PySide6.QtCore import Qt

from neurostudio.params import Params, param, parameters


class Training(Params):
    """Parameters with one of each sort."""

    presets: ClassVar = {"careful": {"rate": 1e-5, "epochs": 50}}

    rate: float = param(6.25e-4, "How far a step goes", unit="1", gt=0, le=1)
    low: float | None = param(None, "Lower edge of the band", unit="Hz", ge=0)
    epochs: int = param(5, "How often all data are seen", unit="1", ge=1, le=100)
    network: Literal["shallow", "deep"] = param("shallow", "Which network")
    channels: tuple[str, ...] = param((), "Which channels", suggest="channels")
    bands: tuple[float, ...] = param((8.0, 13.0), "Edges", unit="Hz", advanced=True)
    shuffle: bool = param(True, "Mix the order")
    label: str = param("group", "Column of the labels", suggest="columns")


@pytest.fixture
def form(qtbot):
    from neurostudio.ui.forms import ParamsForm

    made = ParamsForm(Training)
    qtbot.addWidget(made)
    made.show()
    return made


def type_over(qtbot, box, text):
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key.Key_Return)


def test_a_fresh_form_holds_the_defaults(form):
    assert form.read() == Training()
    assert form.values() == Training().model_dump()


def test_small_floats_are_written_scientifically_and_keep_all_digits(form):
    box = form.rows["rate"].field.box
    assert box.text() == "6.25e-4"
    form.set_values({"rate": 1.23456789e-15})
    assert form.values()["rate"] == 1.23456789e-15


def test_a_typed_number_is_taken_with_point_comma_or_exponent(form, qtbot):
    box = form.rows["rate"].field.box
    for text, value in (("0.25", 0.25), ("0,5", 0.5), ("2e-3", 2e-3)):
        type_over(qtbot, box, text)
        assert form.values()["rate"] == value


def test_units_stand_behind_numbers(form):
    assert form.rows["low"].field.inner.box.suffix() == " Hz"
    assert form.rows["epochs"].field.box.suffix() == ""


def test_bounds_come_from_the_parameter(form, qtbot):
    box = form.rows["epochs"].field.box
    assert (box.minimum(), box.maximum()) == (1, 100)
    type_over(qtbot, form.rows["rate"].field.box, "7")
    assert form.values()["rate"] == 1.0


def test_an_open_bound_is_refused_at_the_field(form, qtbot):
    type_over(qtbot, form.rows["rate"].field.box, "0")
    assert form.read() is None
    assert form.rows["rate"].message.text() == "Should be greater than 0."
    assert not form.rows["epochs"].message.isVisible()
    form.set_values({"rate": 0.1})
    assert not form.rows["rate"].message.isVisible()
    assert form.read() == Training(rate=0.1)


def test_unchecking_an_optional_value_means_none(form, qtbot):
    field = form.rows["low"].field
    assert form.values()["low"] is None
    field.check.click()
    type_over(qtbot, field.inner.box, "1.5")
    assert form.values()["low"] == 1.5
    field.check.click()
    assert form.values()["low"] is None


def test_a_choice_is_a_list_to_choose_from(form, qtbot):
    combo = form.rows["network"].field.combo
    assert [combo.itemText(k) for k in range(combo.count())] == ["shallow", "deep"]
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert form.values()["network"] == "deep"


def test_names_of_the_data_are_checked_on_a_list(form, qtbot):
    form.offer({"channels": ("C3", "Cz", "C4"), "columns": ("group", "sex")}.__getitem__)
    field = form.rows["channels"].field
    qtbot.mouseClick(field.button, Qt.MouseButton.LeftButton)
    dialog = field.dialog
    qtbot.keyClicks(dialog.search, "c4")
    dialog._check_all()
    dialog.list.item(0).setCheckState(Qt.CheckState.Checked)
    dialog._accept()
    assert form.values()["channels"] == ("C3", "C4")


def test_names_may_be_written_too(form, qtbot):
    qtbot.keyClicks(form.rows["channels"].field.line, "Fp1, Oz")
    assert form.values()["channels"] == ("Fp1", "Oz")


def test_words_in_a_list_of_numbers_are_refused_at_the_field(form, qtbot):
    line = form.rows["bands"].field.line
    line.clear()
    qtbot.keyClicks(line, "8, alpha")
    assert form.read() is None
    assert "number" in form.rows["bands"].message.text()
    assert form.fold.content.isVisible()


def test_text_offers_columns_and_takes_any_word(form):
    form.offer({"channels": (), "columns": ("group", "sex")}.__getitem__)
    field = form.rows["label"].field
    assert field._combo.count() == 2
    assert form.values()["label"] == "group"


def test_advanced_parameters_are_folded_away(form, qtbot):
    assert not form.rows["bands"].isVisible()
    qtbot.mouseClick(form.fold.button, Qt.MouseButton.LeftButton)
    assert form.rows["bands"].isVisible()


def test_a_changed_value_can_be_reset(form, qtbot):
    row = form.rows["epochs"]
    assert not row.reset.isVisible()
    type_over(qtbot, row.field.box, "9")
    assert row.reset.isVisible()
    qtbot.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    assert form.values()["epochs"] == 5


def test_a_preset_sets_its_values_and_reset_all_brings_defaults(form, qtbot):
    form.presets.setCurrentIndex(1)
    form.presets.activated.emit(1)
    assert form.read() == Training(rate=1e-5, epochs=50)
    qtbot.mouseClick(form.reset, Qt.MouseButton.LeftButton)
    assert form.read() == Training()


def test_the_tooltip_says_help_unit_bounds_and_default():
    from neurostudio.ui.forms import describe

    rate, low = parameters(Training)[:2]
    assert describe(rate) == "How far a step goes\nAbove 0, at most 1\nDefault: 6.25e-4"
    assert describe(low) == "Lower edge of the band\nUnit: Hz\nAt least 0\nDefault: none"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.05, "0.05"),
        (6.25e-4, "6.25e-4"),
        (40.0, "40"),
        (1e6, "1e6"),
        (0.0, "0"),
        (-2e-9, "-2e-9"),
    ],
)
def test_numbers_are_written_as_short_as_they_can_be(value, text):
    from neurostudio.ui.number_fields import read_number, write_number

    assert write_number(value) == text
    assert read_number(text) == value


def test_stepping_changes_the_second_digit(form):
    box = form.rows["rate"].field.box
    box.stepBy(1)
    assert box.value() == 6.3e-4 or box.value() == pytest.approx(6.3e-4, rel=0.02)
