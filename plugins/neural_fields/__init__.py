"""Fields of space: intensity, distance, density and colour, Gaussians; paths and poses in them."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="neural_fields",
    title="Neural fields",
    summary=(
        "Fit continuous fields to volumes, masks, points and posed pictures, and ask them geometric "
        "questions."
    ),
    source="Irshad et al., Neural Fields in Robotics: A Survey, arXiv 2410.20220 (2024)",
    methods=(
        "volume_fitting:fit_volume",
        "sampling:sample_field",
        "surface_fitting:fit_surface",
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
        "fall on a cosine. Super-resolution from several stacks and the pose of a slice are not there yet."
    ),
    limits=(
        "Radiance and Gaussians were tried on simulated views alone. What no camera saw is invented; a good "
        "picture can have a wrong depth. Between voxels a field is hardly nearer to the truth than cubic "
        "interpolation. For a mask on a grid, distance transform and marching cubes are faster. Paths for "
        "CUDA have not been run."
    ),
)
