"""Plugins: found, broken with a reason, refused when a name is taken."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint

import pytest

from neurostudio import registry
from neurostudio.errors import UnknownName

BROKEN = "raise RuntimeError('the licence server is on holiday')\n"


def entry(name):
    return EntryPoint(name, name, "neurostudio.plugins")


def test_a_third_party_plugin_of_another_folder_is_found_by_entry_point(echo_plugin):
    found = registry.discover()
    assert "echo" in found.methods
    assert found.plugin_of("echo").plugin.title == "Echo"
    assert [each.name for each in found.method("echo").inputs] == ["text", "others"]


def test_a_plugin_that_fails_on_import_is_listed_with_its_reason(
    tmp_path, monkeypatch, echo_plugin
):
    (tmp_path / "broken_plugin.py").write_text(BROKEN)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = registry.gather([entry("broken_plugin"), entry("echo_plugin")])
    assert found.plugins[0].broken == "RuntimeError: the licence server is on holiday"
    assert list(found.methods) == ["echo"]


def test_a_taken_name_is_refused(tmp_path, monkeypatch, echo_plugin):
    (tmp_path / "second_plugin.py").write_text((echo_plugin / "echo_plugin.py").read_text())
    monkeypatch.syspath_prepend(str(tmp_path))
    found = registry.gather([entry("echo_plugin"), entry("second_plugin")])
    assert (
        "its method 'echo' is already brought by the plugin 'echo_plugin'"
        in found.plugins[1].broken
    )
    sys.modules.pop("second_plugin")


def test_a_misspelt_method_is_answered_with_the_nearest(echo_plugin):
    with pytest.raises(UnknownName, match=r"no method named 'ecco'. Did you mean 'echo'"):
        registry.find("ecco")
