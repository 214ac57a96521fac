"""A content-addressable memory of spiking neurons after CA3: learn, recall, forget."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="ca3_memory",
    title="Hippocampal memory (CA3)",
    summary=(
        "Learn pairs of a cue and a pattern in ten populations of spiking neurons, recall by either, forget."
    ),
    source=(
        "Casanueva-Morato and others, Bio-inspired computational memory model of the Hippocampus, Neural "
        "Networks 2024, arXiv 2310.05868"
    ),
    methods=(
        "programming:run_memory_program",
        "one_operation:learn_pattern",
        "one_operation:recall_pattern",
        "assemblies:memories_from_assemblies",
        "pictures:memories_from_images",
        "votes:recall_by_votes",
        "capacity:memory_capacity",
        "windows:stdp_window",
    ),
    differs=(
        "The robust preset changes three plasticity constants; best match by votes is not in the paper; "
        "exact floating point instead of SpiNNaker's fixed point."
    ),
    limits=(
        "Content recall is an OR, not a best match; nothing here is a statement about recorded CA3 or about "
        "hardware energy."
    ),
)
