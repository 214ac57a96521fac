"""Many files: each succeeds or fails for itself, and what is done stays done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import mne
import numpy as np
import psutil
import pytest

import neurostudio as ns
from neurostudio.batches import Batch, chain_at, jobs_for
from neurostudio.chains import Chain, Link, write_chain
from neurostudio.errors import BadInput, MissingFile
from neurostudio.runs import Run, State

ECHO = Chain(
    "text", (Link("echo", {"times": 3}, 0, "cpu", {"text": ("text",)}, {"words": "words"}),)
)
SPECTRUM = Chain(
    "eeg",
    (
        Link("resample", {"rate": 50.0}, 0, "cpu", {"signals": ("eeg",)}, {"resampled": "slow"}),
        Link("power_spectrum", {}, 0, "cpu", {"signals": ("slow",)}, {"spectrum": "spectrum"}),
    ),
)


@pytest.fixture
def poems(tmp_path):
    """A folder of three texts, one of them no text."""
    folder = tmp_path / "poems"
    folder.mkdir()
    for name, words in (("a", b"ab"), ("b", b""), ("c", b"cd")):
        (folder / f"{name}.txt").write_bytes(words)
    return folder


@pytest.fixture
def subjects(tmp_path):
    """A BIDS data set of three subjects with four seconds each; the second file is cut off."""
    folder = tmp_path / "data"
    rng = np.random.default_rng(0)
    for subject in ("01", "02", "03"):
        inside = folder / f"sub-{subject}" / "eeg"
        inside.mkdir(parents=True)
        raw = mne.io.RawArray(
            rng.normal(0, 1e-5, (2, 400)),
            mne.create_info(["Fz", "Cz"], 100.0, "eeg"),
            verbose="ERROR",
        )
        raw.save(inside / f"sub-{subject}_task-rest_eeg.fif", verbose="ERROR")
    damaged = folder / "sub-02/eeg/sub-02_task-rest_eeg.fif"
    os.truncate(damaged, damaged.stat().st_size // 2)
    (folder / "participants.tsv").write_text(
        "participant_id\tage\nsub-01\t31\nsub-02\t32\nsub-03\t33\n"
    )
    (folder / "dataset_description.json").write_text(
        '{"Name": "made up", "BIDSVersion": "1.10.0", "Authors": ["A. Person"], "License": "CC0"}'
    )
    return folder


def done_by(chain, folder, out, **options):
    return ns.batch(chain, folder, out, **options).frame.set_index("file")


def starts(out):
    """How often a process began to work on each job."""
    return {
        each.name: sum(e["kind"] == "state" and e["state"] == "running" for e in Run(each).events())
        for each in sorted((out / "jobs").iterdir())
    }


def test_a_failure_stops_no_other_file_and_is_told_with_its_reason(echo_plugin, poems, tmp_path):
    table = done_by(ECHO, poems, tmp_path / "out")
    assert list(table["state"]) == ["done", "failed", "done"]
    assert "it is empty" in table.loc["b.txt", "reason"]
    assert (tmp_path / "out/sub-a/eeg/sub-a_desc-echo_words.txt").read_text() == "ababab"
    failures = (tmp_path / "out/failures.tsv").read_text().splitlines()
    assert [line.split("\t")[0] for line in failures] == ["file", "b.txt"]
    plan = json.loads((tmp_path / "out/batch.json").read_text())
    assert plan["chain"]["steps"][0]["params"] == {"times": 3}
    assert plan["versions"]["neurostudio"] == ns.__version__
    assert not (tmp_path / "out/batch.lock").exists()


def test_again_only_what_failed_or_changed_is_done(echo_plugin, poems, tmp_path):
    out = tmp_path / "out"
    done_by(ECHO, poems, out)
    (poems / "b.txt").write_text("now")
    (poems / "c.txt").write_text("other")
    assert list(done_by(ECHO, poems, out)["state"]) == ["done"] * 3
    assert starts(out) == {"sub-a": 1, "sub-b": 1, "sub-c": 1}  # b and c begin in new folders
    assert (out / "sub-c/eeg/sub-c_desc-echo_words.txt").read_text() == "otherotherother"
    assert (out / "failures.tsv").read_text() == "file\treason\n"
    begun = (out / "jobs/sub-a/process.json").read_text()
    os.utime(poems / "a.txt", (1.0, 1.0))  # another time, the same content
    done_by(ECHO, poems, out)
    assert (out / "jobs/sub-a/process.json").read_text() == begun


def test_another_chain_is_done_anew(echo_plugin, poems, tmp_path):
    out = tmp_path / "out"
    done_by(ECHO, poems, out, pattern="a*")
    link = ECHO.links[0]
    once = Chain("text", (Link("echo", {"times": 1}, 0, "cpu", link.inputs, link.outputs),))
    done_by(once, poems, out, pattern="a*")
    assert (out / "sub-a/eeg/sub-a_desc-echo_words.txt").read_text() == "ab"


def test_a_file_that_became_unreadable_leaves_no_old_result(echo_plugin, poems, tmp_path):
    out = tmp_path / "out"
    done_by(ECHO, poems, out, pattern="a*")
    (poems / "a.txt").write_bytes(b"")
    assert list(done_by(ECHO, poems, out, pattern="a*")["state"]) == ["failed"]
    assert list(out.glob("sub-a/eeg/*")) == []


def test_stopped_and_begun_again_nothing_is_done_twice_and_nothing_is_lost(
    echo_plugin, poems, tmp_path
):
    out = tmp_path / "out"
    (poems / "b.txt").write_text("ef")
    batch = Batch(ECHO, poems, out, jobs_for("", 1))
    batch.start()
    batch.jobs.wait(Run(out / "jobs/sub-a"))
    batch.stop()
    assert not batch.wait()
    states = [row.state for row in batch.rows()]
    batch.close()
    assert states[0] is State.DONE
    assert states[2] is State.STOPPED
    assert list(done_by(ECHO, poems, out)["state"]) == ["done"] * 3
    assert starts(out)["sub-a"] == 1


def test_killed_half_way_and_begun_again_every_file_is_worked_on_once(echo_plugin, poems, tmp_path):
    (poems / "b.txt").write_text("ef")
    for name in "defg":
        (poems / f"{name}.txt").write_text(name)
    write_chain(ECHO, tmp_path / "chain.json")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "neurostudio", "batch", tmp_path / "chain.json", poems]
    program = subprocess.Popen(
        [*command, "--out", out, "--workers", "1"], stderr=subprocess.PIPE, text=True
    )
    lines = iter(program.stderr.readline, "")
    assert next(line for line in lines if line.startswith("   2 of 7"))
    program.kill()
    program.wait()
    program.stderr.close()
    finished = [each.parent.name for each in out.glob("jobs/*/result.json")]
    assert 2 <= len(finished) < 7
    assert list(done_by(ECHO, poems, out)["state"]) == ["done"] * 7
    assert set(starts(out).values()) == {1}
    assert len(list(out.glob("sub-*/eeg/*_words.txt"))) == 7


def test_a_result_whose_process_died_is_tried_again(echo_plugin, poems, tmp_path):
    out = tmp_path / "out"
    (poems / "b.txt").unlink()
    done_by(ECHO, poems, out)
    (out / "jobs/sub-a/result.json").unlink()  # as if killed just before the end
    assert list(done_by(ECHO, poems, out)["state"]) == ["done", "done"]
    assert starts(out) == {"sub-a": 2, "sub-c": 1}


def test_a_second_program_is_kept_out_while_the_first_works(echo_plugin, poems, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    parent = psutil.Process().parent()
    lock = {"pid": parent.pid, "created": parent.create_time()}
    (out / "batch.lock").write_text(json.dumps(lock))
    with pytest.raises(BadInput, match=f"process {parent.pid}"):
        ns.batch(ECHO, poems, out)
    (out / "batch.lock").write_text(
        json.dumps(lock | {"created": 1.0})
    )  # another one had the number
    assert list(done_by(ECHO, poems, out)["state"]) == ["done", "failed", "done"]


def test_a_data_set_is_never_written_over(echo_plugin, poems, subjects):
    with pytest.raises(BadInput, match="holds a data set of its own"):
        ns.batch(ECHO, poems, subjects)
    with pytest.raises(BadInput, match="holds a data set of its own"):
        ns.batch(ECHO, poems, poems)


def test_a_pattern_chooses_files_and_results_inside_the_folder_are_no_input(echo_plugin, poems):
    (poems / "more").mkdir()
    (poems / "more/d.txt").write_text("gh")
    table = done_by(ECHO, poems, poems / "out", pattern="more/*.txt")
    assert list(table.index) == ["more/d.txt"]
    table = done_by(ECHO, poems, poems / "out")
    assert list(table.index) == ["a.txt", "b.txt", "c.txt", "more/d.txt"]
    with pytest.raises(BadInput, match=r"no files that match '\*\.edf' with Text"):
        ns.batch(ECHO, poems, poems / "out", pattern="*.edf")


def test_two_files_whose_results_would_have_one_name_are_refused(echo_plugin, poems, tmp_path):
    (poems / "a.md").write_text("twin")
    with pytest.raises(BadInput, match=r"a\.md and a\.txt would have the same name"):
        ns.batch(ECHO, poems, tmp_path / "out")


def test_the_command_line_succeeds_only_when_all_did(echo_plugin, poems, tmp_path):
    from typer.testing import CliRunner

    from neurostudio.cli import app

    write_chain(ECHO, tmp_path / "chain.json")
    out = tmp_path / "out"
    arguments = ["batch", str(tmp_path / "chain.json"), str(poems), "--out", str(out)]
    first = CliRunner().invoke(app, arguments)
    assert first.exit_code == 1
    assert "b.txt  failed" in first.output
    (poems / "b.txt").write_text("now")
    second = CliRunner().invoke(app, ["batch", str(out), str(poems), "--out", str(out)])
    assert second.exit_code == 0, second.output


def test_the_chain_of_a_session_is_found_in_its_folder(echo_plugin, poems, tmp_path):
    from neurostudio.jobs import Jobs, LocalRunner
    from neurostudio.workspace import Workspace

    workspace = Workspace.new(Jobs(LocalRunner(warm=False)))
    item = workspace.open(poems / "a.txt")
    run = workspace.start("echo", {"times": 3}, {"text": item.name}, device="cpu")
    assert workspace.jobs.wait(run) is State.DONE
    workspace.save_as(tmp_path / "session")
    workspace.close()
    chain = chain_at(tmp_path / "session")
    assert [link.method for link in chain.links] == ["echo"]
    assert chain.links[0].params["times"] == 3
    with pytest.raises(BadInput, match="neither a session nor a batch"):
        chain_at(poems)


def command(process):
    """What a process runs; nothing once it has ended, whether or not somebody has taken note."""
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


def test_dask_and_this_machine_give_the_same_and_leave_nothing_behind(subjects, tmp_path):
    pytest.importorskip("distributed")
    threads = {each for each in threading.enumerate() if each.is_alive()}
    here = done_by(SPECTRUM, subjects, tmp_path / "here")
    there = done_by(SPECTRUM, subjects, tmp_path / "there", cluster="local", workers=2)
    assert list(here["state"]) == list(there["state"]) == ["done", "failed", "done"]
    reason = there["reason"].iloc[1]
    assert reason.startswith("cannot be opened: it was cut off")
    for subject in ("01", "03"):
        inside = f"sub-{subject}/eeg/sub-{subject}_task-rest_desc-powerspectrum"
        one, other = (tmp_path / each / f"{inside}_eeg.fif" for each in ("here", "there"))
        signals = [mne.io.read_raw_fif(path, verbose="ERROR").get_data() for path in (one, other)]
        np.testing.assert_array_equal(*signals)
        tables = [tmp_path / each / f"{inside}_spectrum.tsv" for each in ("here", "there")]
        assert tables[0].read_bytes() == tables[1].read_bytes()
    left = [each.name for each in threading.enumerate() if each not in threads]
    assert not [
        name for name in left if not name.startswith("Dask-Offload")
    ]  # one of the library's own
    lines = [command(each) for each in psutil.Process().children(recursive=True)]
    assert not [line for line in lines if "neurostudio" in line or "distributed" in line]


def test_derivatives_are_read_back_by_mne_bids_with_their_participants(subjects, tmp_path):
    bids = pytest.importorskip("mne_bids")
    out = tmp_path / "out"
    done_by(SPECTRUM, subjects, out, pattern="**/sub-01*")
    found = bids.BIDSPath(
        root=out, subject="01", datatype="eeg", suffix="eeg", extension=".fif", check=False
    ).match(check=False)
    assert [path.description for path in found] == ["powerspectrum"]
    raw = mne.io.read_raw_fif(found[0].fpath, verbose="ERROR")
    expected = mne.io.read_raw_fif(
        subjects / "sub-01/eeg/sub-01_task-rest_eeg.fif", verbose="ERROR"
    )
    expected = expected.load_data().resample(50.0, verbose="ERROR")
    assert raw.info["sfreq"] == 50.0
    np.testing.assert_allclose(raw.get_data(), expected.get_data(), rtol=0, atol=1e-12)
    about = json.loads((out / "dataset_description.json").read_text())
    assert about["DatasetType"] == "derivative"
    assert (about["Authors"], about["License"]) == (["A. Person"], "CC0")
    assert [each["method"] for each in about["GeneratedBy"][0]["Chain"]] == [
        "resample",
        "power_spectrum",
    ]
    assert (out / "participants.tsv").read_text() == (subjects / "participants.tsv").read_text()
    sidecar = json.loads(found[0].fpath.with_suffix(".json").read_text())
    assert sidecar["Sources"] == ["bids:raw:sub-01/eeg/sub-01_task-rest_eeg.fif"]
    run = Run(out / "jobs/sub-01_task-rest")
    assert run.outputs() == {"slow": "Recording", "spectrum": "Table"}
    assert run.output("slow").raw.info["sfreq"] == 50.0


def test_a_cluster_that_is_none_or_does_not_answer_is_one_sentence(monkeypatch):
    pytest.importorskip("distributed")
    with pytest.raises(BadInput, match="'somewhere' is no cluster"):
        jobs_for("somewhere")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingFile, match="SLURM needs the command sbatch"):
        jobs_for("slurm")


def test_a_slurm_job_is_asked_for_as_the_settings_say():
    from neurostudio.cluster import slurm_options
    from neurostudio.settings import Settings

    jobqueue = pytest.importorskip("dask_jobqueue")
    options = slurm_options(Settings(cluster_queue="long", cluster_cores=4, cluster_memory="8GB"))
    script = jobqueue.slurm.SLURMJob("tcp://1.2.3.4:5", "name", **options).job_script()
    assert "#SBATCH -p long" in script
    assert "#SBATCH --cpus-per-task=4" in script
    assert "#SBATCH --mem=8G" in script
    assert "--nthreads 1" in script


def test_a_run_on_another_machine_lives_as_long_as_it_tells_so(tmp_path):
    run = Run(tmp_path)
    (tmp_path / "process.json").write_text('{"pid": 1, "host": "node7", "created": 1.0}')
    assert run.state is State.RUNNING
    os.utime(tmp_path / "process.json", (1.0, 1.0))
    assert run.state is State.FAILED
    run.beat()
    assert run.state is State.RUNNING


def test_a_run_that_a_living_process_works_on_is_left_to_it(tmp_path):
    from neurostudio.worker import execute

    parent = psutil.Process().parent()
    about = {"pid": parent.pid, "created": parent.create_time()}
    (tmp_path / "process.json").write_text(json.dumps(about))
    assert execute(Run(tmp_path)) is State.RUNNING
    assert [each.name for each in tmp_path.iterdir()] == ["process.json"]


def test_a_fault_of_the_cluster_itself_is_the_reason_of_the_failure(tmp_path):
    from neurostudio.cluster import DaskWork

    class Lost:
        """What a future of Dask is after its worker died."""

        status = "error"

        def done(self):
            return True

        def exception(self):
            return RuntimeError("the worker died three times")

    assert not DaskWork(Lost(), Run(tmp_path)).lives()
    assert Run(tmp_path).state is State.FAILED
    assert "RuntimeError: the worker died three times" in Run(tmp_path).error()
