"""What every test gets: its own settings, its own folders, no screen."""

from __future__ import annotations

import os
import sys

import pytest

if "DISPLAY" not in os.environ and sys.platform.startswith("linux"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory, monkeypatch):
    """Settings and sessions of a test never meet those of the person at the machine."""
    folder = tmp_path_factory.mktemp("settings")
    monkeypatch.setenv("NEUROSTUDIO_SETTINGS", str(folder / "settings.json"))
    monkeypatch.setenv("MNE_DONTWRITE_HOME", "true")
    return folder


PLUGIN = '''
"""A plugin of fifteen lines, as a lab would write it."""
from neurostudio.api import BadInput, Number, Params, Plugin, Report, Result, Text, method, param

PLUGIN = Plugin("echo", "Echo", "Says things again.", "nobody", methods=(":echo",))


class EchoParams(Params):
    """Parameters of echo."""

    times: int = param(2, "How often", ge=1, le=1_000_000)
    fail: bool = param(False, "Break down half-way")


@method(group="Test", warnings={"loud": "It is loud."})
def echo(context, params: EchoParams, text: Text, others: tuple[Text, ...] = ()) -> Result:
    """Say a text several times."""
    checkpoint = context.folder / "checkpoints" / "said.txt"
    said = int(checkpoint.read_text()) if checkpoint.exists() else 0
    for k in context.track(range(said, params.times), "Saying"):
        checkpoint.write_text(str(k + 1))
        context.log(step=k, loudness=1.0 / (k + 1))
        if params.fail:
            raise BadInput("the voice broke. Drink something.")
    context.show("said", Report(text=text.text))
    words = text.text * params.times + "".join(each.text for each in others)
    return Result(
        data={"words": Text(words)},
        views=(Report(title="Words", text=words),),
        numbers={"length": Number(len(words), "1", note=",".join(context.names["text"]))},
        warnings=("loud",),
    )
'''


@pytest.fixture
def echo_plugin(tmp_path_factory, monkeypatch):
    """A third-party package outside the project that brings the method ``echo`` by entry point."""
    from neurostudio import registry

    folder = tmp_path_factory.mktemp("site")
    (folder / "echo_plugin.py").write_text(PLUGIN)
    about = folder / "echo_plugin-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: echo-plugin\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[neurostudio.plugins]\necho = echo_plugin\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    )
    registry.discover.cache_clear()
    yield folder
    registry.discover.cache_clear()
    sys.modules.pop("echo_plugin", None)
