"""Operations as tables: written, read, and made of tables of zeros and ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from neurostudio.api import BadInput

from .programs import KINDS, Operation, Program, by_content, by_cue, learn, refuse_misfits, spaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

_WANTED = "Give the columns operation (learn, recall by cue, recall by content), cue and content"


def indices_of(value: Any) -> tuple[int, ...]:
    """Return indices from a list, a number, or words such as ``0 1 8``; empty for nothing.

    Raises
    ------
    BadInput
        Something else than whole numbers.

    Examples
    --------
    >>> indices_of("[0, 1, 8]"), indices_of(3.0), indices_of("")
    ((0, 1, 8), (3,), ())
    """
    if value is None or value != value:  # NaN differs from itself
        return ()
    parts = re.split(r"[\s,;\[\]{}()]+", value) if isinstance(value, str) else _listed(value)
    found = []
    for part in parts:
        if part == "":
            continue
        try:
            number = float(part)
        except (TypeError, ValueError):
            number = float("nan")
        if not number.is_integer() or number < 0:
            raise BadInput(f"{value!r} is no list of indices: write whole numbers, such as 0 1 8.")
        found.append(int(number))
    return tuple(sorted(set(found)))


def _listed(value: Any) -> list[Any]:
    return list(value) if hasattr(value, "__iter__") else [value]


def joined(indices: Iterable[int]) -> str:
    """Return indices as words: ``0 1 8``."""
    return " ".join(map(str, sorted(indices)))


def table_of(operations: Sequence[Operation], *, timed: bool = True) -> pd.DataFrame:
    """Return operations as a table; ``time`` in s where it matters."""
    import pandas as pd

    columns: dict[str, Any] = {"time": [each.at * 1e-3 for each in operations]} if timed else {}
    columns |= {
        "operation": [each.kind for each in operations],
        "cue": [joined(each.cues) for each in operations],
        "content": [joined(each.bits) for each in operations],
    }
    return pd.DataFrame(columns)


def program_of(frame: pd.DataFrame, pitch: int, n_cues: int = 0, n_content: int = 0) -> Program:
    """Return the program that a table means; the sizes are at least those that it needs.

    Raises
    ------
    BadInput
        Columns are missing, or a row says nothing that can be done.
    """
    if "operation" not in frame:
        return _of_zeros_and_ones(frame, pitch)
    for name in ("cue", "content"):
        if name not in frame:
            raise BadInput(f"The table has no column {name}. {_WANTED}.")
    made = [_operation(row) for row in frame.rename(columns=str).to_dict("records")]
    if not made:
        raise BadInput(f"The table of operations is empty. {_WANTED}.")
    cues = max([n_cues, *(1 + max(each.cues, default=0) for each in made)])
    bits = max([n_content, *(1 + max(each.bits, default=0) for each in made)])
    if "time" not in frame:
        return spaced(cues, bits, made, pitch)
    made.sort(key=lambda each: each.at)
    if made[0].at < 0:
        raise BadInput(f"The first operation is at {made[0].at / 1e3:g} s; begin at 0 or later.")
    return refuse_misfits(Program(cues, bits, tuple(made), made[-1].at + max(pitch, 10)))


def _operation(row: Mapping[Any, Any]) -> Operation:
    kind, cues, bits = str(row["operation"]), indices_of(row["cue"]), indices_of(row["content"])
    if kind not in KINDS:
        raise BadInput(f"There is no operation {kind!r}. Use {', '.join(KINDS)}.")
    if kind == "recall by content":
        cues = ()
    if kind == "recall by cue":
        bits = ()
    if (kind != "recall by content" and len(cues) != 1) or (kind != "recall by cue" and not bits):
        raise BadInput(
            f"'{kind}' with cue '{joined(cues)}' and content '{joined(bits)}': learning needs one cue and "
            "content, recall by cue one cue, recall by content at least one bit."
        )
    time = float(row.get("time", 0.0))
    if time != time:
        raise BadInput("An operation has no time. Fill the column or leave it out.")
    return Operation(round(time * 1e3), kind, cues, bits)


def _of_zeros_and_ones(frame: pd.DataFrame, pitch: int) -> Program:
    """Return a program that stores each row under its own cue, and asks for every cue and every bit."""
    bits = frame.drop(columns=[name for name in ("cue",) if name in frame])
    try:
        values = bits.to_numpy(float)
    except (TypeError, ValueError):
        values = bits.isna().to_numpy(float) + 2.0
    if not values.size or not ((values == 0) | (values == 1)).all():
        raise BadInput(f"This is no table of operations, nor one of zeros and ones. {_WANTED}.")
    return program_of_patterns([row.nonzero()[0].tolist() for row in values], bits.shape[1], pitch)


def program_of_patterns(patterns: Sequence[Sequence[int]], n_content: int, pitch: int) -> Program:
    """Return a program that stores each pattern under its own cue, then asks for every cue and every bit."""
    return spaced(len(patterns), n_content, learn_and_ask(patterns, n_content), pitch)


def learn_and_ask(patterns: Sequence[Sequence[int]], n_content: int) -> list[Operation]:
    """Return the operations that store each pattern under its own cue and ask for every cue and bit.

    A pattern without a bit cannot be learned; its cue is asked all the same and must answer nothing.
    """
    kept = [(cue, bits) for cue, bits in enumerate(patterns) if len(bits)]
    if not kept:
        raise BadInput("No pattern has a bit: there is nothing to learn.")
    return [
        *(learn(0, cue, bits) for cue, bits in kept),
        *(by_cue(0, cue) for cue in range(len(patterns))),
        *(by_content(0, (bit,)) for bit in range(n_content)),
    ]
