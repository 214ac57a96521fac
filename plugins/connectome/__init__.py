"""Connectomes as graphs: measures, communities, rich clubs, small worlds, comparisons."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="connectome",
    title="Connectomes as graphs",
    summary=(
        "Measures graphs, finds communities and rich clubs, compares connectomes: each beside "
        "graphs of the same degrees that are rewired at random."
    ),
    source=(
        "Rubinov & Sporns, Complex network measures of brain connectivity, NeuroImage 2010; "
        "Maslov & Sneppen, Specificity and stability in topology of protein networks, Science 2002"
    ),
    methods=(
        "measuring:graph_measures",
        "grouping:communities",
        "rich:rich_club",
        "small:small_world",
        "comparing:compare_connectomes",
        "thresholding:threshold_connectome",
    ),
    differs=(
        "Clustering of weighted graphs is Onnela's, of directed ones Fagiolo's; lengths are 1 / weight. "
        "Communities are Leiden's, without leidenalg Louvain's."
    ),
    limits=(
        "A graph with more structure than its rewired copies is not thereby efficient or adaptive. Degrees "
        "of correlation matrices come with their threshold, and clustering comes with correlation itself."
    ),
)
