"""The twelve kinds of data."""

from neurostudio.data.base import Data, Fact
from neurostudio.data.connectome import Connectome
from neurostudio.data.images import ImageStack
from neurostudio.data.model import TrainedModel
from neurostudio.data.points import Points
from neurostudio.data.recording import Recording
from neurostudio.data.spikes import SpikeTrains
from neurostudio.data.surface import Surface
from neurostudio.data.table import Table
from neurostudio.data.text import Text
from neurostudio.data.traces import Traces
from neurostudio.data.trials import Trials
from neurostudio.data.volume import Volume

KINDS: dict[str, type[Data]] = {
    kind.__name__: kind
    for kind in (
        Recording,
        Trials,
        SpikeTrains,
        Traces,
        Volume,
        Surface,
        ImageStack,
        Connectome,
        Points,
        Table,
        Text,
        TrainedModel,
    )
}

__all__ = [
    "KINDS",
    "Connectome",
    "Data",
    "Fact",
    "ImageStack",
    "Points",
    "Recording",
    "SpikeTrains",
    "Surface",
    "Table",
    "Text",
    "Traces",
    "TrainedModel",
    "Trials",
    "Volume",
]
