"""When trials of two kinds can be told apart."""

from neurostudio.api import Plugin

PLUGIN = Plugin(
    name="decoding",
    title="Decoding over time",
    summary="A classifier at each time: when do the signals tell the conditions apart, and how lastingly?",
    source=(
        "King & Dehaene, Characterizing the dynamics of mental representations: the temporal "
        "generalization method, Trends Cogn. Sci. 2014"
    ),
    methods=("over_time:decode_over_time",),
    differs=(
        "scikit-learn's classifiers, the logistic one fitted at all times at once; the scaling is learnt "
        "within each training part, and the level of significance comes from shuffled labels, the "
        "highest of all times against the highest."
    ),
    limits=(
        "That a label can be decoded says that information is there, not that the brain uses it, and "
        "not from where. Whatever else differs between the conditions is decoded as well."
    ),
)
