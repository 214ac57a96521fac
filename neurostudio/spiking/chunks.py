"""Compiled loops over many steps for networks of one law with excitatory and inhibitory conductances.

All take the same record: ``spikes`` and ``steps`` (capacity,) say who spiked and at which step of the call;
``kept`` (n_samples, n_recorded) takes the potential. A call ends early where fewer places than neurons are
left; ``offset`` steps were done before it. All return ``n_spikes, slot, steps done, samples kept``.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def leaky_chunk(
    v,
    g_e,
    g_i,
    left,
    arrivals,
    now,
    starts,
    targets,
    constants,
    n_excitatory,
    refractory,
    delay,
    n_steps,
    spikes,
    steps,
    recorded,
    record_every,
    kept,
    offset,
):
    """Advance leaky neurons with excitatory and inhibitory exponential synapses by ``n_steps``.

    One pass over all neurons without branches, one scan for the threshold, one delivery for each spike.
    ``exp(-2x)`` is ``(1 - x) / (1 + x)``, whose error stays below 1e-4 for ``2x < 0.1``.

    Parameters
    ----------
    v, g_e, g_i : arrays of shape (n,)
    left : array of shape (n,), int32
        Steps of refractoriness left.
    arrivals : array of shape (n_slots, 2, n)
        Ring buffer: what arrives, excitatory and inhibitory.
    now
        Slot of the present step.
    constants : array of shape (11,)
        Decay of g_e, decay of g_i, dt/(2 tau), rest + drive, E_e, E_i, threshold, reset, w_e, w_i, and 1 for
        conductances, 0 for currents.
    """
    n = v.size
    n_slots = arrivals.shape[0]
    decay_e, decay_i, half, rest = constants[0], constants[1], constants[2], constants[3]
    e_e, e_i, threshold, reset = constants[4], constants[5], constants[6], constants[7]
    w_e, w_i, conducting = constants[8], constants[9], constants[10]
    count, samples, done = 0, 0, 0
    one = half / half
    zero = one - one
    pull_e = conducting * e_e + (one - conducting)
    pull_i = conducting * e_i + (one - conducting)
    for step in range(n_steps):
        if count + n > spikes.size:
            break
        in_e, in_i = arrivals[now, 0], arrivals[now, 1]
        # each loop touches few arrays: with more, the compiler gives up on vector instructions
        for i in range(n):
            g_e[i] = g_e[i] * decay_e + in_e[i]
            in_e[i] = zero
        for i in range(n):
            g_i[i] = g_i[i] * decay_i + in_i[i]
            in_i[i] = zero
        for i in range(n):
            ge, gi = g_e[i], g_i[i]
            total = one + conducting * (ge + gi)
            x = half * total
            x = x if x < one else one
            far = (rest + ge * pull_e + gi * pull_i) / total
            after = far + (v[i] - far) * (one - x) / (one + x)
            v[i] = after if left[i] <= 0 else v[i]
        for i in range(n):
            left[i] -= left[i] > 0
        slot = (now + delay) % n_slots
        out_e, out_i = arrivals[slot, 0], arrivals[slot, 1]
        for i in range(n):
            if v[i] >= threshold:
                v[i] = reset
                left[i] = refractory
                spikes[count] = i
                steps[count] = step
                count += 1
                if i < n_excitatory:
                    for s in range(starts[i], starts[i + 1]):
                        out_e[targets[s]] += w_e
                else:
                    for s in range(starts[i], starts[i + 1]):
                        out_i[targets[s]] += w_i
        if (offset + step + 1) % record_every == 0:
            for k in range(recorded.size):
                kept[samples, k] = v[recorded[k]]
            samples += 1
        now = (now + 1) % n_slots
        done += 1
    return count, now, done, samples


def gate_tables(  # the rates cost seven exponentials a neuron and step; a table costs two reads
    low=-120.0, high=80.0, width=0.05, shift=-63.0, dt=0.1, dtype=np.float32
):
    """Return decay and far value of m, h, n over one step at each potential, shape (n_potentials, 6).

    Rates of Traub and Miles as in :mod:`neurostudio.spiking.biophysical`; read with straight lines in
    between, the error stays below 1e-4.
    """
    from neurostudio.spiking.biophysical import rise

    u = np.arange(low, high + width, width) - shift
    rates = (
        (0.32 * rise(u - 13.0, 4.0), 0.28 * rise(40.0 - u, 5.0)),
        (0.128 * np.exp((17.0 - u) / 18.0), 4.0 / (1.0 + np.exp((40.0 - u) / 5.0))),
        (0.032 * rise(u - 15.0, 5.0), 0.5 * np.exp((10.0 - u) / 40.0)),
    )
    columns = []
    for opening, closing in rates:
        columns += [np.exp(-dt * (opening + closing)), opening / (opening + closing)]
    return np.ascontiguousarray(np.stack(columns, axis=1), dtype)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def traub_chunk(
    state,
    g_e,
    g_i,
    arrivals,
    now,
    starts,
    targets,
    tables,
    constants,
    n_excitatory,
    delay,
    n_steps,
    spikes,
    steps,
    recorded,
    record_every,
    kept,
    offset,
):
    """Advance Hodgkin-Huxley neurons (Traub and Miles' rates) by ``n_steps``.

    Parameters
    ----------
    state : array of shape (4, n)
        V, m, h, n.
    tables : array of shape (n_potentials, 6)
        Of :func:`gate_tables` from -120 mV in steps of 0.05 mV.
    constants : array of shape (15,)
        Decay of g_e, decay of g_i, dt / capacity, drive, E_e, E_i, threshold, w_e, w_i, g_leak, E_leak, g_na,
        E_na, g_k, E_k.
    """
    v, gate_m, gate_h, gate_n = state[0], state[1], state[2], state[3]
    n = v.size
    n_slots = arrivals.shape[0]
    last = tables.shape[0] - 2
    count, samples, done = 0, 0, 0
    for step in range(n_steps):
        if count + n > spikes.size:
            break
        in_e, in_i = arrivals[now, 0], arrivals[now, 1]
        slot = (now + delay) % n_slots
        first = count
        for i in range(n):
            ge = g_e[i] * constants[0] + in_e[i]
            gi = g_i[i] * constants[1] + in_i[i]
            g_e[i] = ge
            g_i[i] = gi
            before = v[i]
            at = (before + np.float32(120.0)) * np.float32(20.0)
            row = min(max(int(at), 0), last)
            part = at - row
            m, h, k = gate_m[i], gate_h[i], gate_n[i]
            sodium = constants[11] * m * m * m * h
            potassium = constants[13] * k * k * k * k
            total = constants[9] + sodium + potassium + ge + gi
            push = (
                constants[3]
                + constants[9] * constants[10]
                + sodium * constants[12]
                + potassium * constants[14]
                + ge * constants[4]
                + gi * constants[5]
            )
            far = push / total
            after = far + (before - far) * np.exp(-constants[2] * total)
            v[i] = after
            far_m = tables[row, 1] + part * (tables[row + 1, 1] - tables[row, 1])
            far_h = tables[row, 3] + part * (tables[row + 1, 3] - tables[row, 3])
            far_n = tables[row, 5] + part * (tables[row + 1, 5] - tables[row, 5])
            gate_m[i] = far_m + (m - far_m) * (
                tables[row, 0] + part * (tables[row + 1, 0] - tables[row, 0])
            )
            gate_h[i] = far_h + (h - far_h) * (
                tables[row, 2] + part * (tables[row + 1, 2] - tables[row, 2])
            )
            gate_n[i] = far_n + (k - far_n) * (
                tables[row, 4] + part * (tables[row + 1, 4] - tables[row, 4])
            )
            if after >= constants[6] and before < constants[6]:
                spikes[count] = i
                steps[count] = step
                count += 1
        arrivals[now] = 0
        for f in range(first, count):
            i = spikes[f]
            kind = 0 if i < n_excitatory else 1
            weight = constants[7] if i < n_excitatory else constants[8]
            out = arrivals[slot, kind]
            for s in range(starts[i], starts[i + 1]):
                out[targets[s]] += weight
        if (offset + step + 1) % record_every == 0:
            for k in range(recorded.size):
                kept[samples, k] = v[recorded[k]]
            samples += 1
        now = (now + 1) % n_slots
        done += 1
    return count, now, done, samples
