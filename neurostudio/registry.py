"""Plugins and their methods: found without importing anything heavy."""

from __future__ import annotations

import importlib
import logging
import pkgutil
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from neurostudio.errors import UnknownName
from neurostudio.method import Example, Method

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plugin:
    """What a plugin says of itself: ten light lines.

    ``source`` names the paper, ``differs`` says in one sentence what this implementation does otherwise,
    ``limits`` what must not be concluded. ``methods`` lists ``"module:function"`` inside the plugin;
    ``draws`` gives the drawing function of each view type that the plugin brings, as ``"panel:function"``.
    """

    name: str
    title: str
    summary: str
    source: str
    methods: tuple[str, ...]
    differs: str = ""
    limits: str = ""
    draws: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """One plugin that was found: working, with its methods, or broken, with the reason."""

    name: str
    module: str
    plugin: Plugin | None = None
    methods: Mapping[str, Method] = field(default_factory=dict)
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Registry:
    """All plugins, and the methods of those that work."""

    plugins: tuple[Found, ...]

    @property
    def methods(self) -> dict[str, Method]:
        """All methods by name."""
        return {name: each for found in self.plugins for name, each in found.methods.items()}

    def plugin_of(self, method: str) -> Found:
        """Return the plugin that brings a method."""
        for found in self.plugins:
            if method in found.methods:
                return found
        raise UnknownName("method", method, self.methods)

    def method(self, name: str) -> Method:
        """Return a method by name.

        Raises
        ------
        UnknownName
            No plugin brings it; the message names the nearest one and the plugins that are broken.
        """
        try:
            return self.methods[name]
        except KeyError:
            raise UnknownName("method", name, self.methods) from None

    def example(self, name: str) -> Example:
        """Return the inputs by which the plugin shows a method: *Try it*, tests and docs."""
        found = self.plugin_of(name)
        module = importlib.import_module(f"{found.module}.example")
        example = getattr(module, self.method(name).example)()
        if not isinstance(example, Example):
            raise TypeError(
                f"{found.module}.example:{self.method(name).example} must return Example"
            )
        return example


@cache
def discover() -> Registry:
    """Return all plugins: the folders of ``neurostudio.plugins``, then the installed ones."""
    return gather([*_built_in(), *entry_points(group="neurostudio.plugins")])


def find(name: str) -> Method:
    """Return the method of this name from any plugin."""
    return discover().method(name)


def gather(entries: Iterable[EntryPoint]) -> Registry:
    """Load plugins; one that fails is listed with its reason, and a taken name is refused."""
    found: list[Found] = []
    taken: dict[str, str] = {}
    for entry in entries:
        each = _load(entry, taken)
        if each.broken:
            log.warning("plugin %s is left out: %s", each.name, each.broken)
        taken |= dict.fromkeys(each.methods, each.name)
        found.append(each)
    return Registry(tuple(found))


def _built_in() -> list[EntryPoint]:
    package = importlib.import_module("neurostudio.plugins")
    return [
        EntryPoint(info.name, f"neurostudio.plugins.{info.name}", "neurostudio.plugins")
        for info in pkgutil.iter_modules(package.__path__)
    ]


def _load(entry: EntryPoint, taken: Mapping[str, str]) -> Found:
    try:
        module = importlib.import_module(entry.module)
        plugin = module.PLUGIN
        methods = {each.name: each for each in _methods(module, plugin)}
    except Exception as error:  # a plugin may fail in any way; the others must live
        return Found(entry.name, entry.module, broken=f"{type(error).__name__}: {error}")
    for name in methods:
        if name in taken:
            reason = f"its method '{name}' is already brought by the plugin '{taken[name]}'"
            return Found(entry.name, entry.module, plugin, broken=reason)
    return Found(entry.name, entry.module, plugin, methods)


def _methods(module: ModuleType, plugin: Plugin) -> Iterable[Method]:
    for reference in plugin.methods:
        where, _, name = reference.rpartition(":")
        holder = importlib.import_module(f"{module.__name__}.{where}") if where else module
        found = getattr(holder, name)
        if not isinstance(found, Method):
            raise TypeError(f"{reference} is not made by @method")
        yield found
