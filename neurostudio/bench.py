"""Measures what the program promises: first paint, large recordings, the window beside a training."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from neurostudio.files import ensure_writable, write_atomically

N_CHANNELS, RATE, DURATION = 256, 1000, 3600
_DAY = (64, 256, 86_400)  # channels, hertz, seconds: a day of EEG, 2.8 GB
_HUGE = (256, 1000, 11_700)  # 6 GB
_REPEATS = 5
_EDGE = 512  # voxels, each side of the large image
_RUN = (
    "import sys; from importlib import import_module; "
    "import_module('neurostudio.ui.bench').main(sys.argv[1:])"
)
_LIQUID = (
    "import json; from importlib import import_module; "
    "print(json.dumps(import_module('neurostudio.plugins.nalsm.timing').beside_plain_numpy()))"
)


def measure(out: Path, *, long: bool = False) -> dict[str, Any]:
    """Measure everything, each in a fresh process, and write the figures to a file.

    Parameters
    ----------
    out
        Where the figures go; recordings are written beside it once.
    long
        Also a recording of a day and one of 6 GB.

    Returns
    -------
    dict
        ``first_paint`` (s from the start of the process, median of five warm starts),
        ``large_recording`` (s to the first page, bytes added), ``signals`` (ms of page turns and zooms),
        ``peer`` (the same of mne-qt-browser, where it is installed), ``raster``, ``brain``
        (s to the first picture of a large surface, ms a turn), ``volumes`` (an image of 512 voxels a side, a
        series of 1000 volumes), ``connectome`` (beside nilearn), ``liquid`` (1,000 neurons beside plain
        NumPy) and ``beside_training`` (s between ticks of a 10 ms timer), with the goals beside them.
    """
    out = out.resolve()
    recording = _recording(out.parent / "large.edf", N_CHANNELS, RATE, DURATION)
    paints = [_ask("first_paint") for _ in range(_REPEATS + 1)][1:]
    found = {
        "machine": f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "first_paint": {
            "seconds": sorted(each["seconds"] for each in paints),
            "median": float(np.median([each["seconds"] for each in paints])),
            "goal": 1.0,
            "heavy_modules": paints[0]["heavy_modules"],
        },
        "large_recording": {
            **_ask("large_recording", str(recording)),
            "goal_seconds": 1.5,
            "goal_bytes": 300e6,
        },
        "signals": {
            **_browse(recording),
            "goals": {"turns_p95_ms": 22, "whole_ms": 40, "building_p95_ms": 60, "bytes": 300e6},
        },
        "raster": {**_ask("raster"), "goal_ms": 50},
        "brain": {**_ask("brain"), "goal_first_picture_s": 2.0},
        "volumes": _volumes(out.parent),
        "connectome": {**_ask("connectome"), "goal_seconds": 0.5, "goal_ms": 50},
        "liquid": {**_ask(code=_LIQUID), "goal_factor": 20},
        "beside_training": {**_ask("beside_training"), "goal_p99": 0.05, "goal_gap": 0.25},
    }
    if find_spec("mne_qt_browser") is not None:
        found["peer"] = _ask("peer", str(recording))
    if long:
        found["signals_day"] = _browse(_recording(out.parent / "day.edf", *_DAY))
        found["signals_huge"] = _browse(_recording(out.parent / "huge.edf", *_HUGE))
    write_atomically(out, json.dumps(found, indent=1))
    return found


def _recording(path: Path, n_channels: int, rate: int, duration: int) -> Path:
    if not path.exists():
        ensure_writable(path.parent, 4 * n_channels * rate * duration + 1_000_000_000)
        write_large_edf(path, n_channels, rate, duration)
    return path


def _browse(recording: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=recording.parent) as folder:
        return _ask("browsing", str(recording), folder)


def _volumes(folder: Path) -> dict[str, Any]:
    image, series = folder / "large.nii", folder / "series.nii.gz"
    if not image.exists():
        ensure_writable(folder, 4 * _EDGE**3 + 1_000_000_000)
        write_large_image(image)
    if not series.exists():
        write_long_series(series)
    found: dict[str, Any] = {
        "goals": {"open_s": 2, "step_p95_ms": 30, "course_ms": 50, "bytes": 300e6}
    }
    for name, path in (("volume", image), ("series", series)):
        with tempfile.TemporaryDirectory(dir=folder) as own:
            found[name] = _ask(name, str(path), own)
    if os.environ.get("DISPLAY") and find_spec("napari") is not None:
        found["napari"] = _ask("napari_volume", str(image))
    return found


def write_large_image(path: Path, edge: int = _EDGE) -> None:
    """Write NIfTI of 16 bit, ``edge`` voxels of 0.5 mm a side: a bright ball in noise."""
    import nibabel

    rng = np.random.default_rng(0)
    line = np.arange(edge) - edge / 2
    ground = rng.integers(0, 400, (edge, edge, edge), dtype=np.uint16)
    ball = line[:, None, None] ** 2 + line[:, None] ** 2 + line**2 < (edge / 3) ** 2
    ground[ball] += 2000
    affine = np.diag([0.5, 0.5, 0.5, 1.0])
    affine[:3, 3] = -edge / 4
    nibabel.save(nibabel.Nifti1Image(ground, affine), path)


def write_long_series(
    path: Path, shape: tuple[int, int, int] = (64, 64, 40), n_times: int = 1000
) -> None:
    """Write packed NIfTI of 16 bit: a slow rhythm in noise, a volume every 2 s."""
    import nibabel

    rng = np.random.default_rng(0)
    noise = rng.integers(900, 1100, (*shape, 50), dtype=np.int16)
    rhythm = np.round(100 * np.sin(np.arange(n_times) / 10)).astype(np.int16)
    values = np.tile(noise, n_times // 50) + rhythm
    image = nibabel.Nifti1Image(values, np.diag([3.0, 3.0, 3.5, 1.0]))
    image.header.set_zooms((3.0, 3.0, 3.5, 2.0))
    image.header.set_xyzt_units("mm", "sec")
    nibabel.save(image, path)


def _ask(*arguments: str, code: str = _RUN) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, NEUROSTUDIO_SETTINGS=str(Path(folder) / "settings.json"))
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # users have compiled modules
        environment["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / "neurostudio-bench")
        done = subprocess.run(
            [sys.executable, "-P", "-c", code, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env=environment,
        )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def write_large_edf(
    path: Path, n_channels: int = N_CHANNELS, rate: int = RATE, duration: int = DURATION
) -> None:
    """Write an EDF recording: pink-like noise with a slow rhythm, one record a second, 16 bit.

    256 channels, 1 kHz and one hour make 1.8 GB.
    """
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(16, n_channels, rate)).cumsum(axis=2)
    noise -= noise.mean(axis=2, keepdims=True)
    rhythm = 40 * np.sin(2 * np.pi * 10 * np.arange(rate) / rate)
    records = np.clip(3 * noise + rhythm, -3000, 3000).astype("<i2")
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        file.write(_edf_header(n_channels, rate, duration))
        for second in range(duration):
            file.write(records[second % len(records)].tobytes())
    partial.replace(path)


def _edf_header(n_channels: int, rate: int, duration: int) -> bytes:
    def fields(width: int, values: list[str]) -> str:
        return "".join(value.ljust(width)[:width] for value in values)

    same = [""] * n_channels
    text = fields(8, ["0"]) + fields(80, ["X X X X", "Startdate 01-JAN-2020 X X X"])
    text += fields(8, ["01.01.20", "00.00.00", str(256 * (n_channels + 1))]) + fields(44, [""])
    text += fields(8, [str(duration), "1"]) + fields(4, [str(n_channels)])
    text += fields(16, [f"EEG {k + 1:03d}" for k in range(n_channels)]) + fields(80, same)
    text += fields(8, ["uV"] * n_channels)
    for limit in ("-3200", "3200", "-32000", "32000"):
        text += fields(8, [limit] * n_channels)
    text += fields(80, same) + fields(8, [str(rate)] * n_channels) + fields(32, same)
    return text.encode("ascii")
