"""Which picture was seen, and when: MEG or EEG trials against embeddings of pictures."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="meg_retrieval",
    title="Picture retrieval",
    summary=(
        "Train a decoder from MEG or EEG trials to picture embeddings, find the picture that was seen "
        "in a gallery, and see when it becomes decodable."
    ),
    source=(
        "Benchetrit, Banville & King, Brain decoding: toward real-time reconstruction of visual "
        "perception, ICLR 2024"
    ),
    methods=(
        "simulate:simulate_responses",
        "embed:embed_pictures",
        "method:train_decoder",
        "method:fit_linear_decoder",
        "retrieve:retrieve",
        "course:decode_pictures_over_time",
        "reconstruct:reconstruct_from_trials",
    ),
    differs=(
        "Simulated MEG with planted truth and small picture embeddings by default; the paper: "
        "THINGS-MEG, DINOv2/CLIP/VGG-19 embeddings. The rate falls on a cosine; pictures are "
        "reconstructed by a linear map, not by a diffusion model."
    ),
    limits=(
        "Retrieval in a gallery of known pictures is not mind reading; the accuracy belongs to this "
        "gallery's size."
    ),
)
