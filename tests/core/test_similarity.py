"""Likeness of layers: E6 of the acceptance."""

import numpy as np
import pytest

from neurostudio.learning.similarity import linear_cka

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(50, 8), (20, 60)])
def test_a_layer_is_like_itself_and_like_its_rotation(shape):
    x = RANDOM.standard_normal(shape)
    q, _ = np.linalg.qr(RANDOM.standard_normal((shape[1], shape[1])))
    assert linear_cka(x, x) == pytest.approx(1)
    assert linear_cka(x, 3 * x @ q) == pytest.approx(1)


def test_independent_layers_are_unlike():
    x, y = RANDOM.standard_normal((2000, 20)), RANDOM.standard_normal((2000, 30))
    assert linear_cka(x, y) < 0.15


def test_both_ways_of_computing_agree():
    x, y = RANDOM.standard_normal((30, 10)), RANDOM.standard_normal((30, 20))
    wide = np.hstack([x, np.zeros((30, 40))])
    assert linear_cka(wide, y) == pytest.approx(linear_cka(x, y))
