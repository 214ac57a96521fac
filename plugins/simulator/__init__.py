"""Networks of neurons and of regions: built, run, timed, trained and analysed."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="simulator",
    title="Brain simulator",
    summary=(
        "Build networks of spiking neurons or regions, run them live, train them, and see their fixed "
        "points, nullclines and bifurcations."
    ),
    source=(
        "Wang and others, A differentiable brain simulator bridging brain simulation and brain-inspired "
        "computing, ICLR 2024, arXiv 2311.05106"
    ),
    methods=(
        "simulating:simulate_network",
        "one_neuron:simulate_neuron",
        "one_neuron:frequency_current_curve",
        "planes:phase_plane",
        "bifurcations:bifurcation",
        "learning:train_spiking_network",
        "learning:fit_network",
        "reservoir:train_reservoir",
        "learning:run_trained_network",
        "learning:find_slow_points",
        "learning:check_gradients",
        "exporting:export_network",
        "timing:time_simulators",
        "operating:time_operators",
        "regions:simulate_regions",
    ),
    differs=(
        "Compiled kernels simulate and a torch twin trains; rate models that are empty in BrainPy 2.8.2 "
        "work here; recurrent weights are signed by the sender."
    ),
    limits=(
        "A simulation shows what its equations do, not what a brain does; a wall time holds for this "
        "machine, these versions and this firing rate."
    ),
)
