"""Puts the top-level folders ui, plugins and resources into the wheel as parts of the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FoldersIntoPackage(BuildHookInterface):
    """Adds the folders in every build but an editable one, where the checkout finder serves."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Extend ``force_include``."""
        if version == "editable":
            return
        for folder in ("ui", "plugins", "resources"):
            source = Path(self.root) / folder
            for path in sorted(source.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    target = Path("neurostudio") / path.relative_to(self.root)
                    build_data["force_include"][str(path)] = str(target)
