"""The layout of the project: what may import what, what stays light, what the wheel holds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import neurostudio

ROOT = Path(__file__).resolve().parent.parent
HEAVY = [
    "torch",
    "mne",
    "scipy",
    "pandas",
    "nibabel",
    "xarray",
    "sklearn",
    "PySide6",
    "pyqtgraph",
    "vispy",
    "napari",
]


def run(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_discovering_all_methods_imports_nothing_heavy():
    code = """
import sys
from neurostudio.registry import discover
assert discover().methods, discover()
print(*[name for name in sys.argv[1:] if name in sys.modules])
"""
    assert run(code, *HEAVY) == []


def test_no_module_is_imported_under_the_name_of_a_checkout_folder():
    code = """
import importlib, pkgutil, sys
import neurostudio
for package in ("neurostudio", "neurostudio.ui", "neurostudio.plugins"):
    found = importlib.import_module(package)
    for info in pkgutil.walk_packages(found.__path__, package + "."):
        if not info.name.endswith("__main__"):
            importlib.import_module(info.name)
print(*({"ui", "plugins", "resources"} & set(sys.modules)))
"""
    assert run(code) == []


def test_the_import_finder_answers_to_three_names_only():
    from neurostudio._checkout import CheckoutFinder

    assert CheckoutFinder.find_spec("neurostudio.neurostudio") is None
    assert CheckoutFinder.find_spec("ui") is None
    if "NEUROSTUDIO_WHEEL" not in os.environ:
        assert CheckoutFinder.find_spec("neurostudio.ui").origin == str(ROOT / "ui" / "__init__.py")


def test_packaging_is_no_package():
    assert not (ROOT / "packaging" / "__init__.py").exists()


@pytest.mark.skipif("NEUROSTUDIO_WHEEL" not in os.environ, reason="runs against the built wheel")
def test_the_suite_runs_against_the_wheel():
    assert neurostudio.__file__.startswith(os.environ["NEUROSTUDIO_WHEEL"])
    code = "import neurostudio.ui as u; print(u.__file__)"
    (where,) = run(code)
    assert where.startswith(os.environ["NEUROSTUDIO_WHEEL"])


LAYER_BREAKS = {
    "neurostudio/scores.py": "import PySide6",
    "neurostudio/params.py": "import neurostudio.jobs",
    "ui/__init__.py": "import plugins.preprocess",
    "plugins/preprocess/__init__.py": "import plugins.eeg_pathology",
    "plugins/eeg_pathology/__init__.py": "import neurostudio.workspace",
    "plugins/preprocess/spectrum.py": "import pyqtgraph",
}


@pytest.mark.skipif("NEUROSTUDIO_WHEEL" in os.environ, reason="looks at the checkout")
def test_each_layer_rule_is_broken_by_what_it_forbids(tmp_path):
    """Six imports that the six contracts forbid, all planted at once in a copy: six are broken."""
    import shutil

    pytest.importorskip("importlinter")
    for folder in ("neurostudio", "ui", "plugins"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file, line in LAYER_BREAKS.items():
        path = tmp_path / file
        path.write_text(path.read_text() + f"\n{line}\n")
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=str(tmp_path)),
    )
    assert "Contracts: 0 kept, 6 broken." in done.stdout, done.stdout + done.stderr


def test_qt_of_this_version_counts_its_references_right():
    """PySide6 6.12.0 lost one reference of None at every void call on Python 3.11, and crashed."""
    pytest.importorskip("PySide6")
    code = """
import sys
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel()
before = sys.getrefcount(None)
for _ in range(5000):
    label.setText("x")
    app.processEvents()
assert before - sys.getrefcount(None) < 1000, before - sys.getrefcount(None)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=dict(os.environ, QT_QPA_PLATFORM="offscreen"),
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif("NEUROSTUDIO_WHEEL" in os.environ, reason="looks at the checkout")
def test_the_pages_of_the_methods_say_what_the_plugins_say(tmp_path):
    """``make docs`` would change nothing."""
    made = ROOT / "packaging" / "make_pages.py"
    subprocess.run([sys.executable, str(made), str(tmp_path)], check=True)
    for page in tmp_path.iterdir():
        assert (ROOT / "docs" / "methods" / page.name).read_text() == page.read_text(), page.name
