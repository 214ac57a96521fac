"""The command line, as a person or another program calls it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import neurostudio as ns
from neurostudio.runs import Run, State


@pytest.fixture
def greeting(tmp_path):
    file = tmp_path / "greeting.txt"
    file.write_text("hello ")
    return file


def neurostudio(*arguments, expect=0):
    done = subprocess.run(
        [sys.executable, "-m", "neurostudio", *map(str, arguments)], capture_output=True, text=True
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done


def test_info_says_kind_and_facts_as_text_and_json(tmp_path):
    table = tmp_path / "people.tsv"
    table.write_text("participant_id\tage\nsub-01\t31\nsub-02\t24\n")
    assert "Table: 2 rows, 2 columns" in neurostudio("info", table).stdout
    (part,) = json.loads(neurostudio("info", table, "--json").stdout)["parts"]
    assert part["kind"] == "Table"
    assert part["facts"]["shape"] == [2, 2]


def test_info_on_a_bad_file_is_one_line_and_exit_code_1(tmp_path):
    (tmp_path / "bad.edf").write_bytes(b"nothing of the sort")
    done = neurostudio("info", tmp_path / "bad.edf", expect=1)
    assert "bad.edf cannot be opened" in done.stderr
    assert "Traceback" not in done.stderr


def test_methods_are_listed_with_their_schema(echo_plugin):
    assert "echo" in neurostudio("methods").stdout
    listed = json.loads(neurostudio("methods", "--json").stdout)
    (echo,) = [each for each in listed["methods"] if each["name"] == "echo"]
    assert [each["name"] for each in echo["inputs"]] == ["text", "others"]
    assert echo["params"]["properties"]["times"]["default"] == 2
    assert listed["broken"] == {}


def test_run_writes_a_run_folder_and_prints_its_numbers(echo_plugin, greeting, tmp_path):
    out = tmp_path / "out"
    done = neurostudio(
        "run", "echo", f"text={greeting}", f"others={greeting}", f"others={greeting}",
        "--set", "times=3", "--out", out, "--seed", "5",
    )  # fmt: skip
    run = Run(out)
    assert run.state is State.DONE
    assert run.output("words").text == "hello " * 5
    assert run.request.seed == 5
    assert "length: 30" in done.stdout
    assert "! It is loud." in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ecco", "text={file}"], "Did you mean 'echo'"),
        (["echo", "txt={file}"], "Did you mean 'text'"),
        (["echo", "text={file}", "--set", "times=0"], "times is 0"),
        (["echo", "text={file}", "--set", "times=many"], "times is 'many'"),
        (["echo", "text={file}", "text={file}"], "takes one item; 2 were given"),
        (["echo"], "Echo needs Text as 'text'"),
        (["echo", "{file}"], "is no NAME=VALUE pair"),
        (["echo", "text={file}.not"], "cannot be opened"),
        (["echo", "text={file}", "--device", "cuda:9", "--set", "fail=true"], "the voice broke"),
    ],
)
def test_what_cannot_run_is_said_in_one_message(
    echo_plugin, greeting, tmp_path, arguments, message
):
    given = [each.replace("{file}", str(greeting)) for each in arguments]
    done = neurostudio("run", *given, "--out", tmp_path / "out", expect=1)
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_run_refuses_a_folder_in_use(echo_plugin, greeting, tmp_path):
    done = neurostudio("run", "echo", f"text={greeting}", "--out", tmp_path, expect=1)
    assert "is not empty" in done.stderr


def test_a_stopped_run_resumes(echo_plugin, greeting, tmp_path):
    out = tmp_path / "out"
    neurostudio("run", "echo", f"text={greeting}", "--set", "fail=true", "--out", out, expect=1)
    request = json.loads((out / "request.json").read_text())
    request["params"]["fail"] = False
    (out / "request.json").write_text(json.dumps(request))
    neurostudio("resume", out)
    assert Run(out).output("words").text == "hello hello "
    assert "nothing to resume" in neurostudio("resume", out, expect=1).stderr


def test_the_script_of_a_session_is_printed(echo_plugin, greeting, tmp_path):
    from neurostudio.jobs import Jobs, LocalRunner
    from neurostudio.workspace import Workspace

    workspace = Workspace.new(Jobs(LocalRunner(warm=False)))
    workspace.open(greeting)
    workspace.save_as(tmp_path / "session")
    workspace.close()
    script = neurostudio("script", tmp_path / "session").stdout
    scope = {}
    exec(script, scope)
    assert scope["greeting"].text == "hello "
    assert "is no session" in neurostudio("script", tmp_path, expect=1).stderr


def test_the_output_of_a_run_is_the_input_of_the_next(echo_plugin, greeting, tmp_path):
    neurostudio("run", "echo", f"text={greeting}", "--out", tmp_path / "first")
    words = tmp_path / "first" / "data" / "words"
    neurostudio("run", "echo", f"text={words}", "--out", tmp_path / "second")
    assert Run(tmp_path / "second").output("words").text == "hello " * 4


def test_doctor_names_what_it_found():
    found = {each["name"]: each for each in json.loads(neurostudio("doctor", "--json").stdout)}
    assert {"Python", "Qt", "OpenGL", "torch", "memory", "disk"} <= set(found)
    assert found["Python"]["fine"]


def test_without_a_display_the_desktop_says_what_to_do(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    if sys.platform.startswith("linux"):
        assert "There is no display" in neurostudio(expect=1).stderr


def test_from_python_a_method_runs_in_this_process(echo_plugin, greeting):
    text = ns.open(greeting)
    result = ns.run("echo", text=text, others={"a": text, "b": text}, times=1)
    assert result["words"].text == "hello hello hello "
    assert "length = 18.0" in str(result)
