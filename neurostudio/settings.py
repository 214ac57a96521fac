"""What a person has chosen: one versioned file of settings."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from neurostudio.files import write_atomically

log = logging.getLogger(__name__)

VERSION = 1
_ENVIRONMENT = "NEUROSTUDIO_SETTINGS"


class Settings(BaseModel):
    """All settings with their defaults; keys of a newer version are kept as they are."""

    model_config = ConfigDict(extra="allow", validate_assignment=True)

    version: int = VERSION
    theme: Literal["system", "light", "dark"] = "system"
    recent_files: list[str] = Field(default_factory=list)
    recent_sessions: list[str] = Field(default_factory=list)
    recent_count: int = Field(12, ge=0, le=50)
    shortcuts: dict[str, str] = Field(default_factory=dict)
    mark_colours: dict[str, str] = Field(default_factory=dict)
    model_folder: str = ""
    sessions_folder: str = ""
    cpu_runs: int = Field(0, ge=0, le=256)
    cluster: str = ""
    cluster_workers: int = Field(2, ge=1, le=10_000)
    cluster_queue: str = ""
    cluster_cores: int = Field(1, ge=1, le=1024)
    cluster_memory: str = "4GB"

    def sessions(self) -> Path:
        """Return the folder in which sessions are kept until they are saved elsewhere."""
        if self.sessions_folder:
            return Path(self.sessions_folder).expanduser()
        if _ENVIRONMENT in os.environ:  # tests and demos stay out of the person's own folder
            return path().parent / "sessions"
        return platformdirs.user_data_path("neurostudio", appauthor=False) / "sessions"

    def remember(self, file: Path) -> None:
        """Put a file on top of the recent ones."""
        known = [each for each in self.recent_files if each != str(file)]
        self.recent_files = [str(file), *known][: self.recent_count]


def path() -> Path:
    """Return where the settings lie."""
    if _ENVIRONMENT in os.environ:
        return Path(os.environ[_ENVIRONMENT])
    return platformdirs.user_config_path("neurostudio", appauthor=False) / "settings.json"


def load_settings() -> Settings:
    """Read the settings; a bad value is warned about and replaced, never a failed start."""
    try:
        stored = json.loads(path().read_text())
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        log.warning("The settings in %s cannot be read and were replaced: %s", path(), error)
        return Settings()
    return _forgive(stored if isinstance(stored, dict) else {})


def _forgive(stored: dict[str, Any]) -> Settings:
    try:
        return Settings.model_validate(stored)
    except ValidationError as error:
        bad = {str(problem["loc"][0]) for problem in error.errors()}
        log.warning("Settings with a bad value were replaced: %s", ", ".join(sorted(bad)))
        return Settings.model_validate({k: v for k, v in stored.items() if k not in bad})


def save_settings(settings: Settings) -> None:
    """Write the settings, whole or not at all."""
    path().parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path(), settings.model_dump_json(indent=1))
