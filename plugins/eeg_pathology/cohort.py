"""Windows with their labels and people, as arrays that a network and a baseline share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Params, Trials, param
from neurostudio.montage import match, normalised

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.splits import Split

MICROVOLTS = 1e6
POSITIVE = ("abnormal", "patient", "patients", "alcoholic", "case", "ill", "yes", "true", "1")
SIMULATED = "Simulated data: the score says nothing about people."
PERMUTED = "Null run: the labels were shuffled between groups; any score but chance is a fault."
WARNINGS = {"simulated": SIMULATED, "permuted": PERMUTED}


class CohortParams(Params):
    """Which columns hold labels, people and recordings."""

    label: str = param("label", "Column with the label; 'event' uses the events", suggest="columns")
    split_by: str = param(
        "subject",
        "Column of the groups that never stand on both sides of a split; windows are never split singly",
        suggest="columns",
    )
    recording: str = param(
        "recording",
        "Column that names the recording, whose windows are judged together; the groups where absent",
        suggest="columns",
        advanced=True,
    )
    test_column: str = param(
        "", "Column that marks a given test part by 'test', 'true' or 1; empty for folds",
        suggest="columns", advanced=True,
    )  # fmt: skip
    positive: str = param(
        "", "The label whose probability is shown; by default the one that sounds like illness",
        advanced=True,
    )  # fmt: skip
    permute_labels: bool = param(
        False, "Null run: shuffle the labels between groups; the score must fall to chance",
        advanced=True,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cohort:
    """Windows of EEG in microvolts, each with a label, a group and a unit that is judged as one.

    ``signals`` (n_windows, n_channels, n_times); ``labels`` index ``classes``, the positive one last;
    ``tested`` marks a given test part, or is None.
    """

    signals: NDArray[np.float32]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    groups: NDArray[np.str_]
    units: NDArray[np.str_]
    channels: tuple[str, ...]
    rate: float
    tested: NDArray[np.bool_] | None
    simulated: bool

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def ids(self) -> tuple[str, ...]:
        """The rows' numbers as text: what a split is made of."""
        return tuple(map(str, range(len(self))))

    @property
    def chance(self) -> float:
        """Balanced accuracy of guessing."""
        return 1 / len(self.classes)

    def rows(self, split: Split, part: str) -> NDArray[np.intp]:
        """Return the rows in a part of a split."""
        return split.rows(self.ids, part)

    def permuted(self, seed: int) -> Cohort:
        """Return the same windows with the labels shuffled between units, within each part."""
        random = np.random.default_rng([seed, 77])
        labels = self.labels.copy()
        tested = np.zeros(len(self), dtype=bool) if self.tested is None else self.tested
        for part in (False, True):
            names, first = np.unique(self.units[tested == part], return_index=True)
            shuffled = random.permutation(self.labels[tested == part][first])
            new = dict(zip(names.tolist(), shuffled.tolist(), strict=True))
            for row in np.flatnonzero(tested == part):
                labels[row] = new[str(self.units[row])]
        return replace(self, labels=labels)


def read_cohort(
    windows: Trials,
    params: CohortParams,
    seed: int,
    *,
    classes: Sequence[str] = (),
) -> Cohort:
    """Return the windows with labels and groups from the columns that the parameters name.

    Raises
    ------
    BadInput
        A column is missing, a label is missing, or there is only one class.
    """
    epochs = windows.epochs
    chosen = eeg_channels(windows)
    labels = [str(value) for value in column(windows, params.label)]
    groups = np.array([str(value) for value in column(windows, params.split_by)])
    _refuse_missing(labels, params.label)
    known = _ordered(labels, params.positive, classes)
    codes = np.array([known.index(label) for label in labels], dtype=np.int64)
    data = epochs.get_data(picks=chosen, copy=False, verbose="ERROR")
    cohort = Cohort(
        signals=np.ascontiguousarray(data * MICROVOLTS, dtype=np.float32),
        labels=codes,
        classes=known,
        groups=groups,
        units=_units(windows, params, groups, codes),
        channels=tuple(chosen),
        rate=float(epochs.info["sfreq"]),
        tested=_tested(windows, params.test_column),
        simulated=is_simulated(windows),
    )
    return cohort.permuted(seed) if params.permute_labels else cohort


def warnings_of(cohort: Cohort, params: CohortParams) -> tuple[str, ...]:
    """Return the codes of what a reader of the scores must know."""
    codes = [
        code
        for code, true in (("simulated", cohort.simulated), ("permuted", params.permute_labels))
        if true
    ]
    return tuple(codes)


def is_simulated(windows: Trials) -> bool:
    """Return whether the windows say of themselves that they are simulated."""
    frame = windows.epochs.metadata
    return frame is not None and "simulated" in frame and bool(frame["simulated"].any())


def column(windows: Trials, name: str) -> list[Any]:
    """Return one value for each window: of a column, or the event where the column is 'event'.

    Raises
    ------
    BadInput
        There is no such column.
    """
    epochs = windows.epochs
    frame = epochs.metadata
    if frame is not None and name in frame:
        return list(frame[name])
    if name == "event":
        words = {code: word for word, code in epochs.event_id.items()}
        return [words[code] for code in epochs.events[:, 2]]
    columns = windows.names("columns")
    raise BadInput(
        f"The windows have no column '{name}'. "
        f"Choose one of: {', '.join(columns) or 'event'}, or add a table of people with it."
    )


def eeg_channels(windows: Trials) -> list[str]:
    """Return the EEG channels that are not marked bad.

    Raises
    ------
    BadInput
        There is none.
    """
    epochs = windows.epochs
    kinds = epochs.get_channel_types()
    names = [
        name
        for name, kind in zip(epochs.ch_names, kinds, strict=True)
        if kind in {"eeg", "ecog", "seeg"} and name not in epochs.info["bads"]
    ]
    if not names:
        raise BadInput(
            f"None of the {len(kinds)} channels is an EEG channel that is not marked bad."
        )
    return names


def adapted(windows: Trials, config: Mapping[str, Any]) -> Trials:
    """Return windows with the channels, order, rate and length of a trained model.

    Raises
    ------
    BadInput
        Channels are missing, or the windows are shorter than the model's.
    """
    wanted = list(config["channels"])
    epochs = windows.epochs
    found = match(wanted, eeg_channels(windows))
    missing = [name for name in wanted if name not in found]
    if missing:
        raise BadInput(
            f"The windows have {len(found)} of the {len(wanted)} channels that the model was trained "
            f"on; {', '.join(missing[:3])} {'is' if len(missing) == 1 else 'are'} missing. "
            "Interpolate them, or train the model with these windows as its target."
        )
    rate, n_times = float(config["rate"]), int(config["n_times"])
    names = [found[name] for name in wanted]
    if list(epochs.ch_names) != names or epochs.info["sfreq"] != rate:
        epochs = epochs.copy().load_data().pick(names, verbose="ERROR").reorder_channels(names)
    if epochs.info["sfreq"] != rate:
        epochs.resample(rate, verbose="ERROR")
    return Trials(_of_length(epochs, n_times))


def _of_length(epochs: Any, n_times: int) -> Any:
    import mne

    have = len(epochs.times)
    if have == n_times:
        return epochs
    if have < n_times - 2:
        raise BadInput(
            f"The windows have {have} samples; the model was trained on {n_times}. "
            "Cut longer windows or train again."
        )
    data = epochs.get_data(copy=True, verbose="ERROR")[:, :, :n_times]
    if have < n_times:  # two rates may round one length to sample counts that differ by one or two
        data = np.pad(data, ((0, 0), (0, 0), (0, n_times - have)), mode="edge")
    return mne.EpochsArray(
        data, epochs.info, epochs.events, epochs.tmin, epochs.event_id,
        metadata=epochs.metadata, proj=False, verbose="ERROR",
    )  # fmt: skip


def in_common(windows: Trials, target: Trials) -> Trials:
    """Return windows with only those channels that the target has too, in the windows' order.

    Raises
    ------
    BadInput
        They have no channel in common.
    """
    names = eeg_channels(windows)
    shared = match(names, eeg_channels(target))
    if not shared:
        raise BadInput(
            f"No channel name is in both: {', '.join(names[:3])} … and "
            f"{', '.join(eeg_channels(target)[:3])} …"
        )
    kept = [name for name in names if name in shared]
    return Trials(windows.epochs.copy().load_data().pick(kept, verbose="ERROR"))


def same_names(first: Sequence[str], second: Sequence[str]) -> bool:
    """Return whether two lists of channels are the same but for spelling."""
    return [normalised(name) for name in first] == [normalised(name) for name in second]


def _refuse_missing(labels: Sequence[str], name: str) -> None:
    missing = [str(k) for k, each in enumerate(labels) if each in {"", "nan", "None", "<NA>"}]
    if missing:
        raise BadInput(
            f"{len(missing)} windows have no label in '{name}' (rows {', '.join(missing[:3])}). "
            "Add their labels or leave them out."
        )


def _ordered(labels: Sequence[str], positive: str, classes: Sequence[str]) -> tuple[str, ...]:
    found = sorted(set(labels))
    if classes:
        strange = [label for label in found if label not in classes]
        if strange:
            raise BadInput(
                f"The label '{strange[0]}' is unknown to the model, which tells "
                f"{', '.join(classes)} apart."
            )
        return tuple(classes)
    if len(found) < 2:
        raise BadInput(f"All windows have the label '{found[0]}'. At least two are needed.")
    if positive and positive not in found:
        raise BadInput(f"No window has the label '{positive}'. There are: {', '.join(found[:8])}.")
    last = positive or next((word for word in found if word.lower() in POSITIVE), found[-1])
    return (*[word for word in found if word != last], last)


def _units(
    windows: Trials, params: CohortParams, groups: NDArray[Any], labels: NDArray[Any]
) -> NDArray[np.str_]:
    """Return what is judged as one: the recording where it has one label, else each window."""
    names = windows.names("columns")
    named = params.recording in names
    units = np.array([str(v) for v in column(windows, params.recording)]) if named else groups
    whole = all(len(set(labels[units == unit])) == 1 for unit in set(units))
    inside = all(len(set(groups[units == unit])) == 1 for unit in set(units))
    if whole and inside:
        return units
    return np.array([f"{group}, window {row}" for row, group in enumerate(groups)])


def _tested(windows: Trials, name: str) -> NDArray[np.bool_] | None:
    if not name:
        return None
    return np.array([str(v).lower() in {"test", "true", "1", "1.0"} for v in column(windows, name)])
