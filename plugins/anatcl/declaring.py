"""The parameters that both trainings share, with their presets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from neurostudio.api import BadInput, param

from .people import Anatomy, PeopleParams

if TYPE_CHECKING:
    from collections.abc import Mapping


class TrainingParams(PeopleParams):
    """Parameters of both trainings."""

    loss: Literal["anatomy and age", "anatomy", "age", "threshold", "exponential", "simclr"] = (
        param(
            "anatomy and age",
            "What draws people together: regional anatomy, age (y-aware), both; threshold and exponential "
            "repel similar ages less; simclr: only the two views of one person",
        )
    )
    anatomy: Literal["local", "global"] = param(
        "local",
        "local: the measures of each region are compared; global: each measure over the brain",
    )
    age_weight: float = param(1.0, "Weight of the age term", unit="1", ge=0, le=100, advanced=True)
    anatomy_weight: float = param(
        1.0, "Weight of the anatomy term", unit="1", ge=0, le=100, advanced=True
    )
    age_width: float = param(
        2.0,
        "How near in age people must be to attract each other; about 5 for small batches",
        unit="years",
        ge=0.1,
        le=50,
    )
    kernel: Literal["gaussian", "rbf", "cauchy"] = param(
        "gaussian", "How attraction falls with the distance in age", advanced=True
    )
    temperature: float = param(
        0.1, "By which similarities are divided", unit="1", ge=0.01, le=10, advanced=True
    )
    epochs: int = param(20, "Passes through the people", ge=1, le=2000)
    batch_size: int = param(90, "People in one update, two views each", ge=4, le=2048)
    learning_rate: float = param(1e-3, "Size of a step", unit="1", gt=0, le=1)
    weight_decay: float = param(
        5e-5, "Pull of the weights towards 0", unit="1", ge=0, le=1, advanced=True
    )
    folds: int = param(5, "Parts of the people that take turns as the test part", ge=2, le=50)
    leave_out: str = param(
        "", "Column whose values take turns as the test part, such as the site; empty for folds",
        suggest="columns",
    )  # fmt: skip
    group: str = param(
        "", "Column of what must not be parted, such as the family; empty for single people",
        suggest="columns", advanced=True,
    )  # fmt: skip
    pattern: str = param(
        "",
        "How columns of regional measures are called, such as {measure}:{region}; empty to find out",
        advanced=True,
    )
    null_run: bool = param(
        True, "Train once more on ages and anatomy of other people: it must fail", advanced=True
    )

    def anatomy_settings(self) -> Anatomy:
        """Return the settings of the loss."""
        return Anatomy(
            self.loss, self.anatomy, self.age_weight, self.anatomy_weight, self.age_width,
            self.kernel, self.temperature,
        )  # fmt: skip


class VolumeParams(TrainingParams):
    """Parameters of :func:`train_on_volumes`."""

    encoder: Literal["small", "resnet18", "folder"] = param(
        "small",
        "small: four convolutions; resnet18: the paper's; folder: the paper's, from released weights in "
        "the model folder",
    )
    size: int = param(48, "Voxels along each edge after resampling; 0 keeps the grid", ge=0, le=160)
    scaling: Literal["image", "none"] = param(
        "image",
        "Bring each image to mean 0 and spread 1, or leave the values as they are",
        advanced=True,
    )
    cutout: float = param(
        0.3,
        "Edge of the cube that is blanked in half of the views, as a part of the image's",
        unit="1",
        ge=0,
        le=1,
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"size": 24, "epochs": 5, "folds": 2, "age_width": 5.0},
        "Standard": {"epochs": 100},
        "Paper": {
            "encoder": "resnet18", "size": 0, "epochs": 300, "batch_size": 32,
            "learning_rate": 1e-4, "cutout": 0.26,
        },
    }  # fmt: skip


class TableParams(TrainingParams):
    """Parameters of :func:`train_on_tables`."""

    features: Literal["regions", "every number"] = param(
        "regions", "What the encoder sees: the regional measures, or every column of numbers"
    )
    without: tuple[str, ...] = param(
        (), "Columns that the encoder must not see, such as an image-quality number",
        suggest="columns", advanced=True,
    )  # fmt: skip
    noise: float = param(
        0.1, "Noise added to each view, in standard deviations", unit="1", ge=0, le=5, advanced=True
    )
    dropped: float = param(
        0.2, "Share of columns hidden in each view", unit="1", ge=0, le=0.9, advanced=True
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"epochs": 5, "folds": 3, "age_width": 5.0},
        "Standard": {"epochs": 50, "age_width": 5.0},
        "Paper": {"epochs": 300, "batch_size": 32, "learning_rate": 1e-4, "leave_out": "site"},
    }


def refuse_useless(params: TrainingParams) -> None:
    """Raise where both terms of the loss have no weight.

    Raises
    ------
    BadInput
        Nothing would be learnt.
    """
    if params.loss == "anatomy and age" and not params.age_weight + params.anatomy_weight:
        raise BadInput("The weights of age and of anatomy are both 0. Give one of them a weight.")
