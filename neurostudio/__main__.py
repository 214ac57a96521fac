"""Starts the desktop, or the command line where a command is named."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

COMMANDS = frozenset(
    {
        *("info", "methods", "run", "resume", "export", "batch", "script", "render"),
        *("doctor", "demo", "bench"),
    }
)


def main() -> int:
    """Run ``neurostudio`` with the arguments of the process; return its exit code."""
    arguments = sys.argv[1:]
    if arguments and (arguments[0] in COMMANDS or arguments[0].startswith("-")):
        from neurostudio.cli import app

        app()  # leaves by SystemExit with the command's own code
    return desktop(arguments)


def desktop(files: list[str]) -> int:
    """Open the window with these files, or with a session where a folder is one."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(os.environ.get(each) for each in screens):
        print(
            "There is no display to open a window on. Work from the command line (neurostudio --help), "
            "or draw off screen with QT_QPA_PLATFORM=offscreen.",
            file=sys.stderr,
        )
        return 1
    try:
        window = import_module("neurostudio.ui.app")
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in {"PySide6", "pyqtgraph"}:
            print(
                f"The desktop needs {error.name}. Install it with: pip install 'neurostudio[gui,train]'",
                file=sys.stderr,
            )
            return 1
        raise
    sessions = [each for each in files if (Path(each) / "session.json").exists()]
    others = [each for each in files if each not in sessions]
    session = Path(sessions[0]) if sessions else None
    return int(window.main(files=others, session=session))


if __name__ == "__main__":
    sys.exit(main())
