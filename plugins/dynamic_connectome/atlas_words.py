"""What can and what cannot be concluded from an atlas, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .declaring import FORM

if TYPE_CHECKING:
    from .atlas_reporting import Atlas


def words(atlas: Atlas) -> str:
    """Return what can and what cannot be concluded, as Markdown."""
    one = len(atlas.cohort.animals) == 1
    can = [
        "which neurons changed together, when, and in which grouping, in these recordings",
        "whether this is more than in the same traces shifted in time (*Beside its controls*)",
    ]
    cannot = [
        "that neurons of a community are connected or drive each other: components are motifs of co-change",
        "that structure exists because random starts agree; they agree on independent random walks too",
        "anything from single pairs: N traces make N (N − 1) / 2 pairs that are not independent",
        "that this number of components is the true one; it is a choice (*Choose the rank*)",
    ]
    if one:
        cannot += [
            "anything about other animals: with **one animal** this is a hypothesis only",
            "anything from the animal profile: it has one entry and is not shown",
            "that the components are the only ones: a matrix factorisation is not unique in general",
        ]
    if not atlas.epochs.given:
        cannot.append(
            "that a component follows a stimulus: none was given; quarters of the recording stand in"
        )
    animals = f"{len(atlas.cohort.animals)} animal{'' if one else 's'}"
    head = f"**{FORM}** {animals}, {len(atlas.cohort.neurons)} neurons."
    if atlas.simulated:
        head += " **Simulated data.**"
    return "\n\n".join([
        head, "**Can be said**", "\n".join(f"- {each}" for each in can), "**Cannot be said**",
        "\n".join(f"- {each}" for each in cannot),
    ])  # fmt: skip
