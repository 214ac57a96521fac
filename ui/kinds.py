"""How each kind of data is called and pictured."""

from __future__ import annotations

ICONS = {
    "Recording": "recording",
    "Trials": "trials",
    "SpikeTrains": "spikes",
    "Traces": "traces",
    "Volume": "volume",
    "Surface": "surface",
    "ImageStack": "images",
    "Connectome": "connectome",
    "Points": "points",
    "Table": "table",
    "Text": "text",
    "TrainedModel": "model",
}
