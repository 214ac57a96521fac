"""x"""
from neurostudio.api import Plugin
PLUGIN = Plugin(name="dynamic_connectome", title="t", summary="s", source="s", methods=())
