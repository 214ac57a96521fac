"""Installs the wheel without torch and Qt on every other Python at hand, and starts it there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pythons import at_hand

ROOT = Path(__file__).resolve().parent.parent
TABLE = "participant_id\tage\nsub-01\t31\nsub-02\t24\n"


def main(wheel):
    """Smoke every Python but the one that runs this."""
    here = "%d.%d" % sys.version_info[:2]
    others = {version: path for version, path in at_hand().items() if version != here}
    if not others:
        print("smoke: no other supported Python is at hand")
    for version, path in others.items():
        _smoke(version, path, wheel)
        print("smoke: Python %s: install, import, methods, info: fine" % version)


def _smoke(version, path, wheel):
    venv = ROOT / "build" / ("smoke-" + version)
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", path, str(venv)], check=True)
    python = str(venv / "bin" / "python")
    constraints = str(ROOT / "packaging" / "constraints.txt")
    install = [*uv, "pip", "install", "--quiet", "--python", python, "-c", constraints, wheel]
    subprocess.run(install, check=True)
    table = venv / "people.tsv"
    table.write_text(TABLE)
    for command in (["--version"], ["methods"], ["info", str(table), "--json"]):
        done = subprocess.run(
            [python, "-P", "-W", "error::SyntaxWarning", "-m", "neurostudio", *command],
            check=False,
            capture_output=True,
            text=True,
            cwd=str(venv),
        )
        if done.returncode != 0 or "broken:" in done.stdout:
            sys.exit(
                "smoke: Python %s: %s failed\n%s%s" % (version, command, done.stdout, done.stderr)
            )


if __name__ == "__main__":
    main(sys.argv[1])
