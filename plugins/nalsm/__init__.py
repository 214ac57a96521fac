"""A liquid of spiking neurons that an astrocyte keeps from running away."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="nalsm",
    title="Neuron-astrocyte liquid",
    summary=(
        "Grow a random spiking network, let it organise itself under an astrocyte, and read from it what "
        "was shown; beside liquids with fixed weights, plain and activity-dependent plasticity."
    ),
    source=(
        "Ivanov and Michmizos, Increasing Liquid State Machine Performance with Edge-of-Chaos Dynamics "
        "Organized by Astrocyte-modulated Plasticity, NeurIPS 2021, arXiv 2111.01760"
    ),
    methods=(
        "building:build_liquid",
        "eventful:simulate_events",
        "organising:self_organise",
        "training:train_liquid_readout",
        "comparing:compare_liquids",
        "sweeping:sweep_liquids",
        "gauging:measure_liquid",
        "classifying:classify_with_liquid",
    ),
    differs=(
        "512 neurons, 500 initial images of 20 ms, 150 ms presentation with frozen weights and logistic "
        "regression by default; the paper: 1,000 to 8,000 neurons, 50,000 images, 250 ms with plastic "
        "weights, a linear layer trained for up to 5,000 passes. Images are scaled by the training part "
        "alone, traces start at 0 for every image."
    ),
    limits=(
        "At this size a tuned fixed liquid is as good; branching near 1 is the paper's claim, read the "
        "measured value. Rates of hundreds of Hz are of the model, not of a brain; spikes of excitatory and "
        "inhibitory neurons are counted together, as in the paper."
    ),
)
