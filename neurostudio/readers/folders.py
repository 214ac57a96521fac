"""Folders: BIDS data sets, trained models, folders of pictures, and folders of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurostudio.data import TrainedModel
from neurostudio.data.model import DESCRIPTION, WEIGHTS
from neurostudio.errors import BadInput
from neurostudio.readers import bids, pictures
from neurostudio.readers.base import Format, Part, Reader, choose, find_reader

if TYPE_CHECKING:
    from pathlib import Path

    from neurostudio.data import Data

LOOKED_INTO = 20


def look_folder(folder: Path) -> tuple[Part, ...]:
    """List what a folder holds."""
    if bids.is_bids(folder):
        return bids.look_bids(folder)
    if _is_model(folder):
        return (Part("", "TrainedModel", TrainedModel.load(folder).summary()),)
    if pictures.is_picture_folder(folder):
        return (Part("", "ImageStack", pictures.read_picture_folder(folder).summary()),)
    files = _files(folder)
    return tuple(part for name, path in files.items() for part in _parts(name, path, len(files)))


def read_folder(folder: Path, part: str) -> Data:
    """Read a folder, or one part of it."""
    if bids.is_bids(folder):
        return bids.read_bids(folder, part)
    if _is_model(folder):
        return TrainedModel.load(folder)
    if pictures.is_picture_folder(folder):
        return pictures.read_picture_folder(folder)
    files = _files(folder)
    name, _, inner = part.partition("/")
    path = files[choose(name, tuple(files))]
    found = find_reader(path)
    if found is None:
        raise BadInput(f"the format of {path.name} is not known")
    return found.read(path, inner)


FOLDER = Reader(Format("Folder", (), "any"), read_folder, look_folder)


def _is_model(folder: Path) -> bool:
    return (folder / WEIGHTS).is_file() and (folder / DESCRIPTION).is_file()


def _files(folder: Path) -> dict[str, Path]:
    """Return the files that can be opened by their names."""
    found = {
        path.name: path
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.startswith(".") and _can_be_read(path)
    }
    if not found:
        raise BadInput(
            "it holds no file that can be opened, no participants.tsv and no pictures. Open a "
            "file, or the folder that holds participants.tsv"
        )
    return found


def _can_be_read(path: Path) -> bool:
    found = find_reader(path)
    return found is not None and found.format.kind != ""


def _parts(name: str, path: Path, n_files: int) -> list[Part]:
    """List what one of the files holds; a few files are looked into, many are not."""
    found = find_reader(path)
    kinds = found.format.kind.split(" or ") if found else [""]
    if found is None or len(kinds) == 1 or n_files > LOOKED_INTO:
        return [Part(name, kinds[0], f"{path.stat().st_size / 1e6:,.2f} MB")]
    try:
        if found.look is not None:
            return [
                Part(f"{name}/{one.name}" if one.name else name, one.kind, one.summary)
                for one in found.look(path)
            ]
        data = found.read(path, "")
    except Exception as error:  # noqa: BLE001  the other files of the folder can still be opened
        return [Part(name, kinds[0], f"cannot be opened: {error}")]
    return [Part(name, type(data).__name__, data.summary())]
