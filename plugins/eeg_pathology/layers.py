"""How alike the layers of two classifiers are, on the same windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    Context,
    Heatmap,
    Items,
    Number,
    Params,
    Result,
    Table,
    TrainedModel,
    Trials,
    method,
    param,
)

from .cohort import WARNINGS
from .method import check_source

if TYPE_CHECKING:
    from numpy.typing import NDArray


class LayersParams(Params):
    """Parameters of :func:`compare_layers`."""

    windows_used: int = param(500, "Windows that are compared, evenly spread", ge=10, le=10_000)


def _check(params: LayersParams, items: Items) -> None:
    del params
    for name in ("first", "second"):
        model = items[name]
        assert isinstance(model, TrainedModel)  # noqa: S101  the method's own check came first
        check_source(model)


@method(group="Analyse", warnings=WARNINGS, gpu=True, check=_check, example="layers")
def compare_layers(
    context: Context,
    params: LayersParams,
    first: TrainedModel,
    second: TrainedModel,
    windows: Trials,
) -> Result:
    """Compare the layers of two classifiers by linear centred kernel alignment (CKA)."""
    import pandas as pd

    from neurostudio.learning.similarity import linear_cka

    from .cohort import is_simulated

    step = max(1, len(windows.epochs.events) // params.windows_used)
    some = Trials(windows.epochs[::step])
    one, two = (_activations(context, model, some) for model in (first, second))
    values = np.zeros((len(one), len(two)))
    for row, each in enumerate(context.track(list(one.values()), "Comparing layers")):
        values[row] = [linear_cka(each, other) for other in two.values()]
    frame = pd.DataFrame(values, columns=list(two)).assign(layer=list(one))
    view = Heatmap(
        values, x_names=tuple(two), y_names=tuple(one), x_label="second model", y_label="first model",
        value_label="CKA", value_unit="1", show_values=True, title="Likeness of layers",
        caption=f"Linear CKA over {len(some.epochs.events)} windows; 1: alike up to rotation.",
    )  # fmt: skip
    diagonal = [values[k, k] for k in range(min(values.shape))]
    return Result(
        data={"similarity": Table(frame)},
        views=(view,),
        numbers={"mean of the diagonal": Number(float(np.mean(diagonal)), "1", note="linear CKA")},
        warnings=("simulated",) if is_simulated(windows) else (),
    )


def _activations(
    context: Context, model: TrainedModel, windows: Trials
) -> dict[str, NDArray[np.float64]]:
    """Return what each layer makes of each window, averaged over time: (n_windows, n_features)."""
    from .cohort import adapted
    from .fitting import predict
    from .running import restored, signals_of

    network = restored(model)
    kept: dict[str, list[NDArray[np.float64]]] = {}

    def keep(name: str) -> Any:
        def hook(_module: Any, _given: Any, output: Any) -> None:
            flat = output.detach().flatten(2).mean(-1) if output.ndim > 2 else output.detach()
            kept.setdefault(name, []).append(flat.cpu().double().numpy())

        return hook

    for name in network.layers:
        getattr(network.network, name).register_forward_hook(keep(name))
    predict(context, network, signals_of(model, adapted(windows, model.config)))
    return {name: np.concatenate(parts) for name, parts in kept.items()}
