"""Calcium traces: maps sorted by what they share, and who goes with whom."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="calcium",
    title="Calcium traces",
    summary="Detrended, ΔF/F and z-scored traces as a sorted map and a stack; correlations of neurons.",
    source="Kato et al., Global brain dynamics embed the motor command sequence of C. elegans, Cell 2015",
    methods=(
        "scaling:scale_traces",
        "mapping:trace_map",
        "correlating:trace_correlations",
    ),
    differs="Baselines are a running percentile; rows are sorted by SciPy's optimal leaf order.",
    limits=(
        "Slow indicators and slow drifts correlate by themselves; look at the control with shifted "
        "traces before a correlation is called a connection."
    ),
)
