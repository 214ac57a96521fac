"""Connections that become rare with distance, drawn block by block; units of one spike that read back."""

from __future__ import annotations

import numpy as np
import pynapple as nap

from neurostudio.data import SpikeTrains
from neurostudio.spiking import wiring


def test_blocks_of_senders_draw_what_one_block_draws(monkeypatch):
    places = np.random.default_rng(0).uniform(0, 6, (70, 3))
    peak = np.random.default_rng(1).random((70, 70))
    whole = wiring.by_distance(places, places, peak, 3.0, np.random.default_rng(2))
    monkeypatch.setattr(wiring, "BLOCK", 70 * 9)
    parts = wiring.by_distance(places, places, peak, 3.0, np.random.default_rng(2))
    np.testing.assert_array_equal(whole.starts, parts.starts)
    np.testing.assert_array_equal(whole.targets, parts.targets)
    assert whole.n_synapses > 300
    assert (parts.sources() != parts.targets).all()


def test_a_unit_of_one_spike_is_saved_and_read_back(tmp_path):
    support = nap.IntervalSet(0, 2)
    units = nap.TsGroup({0: nap.Ts([0.5], time_support=support), 1: nap.Ts([0.1, 1.5], time_support=support)},
                        time_support=support)  # fmt: skip
    SpikeTrains(units).save(tmp_path)
    found = SpikeTrains.load(tmp_path).units
    assert [found[key].t.tolist() for key in (0, 1)] == [[0.5], [0.1, 1.5]]
    assert found.time_support.end[-1] == 2
