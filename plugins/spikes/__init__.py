"""Spike trains: responses, correlograms, rates, tuning, places, and what can be decoded from them."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="spikes",
    title="Spike trains",
    summary=(
        "Responses to events, correlograms, intervals, rates, tuning curves, place maps; "
        "positions and conditions decoded from populations."
    ),
    source="Viejo et al., Pynapple, a toolbox for data analysis in neuroscience, eLife 2023",
    methods=(
        "aligning:psth",
        "correlating:correlograms",
        "intervals:intervals",
        "rates:firing_rates",
        "tuning:tuning_curves",
        "places:place_maps",
        "positions:decode_position",
        "over_time:decode_spikes_over_time",
    ),
    differs=(
        "Every claim stands beside a control of the same data: shifted, jittered or permuted; "
        "decoders are tested on blocks of time or on trials that they never saw."
    ),
    limits=(
        "A unit that is tuned to one variable may follow another that goes with it; "
        "units from several sessions share no noise, so joint decoding is not what one brain could do."
    ),
)
