"""Stopping, resuming and light imports of the methods on volumes, surfaces and plans (N10)."""

import subprocess
import sys
import time

import numpy as np
import pytest

from neurostudio.api import Cancelled
from neurostudio.registry import discover, find
from neurostudio.testing import ListContext, names_of
from tests.plugins.calling import call
from tests.plugins.stopping import StopAt

pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")
pytest.importorskip("skimage")

SHORT = {
    "fit_volume": {"steps": 20, "batch": 8192, "entries": 15, "control": True},
    "fit_surface": {"steps": 50, "batch": 4096, "entries": 14},
    "super_resolve": {"steps": 20, "batch": 8192},
    "locate_slice": {"steps": 10, "starts": 2},
    "plan_trajectory": {"candidates": 20_000},
}


def run(name, stop, folder=None, **more):
    example = discover().example(name)
    context = ListContext(stopped=stop, names=names_of(example))
    if folder is not None:
        context.folder = folder
    given = {**example.params, **SHORT[name], **more, **example.items}
    return call(name, context, **given), context


@pytest.mark.parametrize("name", SHORT)
def test_a_method_stops_within_two_seconds_at_its_start_middle_and_end(name):
    counted = StopAt()
    run(name, counted)
    assert counted.asked > 2
    for after in (1, counted.asked // 2, counted.asked):
        stop = StopAt(after)
        with pytest.raises(Cancelled):
            run(name, stop)
        assert time.perf_counter() - stop.at < 2


@pytest.mark.parametrize("name", ["fit_volume", "fit_surface", "super_resolve"])
def test_a_stopped_fit_goes_on_where_it_was(name, tmp_path):
    (tmp_path / "checkpoints").mkdir()
    more = {"steps": 100, "batch": 1024} | ({} if name == "fit_surface" else {"control": False})
    whole, _ = run(name, StopAt(), **more)
    with pytest.raises(Cancelled):
        run(name, StopAt(70), tmp_path, **more)
    assert list((tmp_path / "checkpoints").glob("*.safetensors"))
    again, context = run(name, StopAt(), tmp_path, **more)
    assert len(context.of_kind("metrics")) == 1  # the second half alone
    for key, values in whole["model"].weights.items():
        np.testing.assert_allclose(again["model"].weights[key], values, rtol=1e-2, atol=1e-3)


def test_without_cuda_no_library_for_cuda_is_imported():
    code = (
        "import sys\n"
        "from neurostudio.registry import find\n"
        "from neurostudio.testing import try_it\n"
        "try_it(find('fit_volume')), try_it(find('fit_surface'))\n"
        "print([n for n in ('gsplat', 'nerfacc', 'tinycudann') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_all_presets_name_what_they_change():
    for name in ("fit_volume", "fit_surface", "super_resolve", "locate_slice"):
        assert {"Quick look", "Standard", "Paper"} <= set(find(name).params.presets)
