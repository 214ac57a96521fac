"""Embeddings of brain MRI and of regional measures, learnt from age and anatomy."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="anatcl",
    title="Anatomical embeddings",
    summary=(
        "Train an encoder in which people of similar age and similar regional anatomy lie close, "
        "and see what can be read from it: age, anatomy, and the scanner site that should not be there."
    ),
    source="Anatomical foundation models for brain MRIs (AnatCL), Barbano et al.",
    methods=(
        "training_volumes:train_on_volumes",
        "training_tables:train_on_tables",
        "embedding:embed_anatomy",
        "probing:probe_embedding",
        "ages:brain_age",
        "neighbours:find_neighbours",
        "explaining:explain_embedding",
        "simulate:simulate_cohort",
    ),
    differs=(
        "Similarities are computed on z-scored descriptors and clamped at zero (the paper's formula was "
        "not seen); small encoder and images standardised one by one by default; the paper trains "
        "a 3-D ResNet-18 on OpenBHB."
    ),
    limits=(
        "The site becomes less prominent, it does not vanish: a tuned probe reads it as before. "
        "A brain-age gap is not a diagnosis."
    ),
)
