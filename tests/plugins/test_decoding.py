"""Decoding: a planted difference is found when it is there; shuffled labels are not; the folds are clean."""

import numpy as np
import pytest

from neurostudio.errors import BadInput
from neurostudio.method import Context
from neurostudio.params import read_params
from neurostudio.registry import find

mne = pytest.importorskip("mne")
pytest.importorskip("sklearn")


def call(seed=0, **given):
    found = find("decode_over_time")
    trials = given.pop("trials")
    some = trials if isinstance(trials, tuple) else (trials,)
    return found(Context(seed=seed), read_params(found.params, given), trials=some)


@pytest.fixture(scope="module")
def planted():
    """The plugin's own example: faces and houses differ from 0.4 to 0.7 s."""
    from neurostudio.plugins.decoding import example

    return example


def test_the_difference_is_decoded_when_it_is_there(planted):
    result = call(trials=planted.trials(), groups="subject", **planted.SMALL)
    frame = result["scores"].frame
    inside = (frame.time >= 0.4 - 1e-9) & (frame.time < 0.7 - 1e-9)
    assert frame.significant[inside].all()
    assert frame.score[inside].min() > 0.75
    assert frame.significant[~inside].mean() <= 0.05
    assert result.numbers["p"].value == 0.05
    assert result.numbers["first above chance"].value == pytest.approx(0.4)
    highest = result.numbers["highest score"]
    assert highest.chance == 0.5
    assert highest.low > 0.5


def test_shuffled_labels_are_not_decoded(planted):
    trials = planted.trials(effect=0.0)
    result = call(trials=trials, groups="subject", permutations=39, folds=4)
    assert result.numbers["p"].value > 0.05
    assert result.numbers["times above chance"].value == 0
    assert abs(result.numbers["mean score"].value - 0.5) < 0.1


def test_what_differs_between_people_does_not_carry_over_to_new_ones(planted):
    own_signs = planted.trials(shared=False, people=4)
    over_people = call(trials=own_signs, groups="subject", **planted.SMALL)
    assert over_people.numbers["highest score"].value < 0.8
    assert over_people.numbers["p"].value > 0.05


def test_scores_are_those_of_scikit_learn(planted):
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    trials = planted.trials()
    result = call(trials=trials, permutations=0, folds=4, start=0.44, end=0.52)
    truth = np.array([word == "house" for word in trials.epochs.metadata.event])
    pipeline = make_pipeline(
        StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=10_000, tol=1e-9)
    )
    folds = StratifiedKFold(4, shuffle=True, random_state=0)
    values = trials.epochs.get_data(copy=False)
    for row in result["scores"].frame.itertuples():
        column = int(np.argmin(np.abs(trials.epochs.times - row.time)))
        said = cross_val_predict(
            pipeline, values[:, :, column], truth, cv=folds, method="decision_function"
        )
        assert row.score == pytest.approx(roc_auc_score(truth, said), abs=1e-12)


def test_logistic_weights_are_those_of_scikit_learn(planted):
    from neurostudio.plugins.decoding import logistic
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    epochs = planted.trials().epochs[:41]
    values = epochs.get_data(copy=True)[:, :, [0, 20]]
    truth = (epochs.events[:, 2] == 2).astype(int)
    for strength in (0.01, 1.0, 1e4):
        found = logistic.fit(values, truth, strength)
        for time in (0, 1):
            scaled = StandardScaler().fit_transform(values[:, :, time])
            own = LogisticRegression(
                C=strength, class_weight="balanced", solver="newton-cholesky", tol=1e-10
            ).fit(scaled, truth)
            np.testing.assert_allclose(found.weights[time], own.coef_[0], rtol=1e-5, atol=1e-8)
            np.testing.assert_allclose(
                found.decide(values)[:, time], own.decision_function(scaled), rtol=1e-4, atol=1e-6
            )


def test_the_score_of_ranks_is_the_auroc_with_ties(planted):
    from neurostudio.plugins.decoding.folding import scored

    from neurostudio.scores import auroc

    truth = np.array([0, 0, 1, 1, 1])
    output = np.array([[0.1, 3], [0.4, 3], [0.4, 3], [0.8, 3], [0.2, 3]])
    np.testing.assert_allclose(scored(truth, output, "auroc"), [auroc(truth, c) for c in output.T])


def test_a_lasting_pattern_generalises_within_its_window_only(planted):
    result = call(
        trials=planted.trials(effect=12e-6), generalise=True, permutations=0, classifier="lda"
    )
    view = next(each for each in result.views if each.title.startswith("General"))
    values, times = view.values[::-1], view.x
    inside = (times >= 0.4 - 1e-9) & (times < 0.7 - 1e-9)
    assert values[np.ix_(inside, inside)].mean() > 0.3
    assert abs(values[np.ix_(~inside, ~inside)].mean()) < 0.1
    scores = result["scores"].frame.score.to_numpy()
    np.testing.assert_allclose(np.diag(values) + 0.5, scores, atol=1e-12)


def test_the_difference_lies_at_the_back(planted):
    result = call(trials=planted.trials(), permutations=0)
    maps = next(each for each in result.views if type(each).__name__ == "Topomap")
    back = [maps.names.index(name) for name in ("O1", "Oz", "O2")]
    assert np.abs(maps.values[0, back]).min() > 1.0
    assert np.abs(np.delete(maps.values[0], back)).max() < 1.0


def test_three_labels_have_a_chance_of_a_third(planted):
    from neurostudio.learning.planted import info_of, pink, trials_of

    values = pink(np.random.default_rng(0), (60, 4, 10))
    three = trials_of(values, info_of(["Fz", "Cz", "Pz", "Oz"], 100.0), ["a", "b", "c"] * 20)
    result = call(trials=three, measure="balanced accuracy", permutations=0)
    assert result.numbers["highest score"].chance == pytest.approx(1 / 3)
    with pytest.raises(BadInput, match="There are 3 labels: a, b, c"):
        call(trials=three)


def test_no_person_is_trained_on_and_tested_on(planted):
    from neurostudio.plugins.decoding.folding import folds_of

    who = [name for name in "abcdef" for _ in range(10)]
    for fold in folds_of(["x", "y"] * 30, who, 3, 0):
        named = np.array(who)
        assert not set(named[fold.train]) & set(named[fold.test])


def test_items_given_together_are_people_who_are_never_split(planted):
    from neurostudio.api import Trials

    whole = planted.trials()
    people = tuple(
        Trials(whole.epochs[whole.epochs.metadata.subject == name])
        for name in ("sub-0", "sub-1", "sub-2", "sub-3")
    )
    together = call(trials=people, permutations=0, folds=4)
    by_column = call(trials=whole, groups="subject", permutations=0, folds=4)
    np.testing.assert_allclose(
        together["scores"].frame.score, by_column["scores"].frame.score, rtol=1e-9
    )
    assert together.warnings == ()


def test_items_with_other_channels_are_refused(planted):
    from neurostudio.api import Trials

    fewer = Trials(planted.trials().epochs.copy().drop_channels(["Cz"]))
    with pytest.raises(BadInput, match="differs in 1 channels: Cz"):
        call(trials=(planted.trials(), fewer), permutations=0)


def test_trials_of_several_people_without_groups_carry_a_warning(planted):
    assert call(trials=planted.trials(), permutations=0).warnings == ("several-people",)


def test_whole_people_are_shuffled_where_each_has_one_label(planted):
    from neurostudio.plugins.decoding.over_time import Problem, shuffled

    groups = ["a", "a", "b", "b", "c", "c", "d", "d"]
    truth = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    blank = np.zeros((8, 1, 1))
    problem = Problem(blank, truth, ("x", "y"), groups, np.zeros(1), ("Cz",))
    for seed in range(5):
        mixed = shuffled(np.random.default_rng(seed), problem)
        assert (mixed[::2] == mixed[1::2]).all()
        assert mixed.sum() == 4


def test_fewer_trials_than_folds_are_refused(planted):
    from neurostudio.api import Trials

    with pytest.raises(BadInput, match="has 3 trials and there are 5 folds"):
        call(trials=Trials(planted.trials().epochs[:6]))


def test_one_label_is_nothing_to_tell_apart(planted):
    with pytest.raises(BadInput, match="All trials are 'face'"):
        call(trials=planted.trials(), classes=("face",))
