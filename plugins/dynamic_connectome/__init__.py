"""Motifs of co-change in traces of named neurons: when, in which animals, between whom."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="dynamic_connectome",
    title="Dynamic functional connectome",
    summary=(
        "Affinities of neurons over time and animals, split into non-negative motifs, each with its "
        "communities: an atlas beside shifted and shuffled controls."
    ),
    source=(
        "Dyballa, Lang, Haslund-Gourley, Yemini & Zucker, Learning dynamic representations of the functional "
        "connectome in neurobiological networks, ICLR 2024, arXiv 2402.14102"
    ),
    methods=(
        "atlas:motif_atlas",
        "showing:differential_affinity",
        "factorising:factorise_affinities",
        "ranking:choose_rank",
        "communities:find_communities",
        "anatomy:compare_with_anatomy",
        "simulating:simulate_worms",
    ),
    draws={"MotifAtlas": "panel:draw_atlas"},
    differs=(
        "Our form of the affinity (the published formula could not be verified); Leiden instead of the "
        "nested block model unless graph-tool is installed."
    ),
    limits=(
        "Components are motifs of co-change, not connections and not causes; with one animal the animal "
        "profile has no meaning, and the result gives hypotheses only. Agreement of random starts is no "
        "evidence of structure. Pairs of neurons are not independent; controls work on whole traces."
    ),
)
