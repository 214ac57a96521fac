"""Scores: values that a person can compute, and intervals over people."""

import numpy as np
import pytest

from neurostudio.scores import (
    Number,
    auroc,
    balanced_accuracy,
    bootstrap,
    confusion,
    interval,
    interval_of_share,
    score_of_groups,
)


def test_balanced_accuracy_weighs_classes_alike():
    assert balanced_accuracy([0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 1, 0]) == pytest.approx(0.75)


def test_guessing_the_larger_class_scores_at_chance():
    assert balanced_accuracy([0] * 9 + [1], [0] * 10) == 0.5


def test_auroc_of_a_perfect_an_inverted_and_a_blind_score():
    truth = [0, 0, 1, 1]
    assert auroc(truth, [1, 2, 3, 4]) == 1.0
    assert auroc(truth, [4, 3, 2, 1]) == 0.0
    assert auroc(truth, [1, 1, 1, 1]) == 0.5
    assert np.isnan(auroc([1, 1], [0.2, 0.3]))


def test_confusion_counts_truth_in_rows():
    np.testing.assert_array_equal(confusion([0, 0, 1], [0, 1, 1], 2), [[1, 1], [0, 1]])


def test_the_interval_of_few_people_is_wide_however_many_windows_they_have():
    people = np.repeat([f"p{k}" for k in range(8)], 100)
    right = np.repeat([1, 1, 1, 1, 1, 0, 0, 1], 100).astype(float)
    by_person = interval(bootstrap(lambda rows: right[rows].mean(), people))
    by_window = interval(bootstrap(lambda rows: right[rows].mean(), np.arange(800).astype(str)))
    assert by_person[1] - by_person[0] > 0.4
    assert by_window[1] - by_window[0] < 0.1


def test_a_score_carries_interval_chance_and_baseline():
    truth = np.repeat([0, 1], 10)
    number = score_of_groups(truth, truth, np.arange(20).astype(str), chance=0.5, baseline=0.7)
    assert number == Number(1.0, "1", 1.0, 1.0, 0.5, 0.7)
    assert str(number) == "1 [1, 1] (chance 0.5, baseline 0.7)"


def test_the_bootstrap_repeats_with_its_seed():
    groups = [str(k) for k in range(12)]
    values = np.arange(12.0)
    first, second = (bootstrap(lambda rows: values[rows].mean(), groups, seed=4) for _ in "ab")
    np.testing.assert_array_equal(first, second)


def test_the_interval_of_a_share_is_wilsons():
    # 8 of 10: (0.8 + 0.19207 +- 1.96 sqrt(0.016 + 0.0096)) / 1.38415
    assert interval_of_share(0.8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert interval_of_share(0.0, 0) == pytest.approx((0.0, 0.7935), abs=1e-4)
