"""Settings: kept, forgiving, never a reason not to start."""

from __future__ import annotations

import json
import logging

from neurostudio.settings import Settings, load_settings, path, save_settings


def test_settings_come_back_as_they_were_saved(tmp_path):
    settings = Settings(theme="dark", cpu_runs=3)
    settings.remember(tmp_path / "a.edf")
    settings.remember(tmp_path / "b.edf")
    settings.remember(tmp_path / "a.edf")
    save_settings(settings)
    assert load_settings() == settings
    assert [each[-5:] for each in load_settings().recent_files] == ["a.edf", "b.edf"]


def test_a_bad_value_is_replaced_and_an_unknown_key_is_kept(caplog):
    path().write_text(json.dumps({"theme": "purple", "cpu_runs": 2, "from_the_future": [1]}))
    with caplog.at_level(logging.WARNING):
        settings = load_settings()
    assert settings.theme == "system"
    assert settings.cpu_runs == 2
    assert "theme" in caplog.text
    save_settings(settings)
    assert json.loads(path().read_text())["from_the_future"] == [1]


def test_a_damaged_file_gives_the_defaults(caplog):
    path().write_text("{ not json")
    with caplog.at_level(logging.WARNING):
        assert load_settings() == Settings()
    assert "cannot be read" in caplog.text
