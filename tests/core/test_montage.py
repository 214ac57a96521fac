"""Electrodes: one name and one place, whatever the file calls them."""

import numpy as np
import pytest

from neurostudio.montage import match, normalised, seen_from_above


@pytest.mark.parametrize(
    ("given", "expected"),
    [("Fc5.", "FC5"), ("EEG T3-REF", "T7"), ("EEG FP1-LE", "FP1"), ("t6", "P8"), ("C3..", "C3")],
)
def test_names_lose_what_files_add(given, expected):
    assert normalised(given) == expected


def test_wanted_channels_are_found_under_other_spellings():
    assert match(["Fp1", "T7", "Oz"], ["FP1.", "EEG T3-REF"]) == {"Fp1": "FP1.", "T7": "EEG T3-REF"}


def test_the_vertex_is_the_centre_and_the_ears_are_on_the_circle():
    places = np.array([[0, 0, 0.1], [0.08, 0, 0], [0, 0.09, 0.0]])
    np.testing.assert_allclose(seen_from_above(places), [[0, 0], [1, 0], [0, 1]], atol=1e-12)
