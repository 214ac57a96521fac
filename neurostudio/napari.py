"""What napari calls, as ``resources/napari.yaml`` tells it: readers and sample data; the widget is in ``ui``.

Neither napari, Qt nor torch is imported here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from neurostudio.errors import BadInput
from neurostudio.layers import KINDS, layers_of
from neurostudio.names import valid_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from neurostudio.layers import Layer


def get_reader(path: str | list[str]) -> Callable[[str | list[str]], list[Layer]] | None:
    """Return what reads a path, or nothing where it is no file of a format that has layers."""
    first = Path(path[0] if isinstance(path, list) else path)
    from neurostudio.readers.base import find_reader

    found = find_reader(first)
    if found is None or not any(kind in found.format.kind for kind in KINDS):
        return None
    return read_layers


def read_layers(path: str | list[str]) -> list[Layer]:
    """Read files as layers; every part that has one.

    Raises
    ------
    UnreadableFile
        A file cannot be opened; the message says why.
    BadInput
        Nothing in the files has a layer.
    """
    from neurostudio.readers import look, read

    made: list[Layer] = []
    for each in path if isinstance(path, list) else [path]:
        file = Path(each)
        for part in look(file):
            if part.kind in KINDS:
                name = valid_name(f"{file.name}_{part.name}" if part.name else file.name)
                made += layers_of(read(file, part.name), name)
    if not made:
        raise BadInput("Nothing in these files can be shown as a layer; open them in neurostudio.")
    return made


def sample_mni152() -> list[Layer]:
    """Return the MNI152 template that nilearn ships."""
    return _sample("sample_mni152")


def sample_fsaverage() -> list[Layer]:
    """Return FreeSurfer's fsaverage5 that nilearn ships."""
    return _sample("sample_fsaverage")


def sample_worm_connectome() -> list[Layer]:
    """Return the connectome of C. elegans."""
    return _sample("sample_worm_connectome")


def _sample(name: str) -> list[Layer]:
    from neurostudio import registry
    from neurostudio.method import Context
    from neurostudio.params import read_params

    found = registry.find(name)
    result = found(Context(), read_params(found.params, {}))
    made: list[Layer] = []
    for output, data in result.data.items():
        if type(data).__name__ in KINDS:
            made += layers_of(data, output)
    return made
