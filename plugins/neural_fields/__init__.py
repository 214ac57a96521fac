"""Fields of space: intensity, distance, occupancy, density and colour, and what they are asked."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="neural_fields",
    title="Neural fields",
    summary=(
        "Fit continuous fields to volumes, masks, stacks of slices and posed pictures, and ask them "
        "geometric questions."
    ),
    source="Irshad et al., Neural Fields in Robotics: A Survey, arXiv 2410.20220 (2024)",
    methods=(
        "volume_fitting:fit_volume",
        "sampling:sample_field",
        "super_resolving:super_resolve",
        "surface_fitting:fit_surface",
        "slice_locating:locate_slice",
        "trajectory_planning:plan_trajectory",
        "viewing:simulate_views",
        "radiance_fitting:fit_radiance",
        "splat_fitting:fit_splats",
        "rendering:render_view",
        "pose_estimating:estimate_pose",
    ),
    differs=(
        "The survey has no method of its own. Radiance is a voxel grid, not a network of the viewing "
        "direction; Gaussians start at random and have one colour each, without spherical harmonics; rates "
        "fall on a cosine, not exponentially. Stacks are not registered to each other and have one "
        "contrast; a plan takes straight ways, without refining an entry by the gradient."
    ),
    limits=(
        "Fits of pictures were tried on simulated views alone. What no camera saw is invented; a good "
        "picture can have a wrong depth. A hash grid is no compression of a brain at this size, and for a "
        "mask on a grid the distance transform is faster and as good. Super-resolved detail is inferred, "
        "not measured. Planning is a research visual aid, not for clinical use. Paths for CUDA have not "
        "been run."
    ),
)
