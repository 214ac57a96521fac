"""The open data and the steps that made them: kept as a session folder, written out as a script."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from neurostudio import items, registry
from neurostudio.errors import BadInput, NeurostudioError, UnknownName
from neurostudio.files import ensure_writable
from neurostudio.history import History
from neurostudio.jobs import Jobs
from neurostudio.launch import arrange, examine, names_today, next_folder, point, write_run
from neurostudio.marks import Marks, apply
from neurostudio.names import free_name, is_valid
from neurostudio.runs import Run, State
from neurostudio.session import (
    CACHE,
    Item,
    Snapshot,
    copy_session,
    free_folder,
    read_item,
    read_session,
    write_session,
)
from neurostudio.settings import load_settings
from neurostudio.steps import Step, place_of_run, write_script

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neurostudio.data import Data
    from neurostudio.method import Method

_RESERVE = 100_000_000


class Workspace:
    """Open data, steps and runs of one session; every change is on disk before it is announced."""

    changed = Signal()
    saved = Signal(Path)

    def __init__(self, folder: Path, jobs: Jobs | None = None) -> None:
        self.folder = folder
        self.jobs = jobs if jobs is not None else Jobs(cpu_runs=load_settings().cpu_runs)
        self.untitled = True
        self._history = History(Snapshot({}, (), ""))
        self._lock = threading.RLock()
        self._sealing: list[threading.Thread] = []
        self.jobs.changed.connect(self._run_changed)

    # ---- begin and end ---------------------------------------------------------------------------

    @classmethod
    def new(cls, jobs: Jobs | None = None, inside: Path | None = None) -> Workspace:
        """Return an empty session in a fresh folder of the sessions folder, or of another one.

        Raises
        ------
        NotEnough
            Nothing can be written there.
        """
        base = inside or load_settings().sessions()
        stamp = time.strftime("untitled-%Y%m%d-%H%M%S")
        folder = free_folder(base, stamp)
        ensure_writable(folder)
        workspace = cls(folder, jobs)
        workspace._write()
        return workspace

    @classmethod
    def load(cls, folder: Path, jobs: Jobs | None = None) -> Workspace:
        """Open a session folder; runs that are still under way are followed again.

        Raises
        ------
        BrokenSession
            The folder holds no session that can be read.
        """
        folder = folder.resolve()
        stored = read_session(folder)
        workspace = cls(folder, jobs)
        workspace.untitled = stored.untitled
        workspace._history = History(stored.snapshot)
        workspace.jobs.adopt(workspace.runs)
        for run in workspace.runs:
            if run.state is State.DONE and run.name not in stored.taken:
                workspace._take_all(run)
        return workspace

    def close(self) -> None:
        """Stop following; what is under way goes on."""
        self.jobs.changed.disconnect(self._run_changed)
        for thread in self._sealing:
            thread.join()
        self.jobs.close()
        CACHE.forget(self.folder)

    @property
    def name(self) -> str:
        """``Untitled`` until the session is saved somewhere, then its folder's name."""
        return "Untitled" if self.untitled else self.folder.name

    def save_as(self, folder: Path) -> None:
        """Copy the session into a new folder and go on there.

        Raises
        ------
        BadInput
            Runs are under way, or the folder is in use.
        NotEnough
            The disk is too full, or nothing can be written there.
        """
        folder = folder.resolve()
        if folder == self.folder:
            self._write()
            self.saved.emit(folder)
            return
        if self.jobs.active:
            raise BadInput("Runs are under way. Wait for them or stop them, then save the session.")
        if folder.exists() and any(folder.iterdir()):
            raise BadInput(f"{folder} is not empty. Choose a new folder for the session.")
        needed = sum(each.stat().st_size for each in self.folder.rglob("*") if each.is_file())
        ensure_writable(folder, needed + _RESERVE // 10)
        with self._lock:
            self._move_to(folder)
        self.changed.emit()
        self.saved.emit(folder)

    def _move_to(self, folder: Path) -> None:
        old, was_untitled = self.folder, self.untitled
        for thread in self._sealing:
            thread.join()
        copy_session(old, folder)
        self._history.move(old, folder)
        CACHE.forget(old)
        self.folder, self.untitled = folder, False
        self._write()
        if was_untitled:
            shutil.rmtree(old, ignore_errors=True)

    # ---- what is open ----------------------------------------------------------------------------

    @property
    def items(self) -> dict[str, Item]:
        """The open data by name."""
        return dict(self._state.items)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What was done, in order."""
        return self._state.steps

    @property
    def runs(self) -> list[Run]:
        """All runs of the session, oldest first."""
        return [Run(each.parent) for each in sorted(self.folder.glob("runs/*/request.json"))]

    def run(self, name: str) -> Run:
        """Return a run by its folder's name."""
        for each in self.runs:
            if each.name == name:
                return each
        raise UnknownName("run", name, [each.name for each in self.runs])

    def item(self, name: str) -> Item:
        """Return an item by name."""
        try:
            return self._state.items[name]
        except KeyError:
            raise UnknownName("item", name, self._state.items) from None

    def open(self, path: Path | str, part: str = "", name: str = "") -> Item:
        """Open a file, or one part of it, and keep a pointer to it.

        Raises
        ------
        UnreadableFile
            The file cannot be opened; the message says why.
        """
        from neurostudio.readers import read

        path = Path(path).expanduser().resolve()
        data = read(path, part)
        with self._lock:
            name = free_name(
                name or (f"{path.name}_{part}" if part else path.name), self._state.items
            )
            folder = free_folder(self.folder / "items", name)
            items.point(data, path, part, folder)
            CACHE.put(folder, data)
            item = Item(name, type(data).__name__, folder, data.summary(), path.name)
            step = Step(act="open", path=str(path), part=part, outputs={"": name})
            self._add({name: item}, step, f"open {name}")
        thread = threading.Thread(target=_seal, args=(folder,), name="neurostudio checksum")
        thread.start()
        self._sealing = [each for each in self._sealing if each.is_alive()] + [thread]
        return item

    def add(self, name: str, data: Data) -> Item:
        """Keep data that came from elsewhere than a file or a method."""
        with self._lock:
            name = free_name(name, self._state.items)
            folder = free_folder(self.folder / "items", name)
            items.keep(data, folder)
            CACHE.put(folder, data)
            item = Item(name, type(data).__name__, folder, data.summary(), "added")
            step = Step(act="add", path=str(folder), outputs={"": name})
            self._add({name: item}, step, f"add {name}")
        return item

    def rename(self, old: str, new: str) -> None:
        """Give an item another name, in the history too."""
        with self._lock:
            self.item(old)
            if new == old:
                return
            if new in self._state.items:
                raise BadInput(f"There is already an item named '{new}'. Choose another name.")
            if not is_valid(new):
                raise BadInput(
                    f"'{new}' cannot be a name. Use letters, digits and underscores, and begin with a letter."
                )
            self._push(self._state.renamed(old, new))

    def duplicate(self, name: str) -> Item:
        """Put a second item on the same, unchangeable data."""
        with self._lock:
            item = self.item(name)
            new = free_name(f"{name}_copy", self._state.items)
            twin = replace(item, name=new)
            step = Step(act="copy", inputs={"": (name,)}, outputs={"": new})
            self._add({new: twin}, step, f"duplicate {name}")
        return twin

    def remove(self, name: str) -> None:
        """Take an item off the list; its data stay on disk, so that undo brings it back."""
        with self._lock:
            self.item(name)
            kept = {each: item for each, item in self._state.items.items() if each != name}
            self._push(Snapshot(kept, self._state.steps, f"remove {name}"))

    def mark(self, name: str, marks: Marks) -> Item:
        """Change the annotations and bad channels of an item; its samples stay where they are.

        Raises
        ------
        BadInput
            The data have no such channels or annotations, or can hold none.
        """
        with self._lock:
            item = self.item(name)
            data = apply(item.load(), marks)
            folder = free_folder(self.folder / "items", f"{name}-marked")
            items.mark(data, item.folder, marks, folder)
            CACHE.put(folder, data)
            marked = replace(item, folder=folder, summary=data.summary())
            before = item.folder.relative_to(self.folder).as_posix()
            self._add({name: marked}, Step.of_marks(name, marks, before), marks.words)
        return marked

    # ---- undo ------------------------------------------------------------------------------------

    @property
    def _state(self) -> Snapshot:
        return self._history.now

    @property
    def can_undo(self) -> str:
        """What undo would take back, or nothing."""
        return self._history.can_undo

    @property
    def can_redo(self) -> str:
        """What redo would do again."""
        return self._history.can_redo

    def undo(self) -> None:
        """Go back to how things were before the last act; runs and data are kept."""
        self._go(-1)

    def redo(self) -> None:
        """Do again what was undone."""
        self._go(+1)

    def _go(self, by: int) -> None:
        with self._lock, self._history.kept(self._write):
            if not self._history.go(by):
                return
        self.changed.emit()

    def _add(self, new: Mapping[str, Item], step: Step, act: str) -> None:
        self._push(Snapshot(self._state.items | dict(new), (*self._state.steps, step), act))

    def _push(self, state: Snapshot) -> None:
        with self._history.kept(self._write):
            self._history.push(state)
        self.changed.emit()

    # ---- runs ------------------------------------------------------------------------------------

    def remove_run(self, run: Run) -> None:
        """Delete a run's folder with all that came out of it.

        Raises
        ------
        BadInput
            It is under way, or open data lie in it.
        """
        if run in self.jobs.active:
            raise BadInput(f"{run.name} is under way. Stop or cancel it first.")
        with self._lock:
            used = [
                each.name
                for each in self.items.values()
                if run.folder.resolve() in items.base(each.folder).parents
            ]
            if used:
                raise BadInput(
                    f"{run.name} holds the open data {', '.join(used)}. "
                    "Remove these from the list first."
                )
            self._history.drop(run.folder)
            self._write()
            CACHE.forget(run.folder)
            shutil.rmtree(run.folder)
        self.changed.emit()

    def start(
        self,
        method: str,
        params: Mapping[str, Any],
        inputs: Mapping[str, str | tuple[str, ...]],
        seed: int = 0,
        device: str = "auto",
    ) -> Run:
        """Check a run, write its folder and queue it.

        Raises
        ------
        BadInput
            The data or parameters do not fit the method.
        NotEnough
            Memory or disk cannot suffice; the message says how to shrink.
        """
        found = registry.find(method)
        names = {key: _tuple(value) for key, value in inputs.items() if value}
        runs = self.folder / "runs"
        checked = examine(found, params, self.given(found, names), runs)
        with self._lock:
            folder = next_folder(runs, method)
            given = point(names, self._folders(), folder)
            run = write_run(folder, found, checked, given, seed=seed, device=device)
        self.jobs.submit(run)
        self.changed.emit()
        return run

    def given(self, method: Method, names: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
        """Return the data of the items named, as the method takes them."""
        data = {key: tuple(self.item(e).load() for e in some) for key, some in names.items()}
        return arrange(method, data)

    def _folders(self) -> dict[str, Path]:
        return {name: item.folder for name, item in self._state.items.items()}

    def take(self, run: Run, output: str, name: str = "") -> Item:
        """Put one output of a finished run on the list of open data."""
        with self._lock:
            taken = self._take(run, {output: free_name(name or output, self._state.items)})
        return taken[0]

    def _take(self, run: Run, names: Mapping[str, str]) -> list[Item]:
        found = [
            read_item(self.folder, name, f"runs/{run.name}/data/{output}", run.name)
            for output, name in names.items()
        ]
        inputs = names_today(run, self._folders())
        step = Step.of_run(run, inputs, names)
        new = self._state.items | {each.name: each for each in found}
        used = {run.item_folder(each) for some in run.request.inputs.values() for each in some}
        place = place_of_run(self.steps, used, self.folder)
        steps = (*self.steps[:place], step, *self.steps[place:])
        self._push(Snapshot(new, steps, f"run {run.request.method}"))
        return found

    def _take_all(self, run: Run) -> None:
        with self._lock:
            if run.name in self._history.runs():
                return
            names: dict[str, str] = {}
            for output in run.outputs():
                names[output] = free_name(output, {*self._state.items, *names.values()})
            self._take(run, names)

    def _run_changed(self, run: Run) -> None:
        if run.folder.parent.parent == self.folder and run.state is State.DONE:
            with contextlib.suppress(NeurostudioError):
                self._take_all(run)

    # ---- out -------------------------------------------------------------------------------------

    def script(self) -> str:
        """Return the steps as a Python script that does them again."""
        return write_script(self.steps, set(self._state.items), self.name)

    def _write(self) -> None:
        write_session(self.folder, self._state, self._history.runs(), untitled=self.untitled)


def _seal(folder: Path) -> None:
    with contextlib.suppress(NeurostudioError, OSError):
        items.seal(folder)


def _tuple(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
