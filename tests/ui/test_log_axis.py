"""Labels of a logarithmic axis stand apart."""

import numpy as np
from neurostudio.ui.drawing.plot import Axis


def words(values):
    return [word for word in Axis("left").logTickStrings(list(np.log10(values)), 1.0, 1.0) if word]


def test_a_decade_is_labelled_at_one_two_and_five(qapp):
    assert words(np.arange(1, 10)) == ["1", "2", "5"]
    assert words(np.arange(1, 10) * 1e-6) == ["10⁻⁶", "2·10⁻⁶", "5·10⁻⁶"]


def test_many_decades_are_labelled_once_each(qapp):
    values = np.concatenate([np.arange(1, 10) * 10.0**k for k in range(1, 5)])
    assert len(words(values)) == 4


def test_a_few_labels_all_stay(qapp):
    assert words([3, 4, 6]) == ["3", "4", "6"]


def test_a_level_may_have_braces_in_its_name(qtbot):
    from neurostudio.ui.drawing import widget_for

    from neurostudio.views import Lines

    view = Lines(
        np.arange(3.0), np.ones((1, 3)), levels={"content {6}": 1.0}, marks={"{0, 4}": 1.0}
    )
    widget = widget_for(view)
    qtbot.addWidget(widget)
    widget.show()
    assert widget.grab().width() > 0
