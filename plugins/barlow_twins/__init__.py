"""Embeddings without labels: two distorted views of a sample, invariance and decorrelation."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="barlow_twins",
    title="Barlow Twins",
    summary=(
        "Learn an embedding of pictures, windows of signal or volumes without labels, and see how far "
        "a few labels then reach."
    ),
    source=(
        "Zbontar, Jing, Misra, LeCun, Deny, Barlow Twins: Self-Supervised Learning via Redundancy "
        "Reduction, ICML 2021, arXiv 2103.03230"
    ),
    methods=(
        "previewing:preview_views",
        "pretraining:pretrain_pictures",
        "pretraining:pretrain_windows",
        "pretraining:pretrain_volumes",
        "embedding:embed",
        "evaluating:evaluate_embedding",
        "tuning:fine_tune",
    ),
    differs=(
        "Small encoders and AdamW by default; the paper trains a ResNet-50 with LARS for 1,000 epochs "
        "on ImageNet. Windows of signal and volumes, and their distortions, are ours."
    ),
    limits=(
        "A probe ranks embeddings for one question; what the distortions remove cannot be read any "
        "more."
    ),
)
