"""Finds what a person means from a few letters."""

from __future__ import annotations


def closeness(query: str, text: str) -> float:
    """Return how well a text answers a query: 0 not at all, more is better.

    All words of the query must be in the text, or else its letters in their order; beginnings of words
    count more.

    Examples
    --------
    >>> closeness("opf", "Open folder") > closeness("opf", "Compare profiles") > 0
    True
    >>> closeness("xyz", "Open folder")
    0.0
    """
    query, text = query.lower().strip(), text.lower()
    if not query:
        return 1.0
    words = query.split()
    if all(word in text for word in words):
        starts = sum(_begins_a_word(word, text) for word in words)
        return 100.0 + 10.0 * starts + (20.0 if text.startswith(query) else 0.0) - 0.01 * len(text)
    return _letters_in_order(query.replace(" ", ""), text)


def _begins_a_word(word: str, text: str) -> bool:
    return any(each.startswith(word) for each in text.replace("_", " ").split())


def _letters_in_order(letters: str, text: str) -> float:
    at, points = -1, 0.0
    for letter in letters:
        found = _next_start(letter, text, at + 1)
        if found < 0:
            return 0.0
        points += 3.0 if found == 0 or not text[found - 1].isalnum() else 0.0
        points += 2.0 if found == at + 1 else 0.0
        at = found
    return max(0.1, points - 0.02 * len(text) - 0.02 * at)


def _next_start(letter: str, text: str, after: int) -> int:
    """Return where a letter comes next: at the next one, the beginning of a word first."""
    direct = text.find(letter, after)
    if direct < 0 or direct == after:
        return direct
    for k in range(direct, len(text)):
        if text[k] == letter and (k == 0 or not text[k - 1].isalnum()):
            return k
    return direct
