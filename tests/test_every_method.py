"""Every method of every plugin passes the same checks."""

import pytest

from neurostudio.registry import discover
from neurostudio.samples import SAMPLES, lacking
from neurostudio.testing import CHECKS

METHODS = discover().methods
LACKING = {each.method: lacking(each) for each in SAMPLES if lacking(each)}


def test_every_built_in_plugin_works():
    assert {each.name: each.broken for each in discover().plugins if each.broken} == {}
    assert METHODS


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_method(name, check):
    if name in LACKING:
        pytest.skip(LACKING[name])
    check(METHODS[name])
