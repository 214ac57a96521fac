"""What every kind of data offers the program."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Fact = str | int | float | bool | list[int] | list[str] | list[float] | None


class Data(ABC):
    """An object of the ecosystem in a thin, typed, frozen envelope."""

    __slots__ = ()

    @abstractmethod
    def summary(self) -> str:
        """Return one line for the data list."""

    @abstractmethod
    def facts(self) -> Mapping[str, Fact]:
        """Return the metadata: a name in words and a plain value each, ready for JSON.

        Always there, where the kind has them: ``shape``, ``dimensions``, ``rate (Hz)``,
        ``duration (s)``, ``unit``.
        """

    def names(self, what: str) -> tuple[str, ...]:
        """Return the names that a form offers: ``channels``, ``events``, ``columns`` and so on.

        Empty where this kind has nothing of that sort.
        """
        del what
        return ()

    @abstractmethod
    def nbytes(self) -> int:
        """Return the bytes that the data take when they are wholly in memory."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write into an existing, empty folder, in the field's own open format, without loss."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote, lazily wherever the format allows."""
