"""Results in the manner of BIDS derivatives: where they stand, what is said beside them."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from neurostudio._version import __version__
from neurostudio.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from neurostudio.chains import Chain
    from neurostudio.data import Data
    from neurostudio.scores import Number

VERSION = "1.10.0"
PAIR = re.compile(r"(?:^|_)([a-z]+)-([A-Za-z0-9]+)")
TYPES = ("eeg", "meg", "ieeg", "nirs", "anat", "func", "beh")
ENDINGS = {
    "Table": ".tsv",
    "SpikeTrains": ".nwb",
    "Traces": ".nwb",
    "Volume": ".nii.gz",
    "Surface": ".surf.gii",
    "Connectome": ".npz",
    "ImageStack": ".npz",
    "Points": ".csv",
    "Text": ".txt",
}


@dataclass(frozen=True, slots=True)
class Target:
    """What the results of one file are called: ``sub-01_task-rest`` inside ``sub-01/eeg``."""

    base: str
    folder: str
    source: str

    def path(self, out: Path, label: str, ending: str) -> Path:
        """Return the place of a result."""
        return out / self.folder / f"{self.base}_desc-{label}_{ending}"

    def results(self, out: Path, label: str) -> list[Path]:
        """Return what stands there of an earlier time."""
        return list((out / self.folder).glob(f"{self.base}_desc-{label}_*"))


def target_of(file: str) -> Target:
    """Return what the results of a file are called, from its path inside the data set.

    >>> target_of("sub-01/ses-2/eeg/sub-01_ses-2_task-rest_eeg.edf").folder
    'sub-01/ses-2/eeg'
    >>> target_of("monday/rat 3.edf").base
    'sub-mondayrat3'
    """
    *parents, name = file.split("/")
    pairs = [(key, value) for key, value in PAIR.findall(name) if key != "desc"]
    kind = next((each for each in TYPES if each in parents), "eeg")
    if not pairs or pairs[0][0] != "sub":
        stem = re.sub(r"(\.[A-Za-z]{1,7}|\.gz)+$", "", name)
        subject = re.sub(r"[^A-Za-z0-9]", "", "".join([*parents, stem])) or "unnamed"
        return Target(f"sub-{subject}", f"sub-{subject}/{kind}", file)
    found = dict(pairs)
    session = f"/ses-{found['ses']}" if "ses" in found else ""
    base = "_".join(f"{key}-{value}" for key, value in pairs)
    return Target(base, f"sub-{found['sub']}{session}/{kind}", file)


def write_data(out: Path, target: Target, chain: Chain, name: str, data: Data) -> Path | None:
    """Write one result with a sidecar; return its path, or nothing where no format takes it."""
    from neurostudio.writers import export

    ending = _ending(data, name, target)
    if ending is None:
        return None
    path = target.path(out, chain.label, ending)
    path.parent.mkdir(parents=True, exist_ok=True)
    done = export(data, path, overwrite=True)
    about = {
        "Description": f"{chain.title}: {name}",
        "Sources": [f"bids:raw:{target.source}"],
        "GeneratedBy": f"neurostudio {__version__}",
        "Summary": data.summary(),
        **{key: data.facts()[old] for key, old in _FACTS.items() if data.facts().get(old)},
        "NotHeldByTheFormat": list(done.notes),
    }
    sidecar = path.with_name(f"{_stem(path)}.json")
    write_atomically(sidecar, json.dumps(about, indent=1) + "\n")
    return path


_FACTS = {"SamplingFrequency": "rate (Hz)", "Unit": "unit", "BadChannels": "bad channels"}


def _stem(path: Path) -> str:
    return re.sub(r"\.(fif|tsv|nwb|nii\.gz|surf\.gii|npz|csv|txt)$", "", path.name)


def _ending(data: Data, name: str, target: Target) -> str | None:
    kind = type(data).__name__
    if kind == "Trials":
        return "epo.fif"
    if kind == "Recording":
        found = target.folder.rsplit("/", 1)[-1]
        return f"{found if found in {'eeg', 'meg', 'ieeg'} else 'eeg'}.fif"
    word = re.sub(r"[^A-Za-z0-9]", "", name) or "result"
    return f"{word}{ENDINGS[kind]}" if kind in ENDINGS else None


def write_numbers(out: Path, target: Target, chain: Chain, numbers: Mapping[str, Number]) -> None:
    """Write the numbers of all steps as a table."""
    if not numbers:
        return
    fields = ("value", "unit", "low", "high", "chance", "baseline", "note")
    rows: list[tuple[str, ...]] = [("name", *fields)]
    for name, number in numbers.items():
        values = asdict(number)
        rows.append((name, *(_cell(values[each]) for each in fields)))
    path = target.path(out, chain.label, "numbers.tsv")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, "".join("\t".join(row) + "\n" for row in rows))


def _cell(value: Any) -> str:
    words = " ".join(str(value).split())
    return "n/a" if value is None or not words else words


def _inherited(path: Path) -> dict[str, Any]:
    """Return whose data they are and what may be done with them, as the source says."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {key: stored[key] for key in ("Authors", "License") if key in stored}
    except (OSError, ValueError, TypeError):
        return {}


def describe(out: Path, chain: Chain, source: Path) -> None:
    """Write what a data set of derivatives must say of itself, and take over the participants."""
    about = {
        "Name": f"{source.name}: {chain.title}",
        "BIDSVersion": VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": [
            {
                "Name": "neurostudio",
                "Version": __version__,
                "Description": chain.title,
                "Chain": chain.plain()["steps"],
            }
        ],
        **_inherited(source / "dataset_description.json"),
        "SourceDatasets": [{"URL": source.resolve().as_uri()}],
        "DatasetLinks": {"raw": source.resolve().as_uri()},
    }
    write_atomically(out / "dataset_description.json", json.dumps(about, indent=1) + "\n")
    write_atomically(out / ".bidsignore", "jobs/\nbatch.*\nfailures.tsv\n")
    for name in ("participants.tsv", "participants.json"):
        if (source / name).is_file():
            write_atomically(out / name, (source / name).read_bytes())
