"""Parameters of a method: one model validates, documents and draws them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from neurostudio.errors import BadInput, UnknownName


class Params(BaseModel):
    """Base of every method's parameters: frozen, nothing unknown, all documented.

    A subclass may offer ``presets``: named sets of values that differ from the defaults.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}


def param(
    default: Any,
    help: str,
    *,
    unit: str = "",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    advanced: bool = False,
    suggest: str = "",
) -> Any:
    """Declare one parameter.

    Parameters
    ----------
    default
        The value where none is given; its type comes from the annotation.
    help
        One sentence for the tooltip, the command line and the docs.
    unit
        SI unit of a number; ``"1"`` for a number without unit.
    ge, gt, le, lt
        Bounds, shared by validation and the form.
    advanced
        Shown only in the form's advanced section.
    suggest
        What of the chosen data the form offers as values: ``"channels"``, ``"events"``, ``"columns"``
        … (see :meth:`neurostudio.data.Data.names`).
    """
    return Field(
        default,
        description=help,
        ge=ge,
        gt=gt,
        le=le,
        lt=lt,
        json_schema_extra={"unit": unit, "advanced": advanced, "suggest": suggest},
    )


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a form, a command line or a page of the docs needs to know of one parameter.

    ``kind`` is one of ``bool int float text choice list``; ``item`` the kind of a list's members.
    ``low`` and ``high`` are the bounds, ``low_open`` and ``high_open`` say that the bound itself is
    not allowed. ``optional`` is true where None is a value.
    """

    name: str
    kind: str
    default: Any
    help: str
    unit: str
    low: float | None
    high: float | None
    low_open: bool
    high_open: bool
    choices: tuple[Any, ...]
    item: str
    optional: bool
    advanced: bool
    suggest: str

    @property
    def label(self) -> str:
        """The name as words: ``learning_rate`` → ``Learning rate``."""
        return self.name.replace("_", " ").capitalize()


_KINDS = {bool: "bool", int: "int", float: "float", str: "text"}


def parameters(model: type[Params]) -> tuple[Parameter, ...]:
    """Return the parameters of a model in the order of their declaration."""
    return tuple(_parameter(name, field) for name, field in model.model_fields.items())


def _parameter(name: str, field: Any) -> Parameter:
    annotation, optional = _without_none(field.annotation)
    kind, choices, item = _kind_of(name, annotation)
    bounds: dict[str, float] = {}
    for constraint in field.metadata:
        for key in ("ge", "gt", "le", "lt"):
            value = getattr(constraint, key, None)
            if value is not None:
                bounds[key] = value
    extra = field.json_schema_extra or {}
    return Parameter(
        name=name,
        kind=kind,
        default=field.get_default(call_default_factory=True),
        help=field.description or "",
        unit=extra.get("unit", ""),
        low=bounds.get("ge", bounds.get("gt")),
        high=bounds.get("le", bounds.get("lt")),
        low_open="gt" in bounds,
        high_open="lt" in bounds,
        choices=choices,
        item=item,
        optional=optional,
        advanced=bool(extra.get("advanced")),
        suggest=extra.get("suggest", ""),
    )


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in {Union, UnionType}:
        members = [member for member in get_args(annotation) if member is not NoneType]
        if len(members) == 1 and len(members) < len(get_args(annotation)):
            return members[0], True
    return annotation, False


def _kind_of(name: str, annotation: Any) -> tuple[str, tuple[Any, ...], str]:
    if annotation in _KINDS:
        return _KINDS[annotation], (), ""
    if get_origin(annotation) is Literal:
        return "choice", get_args(annotation), ""
    if get_origin(annotation) in {tuple, list}:
        member = get_args(annotation)[0]
        if get_origin(member) is Literal:
            return "list", get_args(member), "choice"
        if member in _KINDS:
            return "list", (), _KINDS[member]
    raise TypeError(
        f"parameter {name} has the type {annotation}; use bool, int, float, str, Literal, a tuple of "
        "one of them, or one of them | None"
    )


def from_text(kind: str, text: str) -> Any:
    """Return a value that was written as text: JSON, words for text and choices, commas in a list.

    Examples
    --------
    >>> from_text("float", "0.5"), from_text("list", "Cz, Pz"), from_text("int", "none")
    (0.5, ['Cz', 'Pz'], None)
    """
    if text.strip().lower() in {"none", "null"}:
        return None
    if kind in {"text", "choice"}:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return (
            [each.strip() for each in text.split(",") if each.strip()] if kind == "list" else text
        )


def read_params(model: type[Params], values: Mapping[str, Any]) -> Params:
    """Return validated parameters, or one message that names the parameter, its value and its rule.

    Raises
    ------
    UnknownName
        A name that the method does not have.
    BadInput
        A value that the method does not take.
    """
    for name in values:
        if name not in model.model_fields:
            raise UnknownName("parameter", name, model.model_fields)
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        raise BadInput("; ".join(_sentence(problem) for problem in error.errors())) from error


def _sentence(problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"]) or "parameters"
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{where} is {problem['input']!r}; it {message}"
