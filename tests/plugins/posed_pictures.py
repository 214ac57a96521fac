"""Views of the analytic body and short fits to them, which the tests of posed pictures share."""

from importlib import import_module

import numpy as np

from neurostudio.testing import ListContext

BASE = "neurostudio.plugins.neural_fields"
SMALL = {"coarse": 20, "fine": 0, "fine_steps": 0, "coarse_steps": 150, "rays": 512, "samples": 40}
FEW = {"gaussians": 150, "steps": 200, "rounds": 2}


def part(name):
    return import_module(f"{BASE}.{name}")


def simulate(seed=0, surface=None, **params):
    viewing = part("viewing")
    return viewing.simulate_views(
        ListContext(seed=seed), viewing.ViewParams(**params), surface=surface
    )


def fit(framework, pictures, context=None, **params):
    shared, module = part("camera_params"), part(f"{framework}_fitting")
    which = {"radiance": ("RadianceParams", SMALL), "splat": ("SplatParams", FEW)}[framework]
    method = module.fit_radiance if framework == "radiance" else module.fit_splats
    given = {"convention": "OpenCV", "control": False, **which[1], **params}
    return method(context or ListContext(), getattr(shared, which[0])(**given), pictures=pictures)


def one_camera(size=5, place=(0.0, -10.0, 0.0)):
    cameras = part("cameras")
    poses = cameras.look_at(np.array([place]), np.zeros(3))
    bounds = np.array([[-1.0] * 3, [1.0] * 3])
    return cameras.Cameras(cameras.pinhole(size, 40.0)[None], poses, bounds, (size, size))


def splats(n=40):
    import torch

    field = part("splats").Splats(n, [0, 0, 0], 1.0)
    generator = torch.Generator().manual_seed(0)
    field.scatter(generator)
    with torch.no_grad():
        field.opacities.normal_(1.0, generator=generator)
        field.colours.normal_(generator=generator)
        field.turns.normal_(generator=generator)
    return field
