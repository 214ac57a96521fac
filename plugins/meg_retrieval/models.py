"""Decoders as data: what is stored with the weights, and how it predicts again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, TrainedModel

from .preparing import Scale, TrialParams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Context
    from neurostudio.learning.ridge import Ridge

    from .experiment import Experiment, Standard
    from .network import Encoder
    from .preparing import Responses

    Array = NDArray[Any]

OWN = ("median", "spread", "places", "feature_mean", "feature_spread")


def config_of(experiment: Experiment, params: TrialParams, kind: str, seed: int) -> dict[str, Any]:
    """Return what any decoder stores: columns, window, scale, keys and the split."""
    own = experiment.responses
    columns = {name: getattr(params, name) for name in TrialParams.model_fields}
    return {
        "decoder": kind,
        "channels": list(own.channels),
        "n_times": len(own.times),
        "rate": own.rate,
        "first": float(own.times[0]),
        "reading": columns,
        "subjects": list(experiment.people),
        "features": list(experiment.embeddings.names),
        "known_pictures": sorted(
            set(own.pictures[np.concatenate([experiment.train, experiment.held])].tolist())
        ),
        "split": experiment.split.hash,
        "simulated": own.simulated,
        "seed": seed,
    }


def shared_weights(experiment: Experiment) -> dict[str, Array]:
    """Return the scales that any decoder stores."""
    return {
        "median": experiment.scale.median,
        "spread": experiment.scale.spread,
        "places": experiment.responses.places,
        "feature_mean": experiment.standard.mean,
        "feature_spread": experiment.standard.spread,
    }


def deep_model(
    experiment: Experiment,
    params: TrialParams,
    network: Encoder,
    arguments: Mapping[str, Any],
    seed: int,
) -> TrainedModel:
    """Return an encoder with all that is needed to use it again."""
    from neurostudio.training import hash_of_weights

    state = {f"encoder.{k}": v.detach().cpu().numpy() for k, v in network.state_dict().items()}
    config = config_of(experiment, params, "deep", seed) | {
        "arguments": dict(arguments),
        "weights_hash": hash_of_weights(state),
    }
    return TrainedModel(state | shared_weights(experiment), config, "train_decoder")


def linear_model(
    experiment: Experiment, params: TrialParams, fitted: Mapping[str, Ridge], seed: int
) -> TrainedModel:
    """Return ridges with all that is needed to use them again."""
    weights: dict[str, Array] = {}
    for number, name in enumerate(experiment.people):
        each = fitted[name]
        for part in ("weights", "mean", "scale", "offset", "alphas"):
            weights[f"ridge.{number}.{part}"] = np.asarray(getattr(each, part))
    config = config_of(experiment, params, "linear", seed)
    return TrainedModel(weights | shared_weights(experiment), config, "fit_linear_decoder")


def check_model(model: TrainedModel) -> None:
    """Raise where a model is not a decoder of this plugin.

    Raises
    ------
    BadInput
        It was trained by another method.
    """
    if model.config.get("decoder") not in {"deep", "linear"}:
        raise BadInput(
            f"The model was trained by '{model.method}' and decodes no pictures. "
            "Choose one that 'Train decoder' or 'Fit linear decoder' made."
        )


def reading_of(model: TrainedModel) -> TrialParams:
    """Return how the model's training trials were read."""
    return TrialParams.model_validate(dict(model.config["reading"]))


def standard_of(model: TrainedModel) -> Standard:
    """Return the scale of the embeddings."""
    from .experiment import Standard

    return Standard(
        np.asarray(model.weights["feature_mean"]), np.asarray(model.weights["feature_spread"])
    )


def scaled(model: TrainedModel, responses: Responses) -> NDArray[np.float32]:
    """Return trials as the model takes them: its channels in its order, its samples, its scale.

    Raises
    ------
    BadInput
        Channels are missing, or the window differs.
    """
    wanted = list(model.config["channels"])
    missing = [name for name in wanted if name not in responses.channels]
    if missing:
        raise BadInput(
            f"The trials have {len(responses.channels)} channels; the model was trained on {len(wanted)} "
            f"and {', '.join(missing[:3])} {'is' if len(missing) == 1 else 'are'} missing."
        )
    n_times, rate = int(model.config["n_times"]), float(model.config["rate"])
    first = float(model.config["first"])
    same = abs(responses.rate - rate) < 1e-3 * rate and abs(responses.times[0] - first) < 1 / rate
    if responses.signals.shape[-1] != n_times or not same:
        raise BadInput(
            f"The trials have {responses.signals.shape[-1]} samples of {responses.rate:.4g} Hz from "
            f"{responses.times[0]:.3g} s; the model takes {n_times} of {rate:.4g} Hz from {first:.3g} s."
        )
    rows = [responses.channels.index(name) for name in wanted]
    clip = float(model.config["reading"]["clip"])
    scale = Scale(np.asarray(model.weights["median"]), np.asarray(model.weights["spread"]), clip)
    return scale(responses.signals[:, rows])


def network_of(model: TrainedModel) -> Encoder:
    """Return the encoder that a stored model describes, with its weights."""
    import torch

    from .network import Encoder

    network = Encoder(model.config["arguments"], np.asarray(model.weights["places"], float))
    state = {
        name.removeprefix("encoder."): torch.as_tensor(np.array(value))
        for name, value in model.weights.items()
        if name.startswith("encoder.")
    }
    network.load_state_dict(state, strict=True)
    network.eval()
    return network


def ridges_of(model: TrainedModel) -> dict[str, Ridge]:
    """Return the ridge of each subject."""
    from neurostudio.learning.ridge import Ridge

    found = {}
    for number, name in enumerate(model.config["subjects"]):
        part = {k: np.asarray(model.weights[f"ridge.{number}.{k}"]) for k in
                ("weights", "mean", "scale", "offset", "alphas")}  # fmt: skip
        found[str(name)] = Ridge(**part, scores=np.zeros(len(part["offset"])), at_edge=0.0)
    return found


def predictions_of(
    context: Context, model: TrainedModel, signals: NDArray[np.float32], subjects: Sequence[str]
) -> NDArray[np.float64]:
    """Return the embedding (n_trials, n_features) that a stored decoder predicts from scaled trials."""
    if model.config["decoder"] == "linear":
        from .linear import predict_linear

        return predict_linear(ridges_of(model), signals, np.asarray(subjects, dtype=str))
    from .fitting import numbered, predict

    known = [str(each) for each in model.config["subjects"]]
    return predict(context, network_of(model), signals, numbered(subjects, known))
