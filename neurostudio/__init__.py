"""neurostudio: explore recordings and brain-inspired models by point and click, or from Python.

>>> import neurostudio as ns
>>> eeg = ns.open("recording.edf")                                     # doctest: +SKIP
>>> result = ns.run("filter_signals", recording=eeg, low=1.0)          # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neurostudio._checkout import install as _install
from neurostudio._version import __version__

__all__ = ["__version__", "batch", "export", "mark", "open", "run"]

_install()

if TYPE_CHECKING:
    from neurostudio.scripting import batch, export, mark, open, run  # noqa: A004


def __getattr__(name: str) -> Any:
    if name in {"batch", "export", "mark", "open", "run"}:
        from neurostudio import scripting

        return getattr(scripting, name)
    raise AttributeError(f"module 'neurostudio' has no attribute {name!r}")
