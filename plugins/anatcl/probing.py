"""What can be read from an embedding: age, sex, diagnosis, scores, and the site that should not be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Number,
    Report,
    Result,
    Scatter,
    Table,
    method,
    param,
)

from .people import SIMULATED, WARNINGS, PeopleParams

if TYPE_CHECKING:
    from neurostudio.api import View

    from .targets import Probed


class ProbeParams(PeopleParams):
    """Parameters of :func:`probe_embedding`."""

    targets: tuple[str, ...] = param(
        ("age",), "Columns of the people to read: numbers or classes is found out and shown",
        suggest="columns",
    )  # fmt: skip
    folds: int = param(5, "Parts of the people that take turns as the test part", ge=2, le=50)
    leave_out: str = param(
        "", "Column whose values take turns as the test part, such as the site; empty for folds",
        suggest="columns",
    )  # fmt: skip
    group: str = param(
        "", "Column of what must not be parted, such as the family; empty for single people",
        suggest="columns", advanced=True,
    )  # fmt: skip
    seeds: int = param(3, "How often people are dealt into folds anew", ge=1, le=20)
    nulls: int = param(20, "Runs on permuted targets beside it; of classes at most 5", ge=0, le=200)
    site_meter: bool = param(True, "Also say how well the site can be read, by two probes")
    pattern: str = param(
        "", "How columns of regional measures are called; empty to find out", advanced=True
    )


@method(group="Analyse", warnings=WARNINGS, example="probed")
def probe_embedding(
    context: Context,
    params: ProbeParams,
    embedding: Table,
    people: Table,
    regions: Table | None = None,
) -> Result:
    """Read columns of a table from an embedding by linear models, out of fold.

    Numbers by ridge, classes by logistic regression, penalties chosen by inner folds; beside it the same on
    the ``regions``, guessing, and permuted targets.
    """
    from . import matching, targets

    if not params.targets and not params.site_meter:
        raise BadInput("There is nothing to read. Choose at least one target.")
    found = matching.of_people(
        embedding, people, regions, params, group=params.group, pattern=params.pattern
    )
    probed: list[Probed] = []
    for name in context.track(params.targets, "Reading targets"):
        target = targets.target_of(name, found.keys, people, params)
        if len(target.rows) < len(found.keys):
            context.say(f"{len(found.keys) - len(target.rows)} people have no '{name}'.")
        probed.append(targets.probe(context, params, found, target, people))
    numbers = {each.name: each.number for each in probed}
    meter: tuple[View, ...] = ()
    more: dict[str, Number] = {}
    if params.site_meter and params.leave_out != params.site and len(set(found.sites) - {""}) > 1:
        meter, more = targets.meter(context, params, found)
        numbers |= more
    codes = [SIMULATED] * found.simulated + ["seen"] * found.seen
    if meter and more["site, tuned probe"].value > more["site, weak probe"].value + 0.02:
        codes.append("weak-site")
    return Result(
        data={"scores": Table(targets.table(probed, numbers))},
        views=(_words(probed, numbers), *meter, *_nulls(probed), *_people(probed)),
        numbers=numbers,
        warnings=tuple(codes),
    )


def _words(probed: list[Probed], numbers: dict[str, Number]) -> Report:
    lines = ["## What can be read", ""]
    lines += [
        f"- {each.name} ({each.kind}, {each.metric}): **{each.number}**; s.d. over deals {each.deviation:.3g}"
        for each in probed
    ]
    lines += [f"- {k}: **{v}**" for k, v in numbers.items() if k.startswith("site, ")]
    return Report("\n".join(lines), title="What can be read")


def _nulls(probed: list[Probed]) -> tuple[View, ...]:
    from . import pictures

    views = []
    for each in probed:
        if each.null.size:
            below = each.number.baseline
            views.append(
                pictures.beside_null(
                    [each.name], [each.number.value], each.null[None], "permuted between people", each.metric,
                    each.number.unit, [float(each.number.chance or 0)], [np.nan if below is None else below],
                    f"{each.name} beside permuted targets",
                )
            )  # fmt: skip
    return tuple(views)


def _people(probed: list[Probed]) -> tuple[View, ...]:
    return tuple(
        Scatter(
            each.truth, each.guess, names=each.keys, x_label=each.name, x_unit=each.unit,
            y_label=f"{each.name}, read from the embedding", y_unit=each.unit,
            title=f"{each.name} out of fold", caption="First seed.",
        )
        for each in probed
        if each.kind == "number"
    )  # fmt: skip
