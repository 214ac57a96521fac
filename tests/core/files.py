"""Small valid files of every format, made by the tests themselves."""

from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING

import mne
import nibabel
import numpy as np
import pandas as pd
import pynapple as nap

from neurostudio.data import SpikeTrains, Surface, Traces

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SQUARE = np.arange(9.0).reshape(3, 3) / 4


def two_channels(n_times: int = 400) -> mne.io.RawArray:
    """C3 counts in steps of 1 microvolt, C4 rests; 100 Hz; a tone after one second."""
    values = np.array([np.arange(n_times) % 50, np.zeros(n_times)]) * 1e-6
    info = mne.create_info(["C3", "C4"], 100.0, "eeg")
    raw = mne.io.RawArray(values, info, verbose="ERROR")
    raw.set_annotations(mne.Annotations([1.0], [0.5], ["tone"]))
    return raw


def edf(folder: Path) -> Path:
    """EDF of 4 s, written by hand: header, then blocks of one second of 16-bit numbers."""
    path = folder / "counts.edf"
    names = ["C3", "C4"]

    def fields(width: int, *values: object) -> bytes:
        return b"".join(str(value).ljust(width).encode("ascii") for value in values)

    head = fields(8, 0) + fields(80, "X X X X", "Startdate X X X X")
    head += fields(8, "01.01.20", "10.00.00", 256 * 3) + fields(44, "") + fields(8, 4, 1)
    head += fields(4, 2) + fields(16, *names) + fields(80, "", "") + fields(8, "uV", "uV")
    head += fields(8, -32768, -32768) + fields(8, 32767, 32767)
    head += fields(8, -32768, -32768) + fields(8, 32767, 32767)
    head += fields(80, "", "") + fields(8, 100, 100) + fields(32, "", "")
    second = np.concatenate([np.arange(100) % 50, np.zeros(100)]).astype("<i2").tobytes()
    path.write_bytes(head + 4 * second)
    return path


def fif(folder: Path) -> Path:
    """FIF of a continuous recording."""
    path = folder / "counts_raw.fif"
    two_channels().save(path, verbose="ERROR")
    return path


def epochs_of(raw: mne.io.RawArray, codes: dict[str, int], **labels: list[object]) -> mne.Epochs:
    """Trials of one second; the events take turns."""
    epochs = mne.make_fixed_length_epochs(raw, 1.0, preload=True, verbose="ERROR")
    wanted = list(codes.values())
    epochs.events[:, 2] = [wanted[n % len(wanted)] for n in range(len(epochs.events))]
    epochs.event_id = dict(codes)
    if labels:
        epochs.metadata = pd.DataFrame(labels)
    return epochs


def epochs_fif(folder: Path) -> Path:
    """FIF of four trials, compressed."""
    path = folder / "counts_epo.fif.gz"
    epochs_of(two_channels(), {"left": 1, "right": 2}).save(path, verbose="ERROR")
    return path


def averages_fif(folder: Path) -> Path:
    """FIF of two averages."""
    path = folder / "counts-ave.fif"
    epochs = epochs_of(two_channels(), {"left": 1, "right": 2})
    mne.write_evokeds(path, [epochs["left"].average(), epochs["right"].average()], verbose="ERROR")
    return path


def covariance_fif(folder: Path) -> Path:
    """FIF of a noise covariance, which holds no signals."""
    path = folder / "noise-cov.fif"
    mne.make_ad_hoc_cov(two_channels().info, verbose="ERROR").save(path, verbose="ERROR")
    return path


def eeglab(folder: Path) -> Path:
    """EEGLAB data in one file."""
    from scipy.io import savemat

    path = folder / "counts.set"
    raw = two_channels()
    places = np.zeros(2, dtype=[("labels", "U8")])
    places["labels"] = raw.ch_names
    facts = {
        "data": raw.get_data() * 1e6,
        "setname": "counts",
        "nbchan": 2,
        "pnts": raw.n_times,
        "trials": 1,
        "srate": 100.0,
        "xmin": 0.0,
        "xmax": 3.99,
        "chanlocs": places,
        "event": [],
        "icawinv": [],
        "icaweights": [],
        "icasphere": [],
        "epoch": [],
    }
    savemat(path, {"EEG": facts}, appendmat=False)
    return path


def brainvision(folder: Path) -> Path:
    """BrainVision: a header, the samples, the marks."""
    path = folder / "counts.vhdr"
    path.write_text(
        "Brain Vision Data Exchange Header File Version 1.0\n\n[Common Infos]\nCodepage=UTF-8\n"
        "DataFile=counts.eeg\nMarkerFile=counts.vmrk\nDataFormat=BINARY\n"
        "DataOrientation=MULTIPLEXED\nNumberOfChannels=2\nSamplingInterval=10000\n\n"
        "[Binary Infos]\nBinaryFormat=INT_16\n\n[Channel Infos]\nCh1=C3,,1,µV\nCh2=C4,,1,µV\n",
        encoding="utf-8",
    )
    (folder / "counts.vmrk").write_text(
        "Brain Vision Data Exchange Marker File, Version 1.0\n\n[Common Infos]\nCodepage=UTF-8\n"
        "DataFile=counts.eeg\n\n[Marker Infos]\nMk1=Stimulus,S  1,101,1,0\n",
        encoding="utf-8",
    )
    values = np.array([np.arange(400) % 50, np.zeros(400)])
    (folder / "counts.eeg").write_bytes(values.T.astype("<i2").tobytes())
    return path


def units_nwb(folder: Path) -> Path:
    """NWB of two units, one in CA1, one in CA3."""
    units = {0: nap.Ts(np.arange(10) / 5), 1: nap.Ts(np.arange(4) / 2)}
    facts = {"area": np.array(["CA1", "CA3"])}
    SpikeTrains(nap.TsGroup(units, metadata=facts)).save(folder)
    return (folder / "units.nwb").rename(folder / "cells.nwb")


def traces_nwb(folder: Path) -> Path:
    """NWB of two series in volts at 10 Hz."""
    frame = nap.TsdFrame(t=np.arange(30) / 10, d=np.ones((30, 2)), columns=["a", "b"])
    Traces(frame, "volts").save(folder)
    return (folder / "traces.nwb").rename(folder / "series.nwb")


def nifti(folder: Path) -> Path:
    """NIfTI of 4 x 5 x 6 voxels of 2 mm, three times every 2.5 s."""
    path = folder / "brain.nii"
    image = nibabel.Nifti1Image(
        np.arange(360, dtype=np.int16).reshape(4, 5, 6, 3), np.diag([2] * 3 + [1])
    )
    image.header.set_zooms((2, 2, 2, 2.5))
    image.header.set_xyzt_units("mm", "sec")
    nibabel.save(image, path)
    return path


def nifti_gz(folder: Path) -> Path:
    """The same, compressed."""
    plain = nifti(folder)
    path = folder / "brain.nii.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    return path


def mgz(folder: Path) -> Path:
    """MGZ of FreeSurfer, 1 mm."""
    path = folder / "brain.mgz"
    nibabel.save(nibabel.MGHImage(np.arange(60, dtype=np.uint8).reshape(3, 4, 5), np.eye(4)), path)
    return path


def gifti(folder: Path) -> Path:
    """GIFTI of a tetrahedron with thickness at its corners."""
    corners = np.vstack([np.zeros(3), np.eye(3)])
    faces = np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]])
    Surface(corners, faces, {"thickness": np.arange(4.0)}).save(folder)
    (folder / "exact.npz").unlink()
    return (folder / "surface.surf.gii").rename(folder / "mesh.surf.gii")


def freesurfer(folder: Path) -> Path:
    """The same tetrahedron as FreeSurfer writes it."""
    path = folder / "lh.pial"
    corners = np.vstack([np.zeros(3), np.eye(3)])
    faces = np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]])
    nibabel.freesurfer.write_geometry(path, corners, faces, create_stamp="made by a test")
    return path


def thickness(folder: Path) -> Path:
    """Values at four corners as FreeSurfer writes them."""
    path = folder / "lh.thickness"
    nibabel.freesurfer.write_morph_data(path, np.arange(4.0))
    return path


def table(folder: Path) -> Path:
    """CSV with semicolons and decimal commas, as a German spreadsheet writes it."""
    path = folder / "people.csv"
    path.write_text("name;age\nÄnne;20,5\nBo;n/a\n", encoding="utf-8")
    return path


def matrix(folder: Path) -> Path:
    """CSV of three named nodes."""
    path = folder / "network.csv"
    pd.DataFrame(SQUARE, index=list("abc"), columns=list("abc")).to_csv(path)
    return path


def parquet(folder: Path) -> Path:
    """Parquet of two columns."""
    path = folder / "people.parquet"
    pd.DataFrame({"name": ["a", "b"], "age": [1.5, 2.5]}).to_parquet(path)
    return path


def npy(folder: Path) -> Path:
    """NPY of a square matrix."""
    path = folder / "network.npy"
    np.save(path, SQUARE)
    return path


def npz(folder: Path) -> Path:
    """NPZ of two arrays."""
    path = folder / "two.npz"
    np.savez_compressed(path, weights=SQUARE, scores=np.arange(4))
    return path


def graphml(folder: Path) -> Path:
    """GraphML of two nodes and one edge of weight 0.5."""
    import networkx

    path = folder / "network.graphml"
    graph = networkx.DiGraph()
    graph.add_node("a", kind="excitatory")
    graph.add_edge("a", "b", weight=0.5)
    networkx.write_graphml(graph, path)
    return path


def picture(folder: Path, name: str = "grey.png", size: tuple[int, int] = (6, 4)) -> Path:
    """PNG of 6 x 4 grey pixels that count up."""
    from PIL import Image

    path = folder / name
    width, height = size
    values = np.arange(width * height, dtype=np.uint8).reshape(height, width)
    Image.fromarray(values).save(path)
    return path


def jpeg(folder: Path) -> Path:
    """The same as JPEG."""
    return picture(folder, "grey.jpg")


def tiff(folder: Path) -> Path:
    """TIFF of two frames."""
    from PIL import Image

    path = folder / "frames.tif"
    first, second = (Image.fromarray(np.full((4, 6), value, np.uint8)) for value in (1, 2))
    first.save(path, save_all=True, append_images=[second])
    return path


def idx(folder: Path) -> Path:
    """IDX of two pictures of 3 x 3, as MNIST stores them."""
    path = folder / "t10k-images-idx3-ubyte.gz"
    head = struct.pack(">HBBIII", 0, 8, 3, 2, 3, 3)
    path.write_bytes(gzip.compress(head + bytes(range(18))))
    return path


def sound(folder: Path) -> Path:
    """WAV of a tenth of a second at half loudness."""
    import soundfile

    path = folder / "tone.wav"
    soundfile.write(path, np.full(800, 0.5), 8000)
    return path


def words(folder: Path) -> Path:
    """Two lines of text."""
    path = folder / "notes.txt"
    path.write_text("to be\nor not\n", encoding="utf-8")
    return path


def numbers(folder: Path) -> Path:
    """One number a line."""
    path = folder / "numbers.txt"
    path.write_text("1.5e+00\n-2.5e+00\n3.0e+00\n", encoding="utf-8")
    return path


# every format, with the kind that it opens as and the part to ask for
MAKERS: dict[Callable[[Path], Path], tuple[str, str]] = {
    edf: ("Recording", ""),
    fif: ("Recording", ""),
    epochs_fif: ("Trials", ""),
    averages_fif: ("Trials", ""),
    eeglab: ("Recording", ""),
    brainvision: ("Recording", ""),
    units_nwb: ("SpikeTrains", "units"),
    traces_nwb: ("Traces", "traces"),
    nifti: ("Volume", ""),
    nifti_gz: ("Volume", ""),
    mgz: ("Volume", ""),
    gifti: ("Surface", ""),
    freesurfer: ("Surface", ""),
    thickness: ("Table", ""),
    table: ("Table", ""),
    matrix: ("Connectome", "connectome"),
    parquet: ("Table", ""),
    npy: ("Connectome", ""),
    npz: ("Connectome", "weights"),
    graphml: ("Connectome", ""),
    picture: ("ImageStack", ""),
    jpeg: ("ImageStack", ""),
    tiff: ("ImageStack", ""),
    idx: ("ImageStack", ""),
    sound: ("Traces", ""),
    words: ("Text", ""),
    numbers: ("Table", ""),
}
