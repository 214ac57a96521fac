"""Lets a checkout offer its top-level folders as ``neurostudio.ui``, ``.plugins`` and ``.resources``.

In a wheel these three folders lie inside the package, Python's own finders meet them first, and this
one is never asked.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

FOLDERS = frozenset({"neurostudio.ui", "neurostudio.plugins", "neurostudio.resources"})


class CheckoutFinder:
    """Finds exactly three packages beside this one."""

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of one of the three folders, and None for every other name."""
        if name not in FOLDERS:
            return None
        root = Path(__file__).resolve().parent.parent
        folder = root / name.rpartition(".")[2]
        spec = PathFinder.find_spec(name.rpartition(".")[2], [str(root)])
        if spec is None or not folder.is_dir():
            return None
        init = folder / "__init__.py"
        from importlib.util import spec_from_file_location

        return spec_from_file_location(name, init, submodule_search_locations=[str(folder)])


def install() -> None:
    """Append the finder, once."""
    if CheckoutFinder not in sys.meta_path:
        sys.meta_path.append(CheckoutFinder)
