"""Methods called by name, inputs and parameters together."""

from neurostudio.params import read_params
from neurostudio.registry import find
from neurostudio.testing import ListContext


def call(name, context=None, **given):
    """Run a method; what is no input of it is a parameter."""
    found = find(name)
    inputs = {each.name for each in found.inputs}
    params = read_params(found.params, {k: v for k, v in given.items() if k not in inputs})
    items = {k: v for k, v in given.items() if k in inputs}
    return found(context or ListContext(), params, **items)
