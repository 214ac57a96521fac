"""A chain is what leads from one opened file to its results."""

from __future__ import annotations

import json

import pytest

from neurostudio.chains import chain_from, chain_of, read_chain, write_chain
from neurostudio.derivatives import target_of
from neurostudio.errors import BadInput, UnknownName
from neurostudio.steps import Step


def opened(name, path="/data/a.edf", part=""):
    return Step(act="open", path=path, part=part, outputs={"": name})


def ran(method, given, made, seed=0, **params):
    return Step(
        act="run",
        method=method,
        params=params,
        seed=seed,
        inputs={"signals": (given,)},
        outputs={"out": made},
    )


STEPS = (
    opened("eeg"),
    ran("filter_signals", "eeg", "filtered", low=1.0),
    ran("resample", "filtered", "slow", seed=3, rate=100.0),
    ran("power_spectrum", "filtered", "spectrum"),
)


def test_a_chain_holds_the_steps_that_lead_to_the_item_and_no_others():
    chain = chain_of(STEPS, "slow")
    assert [link.method for link in chain.links] == ["filter_signals", "resample"]
    assert chain.source == "eeg"
    assert chain.links[1].seed == 3
    assert chain.results() == ("slow",)


def test_the_opened_file_itself_stands_for_all_that_was_done_with_it():
    for item in ("eeg", ""):
        chain = chain_of(STEPS, item)
        assert chain.title == "filter signals → resample → power spectrum"
        assert chain.results() == ("slow", "spectrum")


def test_a_copy_is_what_it_is_a_copy_of():
    copy = Step(act="copy", inputs={"": ("eeg",)}, outputs={"": "twin"})
    chain = chain_of((opened("eeg"), copy, ran("resample", "twin", "slow")), "slow")
    assert chain.links[0].inputs == {"signals": ("eeg",)}
    twin = Step(act="copy", inputs={"": ("slow",)}, outputs={"": "second"})
    assert chain_of((*STEPS, twin), "second").links[-1].method == "resample"


def test_results_of_two_files_are_refused_with_their_names():
    both = Step(
        act="run", method="compare", inputs={"first": ("a",), "second": ("b",)}, outputs={"x": "x"}
    )
    with pytest.raises(BadInput, match="come from 2 files: a, b"):
        chain_of((opened("a"), opened("b"), both), "x")
    with pytest.raises(BadInput, match="come from 2 files"):
        chain_of((opened("a"), opened("b"), ran("m", "a", "x"), ran("m", "b", "y")))


def test_the_part_of_a_folder_is_a_file_and_stays_behind(tmp_path):
    folder = opened("eeg", path=str(tmp_path), part="sub-01_eeg")
    assert chain_of((folder, ran("resample", "eeg", "slow"))).part == ""
    inside = opened("eeg", path=str(tmp_path / "a.nwb"), part="units")
    assert chain_of((inside, ran("resample", "eeg", "slow"))).part == "units"


def test_nothing_run_and_unknown_items_are_said():
    with pytest.raises(BadInput, match="no steps"):
        chain_of((opened("eeg"),))
    with pytest.raises(UnknownName, match="Did you mean 'slow'"):
        chain_of(STEPS, "slwo")


def test_data_that_were_never_a_file_cannot_begin_a_chain():
    added = Step(act="add", path="/session/items/x", outputs={"": "x"})
    with pytest.raises(BadInput, match="'x' was not opened from a file"):
        chain_of((added, ran("resample", "x", "slow")))


def test_a_chain_comes_back_from_its_file_and_any_change_changes_its_digest(tmp_path):
    chain = chain_of(STEPS, "slow")
    write_chain(chain, tmp_path / "chain.json")
    assert read_chain(tmp_path / "chain.json") == chain
    assert read_chain(tmp_path / "chain.json").digest() == chain.digest()
    assert chain_of(STEPS[:2]).digest() != chain.digest()
    stored = chain.plain()
    stored["steps"][0]["params"]["low"] = 2.0
    assert chain_from(stored).digest() != chain.digest()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 9}, "format 9; this version reads 1"),
        ({"steps": []}, "no steps"),
        ({"steps": [{"method": "m"}]}, "no chain"),
        ({"source": "other"}, "takes 'eeg', which nothing made"),
    ],
)
def test_a_file_that_is_no_chain_says_what_is_wrong(tmp_path, change, words):
    path = tmp_path / "chain.json"
    path.write_text(json.dumps(chain_of(STEPS, "slow").plain() | change))
    with pytest.raises(BadInput, match=words):
        read_chain(path)


def test_the_chain_takes_the_kinds_that_all_its_first_methods_take():
    assert chain_of(STEPS, "slow").kinds() == {"Recording", "Trials"}


@pytest.mark.parametrize(
    ("file", "base", "folder"),
    [
        ("sub-1/eeg/sub-1_task-x_epo.fif.gz", "sub-1_task-x", "sub-1/eeg"),
        ("sub-1/ses-2/meg/sub-1_ses-2_meg.fif", "sub-1_ses-2", "sub-1/ses-2/meg"),
        ("sub-1/eeg/sub-1_desc-old_eeg.fif", "sub-1", "sub-1/eeg"),
        ("a/rat 3.edf", "sub-arat3", "sub-arat3/eeg"),
    ],
)
def test_results_are_named_after_the_entities_of_their_file(file, base, folder):
    target = target_of(file)
    assert (target.base, target.folder) == (base, folder)
