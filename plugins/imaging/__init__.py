"""From images of brains to maps, regions and surfaces."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="imaging",
    title="Brain imaging",
    summary="Prepares volumes; finds activation, networks and patterns in series of images.",
    source=(
        "nilearn: Abraham et al., Machine learning for neuroimaging with scikit-learn, "
        "Front. Neuroinform. 2014; Haxby et al., Distributed and overlapping representations of faces "
        "and objects in ventral temporal cortex, Science 2001; Kriegeskorte et al., "
        "Information-based functional brain mapping, PNAS 2006"
    ),
    methods=(
        "preparing:resample_volume",
        "preparing:smooth_volume",
        "masking:mask_volume",
        "masking:apply_mask",
        "declaring:set_space",
        "glm:first_level_glm",
        "parcelling:parcellate",
        "coupling:functional_connectivity",
        "seeding:seed_map",
        "surfacing:volume_to_surface",
        "decoding:decode_runs",
        "searchlight:searchlight",
    ),
    differs=(
        "Design matrices, noise models, masks and the way to the surface are nilearn's. Thresholds of "
        "correlations and of the searchlight come from surrogates of the data at hand, the largest of "
        "all against the largest. The searchlight's classifier is a linear discriminant with a diagonal "
        "covariance, so that every sphere is a sum over voxels. fsaverage is brought from MNI305 to MNI152 "
        "by FreeSurfer's linear map before a volume is sampled."
    ),
    limits=(
        "Nothing here brings a person's brain into a template's space: do that first. One person's "
        "maps say nothing of other people. That a region's pattern tells conditions apart does not "
        "mean that the brain uses it. Correlated series need not be connected."
    ),
)
