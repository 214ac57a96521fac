"""Simulated worms for tests of the dynamic connectome, and what their planted truth is worth."""

import numpy as np

from neurostudio.data import Traces


def traces(values, names=None, rate=2.0, start=0.0, unit="a.u."):
    """Values (n_times, n_neurons) as an animal."""
    import pynapple as nap

    values = np.asarray(values, float)
    names = names or [f"N{k + 1:03d}" for k in range(values.shape[1])]
    times = start + np.arange(len(values)) / rate
    return Traces(nap.TsdFrame(t=times, d=values, columns=names), unit)


def planted(seed, noise, **more):
    """Simulated worms with their truth, and a table of the planted epochs."""
    from neurostudio.plugins.dynamic_connectome import example, simulator

    made = simulator.worms(seed, noise=noise, **more)
    return made, example.as_traces(made), example.as_stimuli(made)


def nmi_of(table, model, made):
    """Mean NMI of communities of the matched components over neurons that are active in the epoch."""
    from neurostudio.plugins.dynamic_connectome.reading import matched_purity, purity
    from sklearn.metrics import normalized_mutual_info_score

    epoch = made.epoch[1:]
    inside = epoch[None] == np.arange(len(made.labels))[:, None]
    found, pure = matched_purity(purity(np.asarray(model.weights["time"]), inside))
    names = [f"N{k + 1:03d}" for k in range(made.labels.shape[1])]
    scores = []
    for component, e in enumerate(found):
        rows = table.frame[table.frame.component == component + 1].set_index("neuron")
        active = [k for k in range(len(names)) if made.labels[e, k] >= 0 and names[k] in rows.index]
        guess = rows.loc[[names[k] for k in active], "community"]
        scores.append(normalized_mutual_info_score(made.labels[e, active], guess))
    return float(np.mean(scores)), pure, found
