"""The sample session: a real recording that an installable package ships, and one finished run."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from neurostudio.data import Data, Recording, Text
from neurostudio.errors import BrokenSession, MissingFile, NeurostudioError
from neurostudio.jobs import Jobs, LocalRunner
from neurostudio.readers import read
from neurostudio.runs import State
from neurostudio.session import FILE
from neurostudio.settings import load_settings
from neurostudio.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKAGE = "py_neuromodulation"
PART = "sub-testsub_ses-EphysMedOff_task-gripforce_run-0_ieeg"
ABOUT = """\
A real recording of one person with Parkinson's disease who pressed a grip-force sensor:
six electrodes on the cortex (ECOG), three in the subthalamic nucleus (LFP), and the force (MOV),
1000 Hz, 19 s. It comes with the Python package py_neuromodulation (MIT licence). Its header says
volts where the values are microvolts; that was put right here.

What was done with it: the power spectrum of every channel (see Runs). Try next:
cut it into windows, filter it, or open a recording of your own.
"""


def open_demo(screenshot: Path | None) -> int:
    """Open the desktop on the sample session; with a screenshot, draw it there and leave."""
    folder = build_sample()
    if screenshot is not None:
        screenshot.parent.mkdir(parents=True, exist_ok=True)
        if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
            os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    window = import_module("neurostudio.ui.app")
    code = int(window.main(session=folder, screenshot=screenshot))
    if screenshot is not None and not screenshot.exists():
        raise NeurostudioError(f"The picture {screenshot} could not be written.")
    return code


def build_sample() -> Path:
    """Return the folder of the sample session, made where it is not there yet.

    Raises
    ------
    MissingFile
        The package that ships the recording is not installed.
    """
    recording = sample_recording()
    folder = load_settings().sessions() / "sample"
    if (folder / FILE).exists() and _is_whole(folder):
        return folder
    number = 1
    while folder.exists():
        number += 1
        folder = folder.with_name(f"sample-{number}")
    workspace = Workspace.new(Jobs(LocalRunner(warm=False)))
    workspace.add("ecog", _in_volts(recording))
    workspace.add("about", Text(ABOUT))
    run = workspace.start("power_spectrum", {}, {"signals": "ecog"})
    if workspace.jobs.wait(run) is not State.DONE:
        raise NeurostudioError(f"The sample run did not finish. {run.error()}")
    workspace.save_as(folder)
    workspace.close()
    return folder


def _in_volts(folder: Path) -> Data:
    """Return the recording in volts; its header names volts where the values are microvolts."""
    data = read(folder, PART)
    assert isinstance(data, Recording)  # noqa: S101  the part is a recording
    raw = data.raw.copy().load_data(verbose="error")
    raw.apply_function(_micro, picks=["ecog", "dbs"], verbose="error")
    return Recording(raw)


def _micro(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values * 1e-6


def _is_whole(folder: Path) -> bool:
    try:
        workspace = Workspace.load(folder, Jobs(LocalRunner(warm=False)))
        workspace.items["ecog"].load()
        whole = any(run.state is State.DONE for run in workspace.runs)
    except (BrokenSession, MissingFile, KeyError):
        return False
    workspace.close()
    return whole


def sample_recording() -> Path:
    """Return the folder of the recording, found without importing the package that ships it."""
    found = find_spec(PACKAGE)
    places = list(found.submodule_search_locations or ()) if found else []
    for place in places:
        if (Path(place) / "data" / "participants.tsv").exists():
            return Path(place) / "data"
    raise MissingFile(
        "The sample recording is not installed. "
        "Get it with: pip install --no-deps py-neuromodulation==0.1.3"
    )
