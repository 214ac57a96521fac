"""Parameters: read, refused in a sentence, described for a form."""

from __future__ import annotations

from typing import Literal

import pytest

from neurostudio.errors import BadInput, UnknownName
from neurostudio.params import Params, param, parameters, read_params


class SmoothParams(Params):
    """Parameters of a filter that smooths."""

    width: float = param(0.05, "Length of the window", unit="s", gt=0.0, le=10.0)
    passes: int = param(1, "How often", ge=1, advanced=True)
    shape: Literal["box", "hann"] = param("box", "Form of the window")
    upper: float | None = param(None, "Cut-off", unit="Hz", ge=0.0)
    channels: tuple[str, ...] = param((), "Which", suggest="channels")
    causal: bool = param(False, "Use the past only")


def test_a_form_learns_everything_from_the_declaration():
    width, passes, shape, upper, channels, causal = parameters(SmoothParams)
    assert (width.kind, width.unit, width.low, width.high) == ("float", "s", 0.0, 10.0)
    assert width.low_open
    assert not width.high_open
    assert passes.advanced
    assert shape.choices == ("box", "hann")
    assert (upper.kind, upper.optional, upper.default) == ("float", True, None)
    assert (channels.kind, channels.item, channels.suggest) == ("list", "text", "channels")
    assert causal.kind == "bool"
    assert causal.label == "Causal"


def test_a_value_out_of_bounds_is_refused_with_its_value_and_its_rule():
    with pytest.raises(BadInput, match=r"width is -1\.0; it should be greater than 0"):
        read_params(SmoothParams, {"width": -1.0})


def test_an_unknown_parameter_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match=r"no parameter named 'widht'. Did you mean 'width'"):
        read_params(SmoothParams, {"widht": 1.0})


def test_parameters_do_not_change():
    params = read_params(SmoothParams, {"width": 0.1})
    with pytest.raises(ValueError, match="frozen"):
        params.width = 0.2


def test_a_type_that_no_form_can_show_is_the_programmers_mistake():
    class Odd(Params):
        """Parameters that nobody can draw."""

        table: dict[str, int] = param({}, "A table")

    with pytest.raises(TypeError, match="parameter table has the type"):
        parameters(Odd)
