"""Everything that the command palette can find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .kinds import ICONS
from .palette import Entry

if TYPE_CHECKING:
    from .actions import Actions
    from .studio import Studio


def entries(studio: Studio, actions: Actions) -> list[Entry]:
    """Return the actions, the methods and the open items."""
    found = [
        Entry(
            "action",
            key,
            act.words.rstrip("…"),
            act.help,
            act.icon or "run",
            actions[key].isEnabled(),
        )
        for key, act in actions.acts.items()
        if key != "edit.palette"
    ]
    for method in studio.methods.values():
        first = method.doc.split("\n")[0]
        found.append(Entry("method", method.name, method.title, f"{method.group}: {first}", "run"))
    for item in studio.workspace.items.values():
        symbol = ICONS.get(item.kind, "table")
        found.append(Entry("item", item.name, item.name, item.summary, symbol))
    return found
