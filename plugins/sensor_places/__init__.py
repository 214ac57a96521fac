"""Where sensors sit on the head."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="sensor_places",
    title="Places of sensors",
    summary="Fits a template of electrode places to the head that was measured, or by hand.",
    source="Umeyama, Least-squares estimation of transformation parameters, IEEE PAMI 1991",
    methods=("placing:place_sensors",),
    differs="Templates are MNE's; a fit turns, shifts and scales by one factor, it does not bend.",
    limits=(
        "Template places differ from the true ones by a centimetre and more. For sources, measure them."
    ),
)
