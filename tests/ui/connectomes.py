"""A connectome of six neurons, of one time or several."""

import numpy as np
import xarray

from neurostudio.data import Connectome

NAMES = ("VA2", "VA10", "AVAL", "DVA", "PVCL", "ASEL")


def connectome(weights=None, *, times=None, **attrs):
    if weights is None:
        weights = np.zeros((6, 6))
        weights[0, 1], weights[1, 2], weights[2, 0], weights[4, 5], weights[5, 4] = 5, 4, 3, 2, 1
    dims = ("time", "source", "target") if times is not None else ("source", "target")
    coords = {
        "source": list(NAMES),
        "target": list(NAMES),
        "type": ("source", ["motor", "motor", "inter", "inter", "inter", "sensory"]),
        "x": ("source", np.arange(6.0)),
        "y": ("source", np.arange(6.0) * 10),
        "z": ("source", np.zeros(6)),
    }
    if times is not None:
        coords["time"] = times
    made = xarray.DataArray(np.asarray(weights, float), dims=dims, coords=coords)
    made.attrs |= {"unit": "synapses"} | attrs
    return Connectome(made)
