"""Writes a network out as a script for another program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from neurostudio.api import (
    BadInput,
    Connectome,
    Context,
    Number,
    Report,
    Result,
    Text,
    method,
    param,
)

from .declaring import WARNINGS, NetworkParams
from .scripts import SCRIPTS
from .simulating import describe

if TYPE_CHECKING:
    from neurostudio.api import Items


class ExportParams(NetworkParams):
    """Parameters of :func:`export_network`."""

    program: Literal["Brian2", "BrainPy", "PyNN", "description"] = param(
        "Brian2",
        "For which program; 'description' is our own form, to be changed and simulated again",
    )
    duration: float = param(1.0, "Time that the script simulates", unit="s", gt=0, le=3600)


def _check(params: ExportParams, items: Items) -> None:
    if params.network == "described" and items.get("description") is None:
        raise BadInput("A described network needs a Text with the description.")


@method(group="Simulate", warnings=WARNINGS, check=_check, example="export")
def export_network(
    context: Context,
    params: ExportParams,
    description: Text | None = None,
    connectome: Connectome | None = None,
) -> Result:
    """Write a network as a script for Brian2, BrainPy or PyNN (NEST), or as a description to be changed.

    Scripts cover excitatory and inhibitory populations of leaky or Hodgkin-Huxley neurons with exponential
    synapses and one connection probability; all other networks are written as descriptions.
    """
    made = describe(params, connectome, description, context.seed)
    if params.program == "description":
        text = made.text()
    else:
        text = SCRIPTS[params.program](made, params.duration, context.seed)
    context.say(f"{len(text.splitlines())} lines")
    fence = "json" if params.program == "description" else "python"
    shown = text if len(text) < 20_000 else text[:20_000] + "\n..."
    return Result(
        data={"script": Text(text)},
        views=(Report(f"```{fence}\n{shown}\n```", title=f"{made.title} for {params.program}"),),
        numbers={"lines": Number(float(len(text.splitlines())), "1")},
    )
