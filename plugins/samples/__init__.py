"""Sample data and templates from installed packages."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="samples",
    title="Samples",
    summary="Templates and sample data that installed packages ship; nothing is downloaded.",
    source=(
        "Fonov et al., NeuroImage 2011 (MNI152); Fischl et al., NeuroImage 1999 (fsaverage); Oostenveld & "
        "Praamstra, Clin. Neurophysiol. 2001 (10-05 system); Cook et al., Nature 2019 (C. elegans)"
    ),
    methods=(
        "brains:sample_mni152",
        "brains:sample_fsaverage",
        "worm:sample_worm_connectome",
        "sensors:sample_montage",
    ),
    differs=(
        "Voxels of MNI152 are rescaled and resampled by nilearn; inflated and spherical hemispheres of "
        "fsaverage are moved apart."
    ),
    limits="A template is an average of many people: no single brain looks like it.",
)
