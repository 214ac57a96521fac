"""Writes one page a plugin into docs/methods from what the plugin says of itself: ``make docs``."""

from __future__ import annotations

import sys
from pathlib import Path

from neurostudio.params import parameters
from neurostudio.registry import discover

OUT = Path(__file__).resolve().parent.parent / "docs" / "methods"


def main(out):
    """Write all pages and an index."""
    out.mkdir(parents=True, exist_ok=True)
    index = ["# Methods", ""]
    for found in discover().plugins:
        plugin = found.plugin
        (out / f"{plugin.name}.md").write_text(page(plugin, found.methods.values()))
        index.append(f"- [{plugin.title}]({plugin.name}.md): {plugin.summary}")
    (out / "README.md").write_text("\n".join(index) + "\n")


def page(plugin, methods):
    """Return the page of a plugin as Markdown."""
    lines = [f"# {plugin.title}", "", plugin.summary, ""]
    for title, text in (
        ("Source", plugin.source),
        ("Differs", plugin.differs),
        ("Limits", plugin.limits),
    ):
        if text:
            lines += [f"**{title}.** {text}", ""]
    for method in methods:
        lines += _method(method)
    return "\n".join(lines).rstrip() + "\n"


def _method(method):
    lines = [f"## {method.title}: `{method.name}`", "", method.doc, "", "Takes:", ""]
    for entry in method.inputs:
        several = ", several" if entry.many else ""
        optional = ", optional" if entry.optional else ""
        lines.append(f"- `{entry.name}`: {entry.words}{several}{optional}")
    lines += ["", "| parameter | default | unit | bounds | meaning |", "|---|---|---|---|---|"]
    lines += [_row(each) for each in parameters(method.params)]
    presets = ", ".join(method.params.presets)
    lines += ["", f"Presets: {presets}." if presets else "No presets.", ""]
    for code, sentence in method.warnings.items():
        lines += [f"May warn ({code}): {sentence}", ""]
    names = " ".join(f"{each.name}=FILE" for each in method.inputs if not each.optional)
    return [*lines, "```", f"neurostudio run {method.name} {names} --out RUN", "```", ""]


def _row(each):
    low = "" if each.low is None else f"{'>' if each.low_open else '≥'} {each.low:g}"
    high = "" if each.high is None else f"{'<' if each.high_open else '≤'} {each.high:g}"
    bounds = ", ".join(part for part in (low, high) if part)
    choices = ", ".join(str(choice) for choice in each.choices)
    default = "none" if each.default is None else each.default
    if isinstance(default, tuple):
        default = ", ".join(map(str, default)) or "none"
    unit = "" if each.unit == "1" else each.unit
    cells = (f"`{each.name}`", str(default), unit, bounds or choices, each.help)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)
