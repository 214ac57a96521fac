"""The parameters that are declared once and shared by the methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from neurostudio.api import Params, param

SIMULATED = "Simulated data: the score says nothing about real samples."
WARNINGS = {
    "simulated": SIMULATED,
    "collapsed": "The embedding collapsed: its coordinates say the same, or nothing. See the alarm's reason.",
    "no labels": "No labels were given, so nothing says what the embedding is worth.",
    "few labels": "A class has fewer labels than asked for; the probe used as many as there are.",
    "no control": "No null run was made beside the training. Add 'another sample' to the controls.",
    "seen": "The encoder saw the samples of the test part, without their labels, while it was trained.",
}
Control = Literal["another sample", "diagonal only", "off-diagonal only", "no distortions"]


class SampleParams(Params):
    """Which columns hold labels and groups."""

    label: str = param(
        "", "Column with the label, used by probes alone; empty for 'label' where there is one",
        suggest="columns",
    )  # fmt: skip
    split_by: str = param(
        "",
        "Column of the groups (subjects, runs) that never stand on both sides of a split; empty for "
        "'subject' where there is one, else every sample by itself",
        suggest="columns",
    )
    test_column: str = param(
        "", "Column that marks a given test part by 'test', 'true' or 1; empty to draw one",
        suggest="columns", advanced=True,
    )  # fmt: skip
    test_share: float = param(
        0.28, "Share kept apart as the test part, where there are labels", unit="1", ge=0.05, le=0.8,
        advanced=True,
    )  # fmt: skip
    samples_at_most: int = param(
        0, "Samples used at most, drawn at random; 0 for all", ge=0, le=10**7
    )
    key: str = param(
        "participant_id", "Column of the table that names the volumes; volumes only", suggest="columns",
        advanced=True,
    )  # fmt: skip


class PretrainParams(SampleParams):
    """What the three trainings share."""

    projector_width: int = param(
        256, "Width D of each of the three layers of the projector", ge=8, le=16384
    )
    redundancy: float = param(
        0.005, "λ: weight of what is off the diagonal; D (D - 1) terms, so look at both when D changes",
        unit="1", ge=0, le=1,
    )  # fmt: skip
    epochs: int = param(20, "Passes through the samples", ge=1, le=5000)
    batch_size: int = param(
        64, "Samples in a step; for LARS with 128, 256, 512, 1,024, 2,048 try rates of 0.7, 0.4, 0.3, "
        "0.25, 0.2",
        ge=8, le=8192,
    )  # fmt: skip
    optimiser: Literal["adamw", "lars"] = param("adamw", "adamw: small batches; lars: large ones")
    learning_rate: float = param(
        2e-3, "AdamW: the rate; LARS: the rate of weights for a batch of 256", unit="1", gt=0, le=10
    )
    bias_rate: float = param(
        0.0048, "LARS: the rate of biases and batch-norm parameters for a batch of 256", unit="1", gt=0,
        le=1, advanced=True,
    )  # fmt: skip
    weight_decay: float = param(
        1e-4, "Pull of the weights towards 0; never of biases and batch-norm parameters", unit="1", ge=0,
        le=1, advanced=True,
    )  # fmt: skip
    loss_scale: float = param(
        1.0, "Factor on the whole loss, which matters with LARS; 0 for 196 / D", unit="1", ge=0, le=1000,
        advanced=True,
    )  # fmt: skip
    warm_up: int = param(
        0, "Epochs over which the rate rises; it then falls on a cosine to 0.001 of itself, with 0 it "
        "stays", ge=0, le=100, advanced=True,
    )  # fmt: skip
    probe_every: int = param(1, "Epochs between two live probes", ge=1, le=100, advanced=True)
    probe_labels: int = param(5, "Labels a class for the probe", ge=1, le=1000)
    controls: tuple[Control, ...] = param(
        ("another sample",),
        "Trained for as long as the model, as a check. another sample: view B is of another sample (null "
        "run); diagonal only, off-diagonal only: one term of the loss; no distortions: equal views",
    )


class PictureParams(PretrainParams):
    """Parameters of :func:`pretrain_pictures`."""

    encoder: Literal["small", "resnet18", "resnet50", "folder"] = param(
        "small",
        "small: three layers; resnet18, resnet50; folder: goes on from weights of the model folder",
    )
    weights: str = param(
        "resnet50.pth", "File in the folder 'barlow_twins' of the model folder; encoder 'folder' only",
        advanced=True,
    )  # fmt: skip
    picture_size: int = param(
        0, "Pixels a side to which pictures are scaled; 0 for as they are", ge=0, le=512
    )
    distortions: Literal["automatic", "photographs", "small grey"] = param(
        "automatic", "photographs: the paper's crop, flip, colours, blur; small grey: turn, scale, shift, "
        "gain, noise; automatic: by whether there is colour",
    )  # fmt: skip
    crop: float = param(
        0.08, "Smallest share of a photograph's area that is kept; hides position and size", unit="1",
        ge=0.01, le=1, advanced=True,
    )  # fmt: skip
    flip: float = param(0.5, "Probability of left for right; hides handedness", unit="1", ge=0, le=1,
                        advanced=True)  # fmt: skip
    jitter: float = param(0.8, "Probability of other colours; hides colour", unit="1", ge=0, le=1,
                          advanced=True)  # fmt: skip
    grey: float = param(0.2, "Probability of a photograph without colour", unit="1", ge=0, le=1,
                        advanced=True)  # fmt: skip
    blur: float = param(1.0, "Probability of blur in view A, a tenth of it in B; hides fine texture",
                        unit="1", ge=0, le=1, advanced=True)  # fmt: skip
    solarise: float = param(0.2, "Probability of inverted highlights in view B", unit="1", ge=0, le=1,
                            advanced=True)  # fmt: skip
    turn: float = param(0.3, "Largest turn of small grey pictures; hides orientation", unit="rad", ge=0,
                        le=3.2, advanced=True)  # fmt: skip
    shift: float = param(0.2, "Largest shift of small grey pictures, of half their width; hides position",
                         unit="1", ge=0, le=1, advanced=True)  # fmt: skip
    zoom: float = param(0.2, "Largest change of size of small grey pictures; hides size", unit="1", ge=0,
                        le=0.9, advanced=True)  # fmt: skip
    gain: float = param(0.4, "Largest change of contrast of small grey pictures", unit="1", ge=0, le=0.9,
                        advanced=True)  # fmt: skip
    noise: float = param(0.1, "Noise on small grey pictures, of their range", unit="1", ge=0, le=1,
                         advanced=True)  # fmt: skip

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"samples_at_most": 1500, "epochs": 15},
        "Standard": {
            "encoder": "resnet18", "projector_width": 2048, "epochs": 200, "batch_size": 256,
        },
        "Paper": {
            "encoder": "resnet50", "projector_width": 8192, "epochs": 1000, "batch_size": 2048,
            "optimiser": "lars", "learning_rate": 0.2, "bias_rate": 0.0048, "weight_decay": 1.5e-6,
            "loss_scale": 0.024, "warm_up": 10, "picture_size": 224, "distortions": "photographs",
            "controls": (), "probe_every": 10,
        },
    }  # fmt: skip


class WindowParams(PretrainParams):
    """Parameters of :func:`pretrain_windows`."""

    shift: float = param(
        0.1, "Largest shift in time; hides latency, so make it small for evoked responses", unit="s", ge=0,
        le=5, advanced=True,
    )  # fmt: skip
    drop: float = param(0.1, "Probability that a channel is silent", unit="1", ge=0, le=0.9,
                        advanced=True)  # fmt: skip
    band_stop: float = param(0.5, "Probability that a band of 4 Hz is removed; hides narrow rhythms",
                             unit="1", ge=0, le=1, advanced=True)  # fmt: skip
    gain: float = param(0.25, "Largest gain of a window, as a share, or its inverse; hides amplitude",
                        unit="1", ge=0, le=4, advanced=True)  # fmt: skip
    noise: float = param(
        0.1, "White noise, of a channel's spread", unit="1", ge=0, le=2, advanced=True
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"samples_at_most": 1000},
        "Standard": {"epochs": 100, "projector_width": 512, "batch_size": 128},
        "Paper": {
            "epochs": 1000, "projector_width": 8192, "batch_size": 2048, "optimiser": "lars",
            "learning_rate": 0.2, "weight_decay": 1.5e-6, "loss_scale": 0.024, "warm_up": 10,
            "controls": (), "probe_every": 10,
        },
    }  # fmt: skip


class VolumeParams(PretrainParams):
    """Parameters of :func:`pretrain_volumes`."""

    edge: int = param(
        32, "Voxels a side of the cube to which each volume is averaged", ge=8, le=192
    )
    cutout: float = param(0.5, "Probability of an empty cube of 0.3 of the edge", unit="1", ge=0, le=1,
                          advanced=True)  # fmt: skip
    gain: float = param(0.1, "Largest change of contrast", unit="1", ge=0, le=0.9, advanced=True)
    bias_field: float = param(0.15, "Largest slow change of brightness over the volume", unit="1", ge=0,
                              le=0.9, advanced=True)  # fmt: skip
    flip: float = param(0.0, "Probability of left for right; anatomy is not symmetric", unit="1", ge=0,
                        le=1, advanced=True)  # fmt: skip
    noise: float = param(0.05, "Noise, of the volume's spread", unit="1", ge=0, le=2, advanced=True)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"edge": 24, "batch_size": 16},
        "Standard": {"edge": 64, "epochs": 200, "projector_width": 512},
        "Paper": {
            "edge": 96, "epochs": 1000, "projector_width": 8192, "batch_size": 2048,
            "optimiser": "lars", "learning_rate": 0.2, "weight_decay": 1.5e-6, "loss_scale": 0.024,
            "warm_up": 10, "controls": (), "probe_every": 10,
        },
    }  # fmt: skip
