"""Splits: whole groups, even labels, no leak."""

import pytest

from neurostudio.errors import BadInput
from neurostudio.splits import Split, check_leak, split_by_group

PEOPLE = [f"p{k // 4}" for k in range(40)]  # ten people with four windows each
LABELS = [int(k // 4 >= 5) for k in range(40)]  # the last five are ill


def test_every_window_is_tested_exactly_once():
    splits = split_by_group(PEOPLE, LABELS, folds=5)
    tested = sorted(int(each) for split in splits for each in split.test)
    assert tested == list(range(40))


def test_no_person_stands_in_two_parts():
    for split in split_by_group(PEOPLE, LABELS, folds=5):
        parts = [
            {split.groups[i] for i in part} for part in (split.train, split.validation, split.test)
        ]
        assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]


def test_labels_are_spread_evenly_over_the_folds():
    for split in split_by_group(PEOPLE, LABELS, folds=5):
        assert sum(LABELS[int(each)] for each in split.test) == 4


def test_as_many_folds_as_groups_leave_one_group_out():
    splits = split_by_group(PEOPLE, LABELS, folds=10)
    assert sorted({split.groups[split.test[0]] for split in splits}) == sorted(set(PEOPLE))


def test_a_given_test_part_wins():
    (split,) = split_by_group(PEOPLE, LABELS, test=[person == "p0" for person in PEOPLE])
    assert set(split.test) == {"0", "1", "2", "3"}


def test_a_given_test_part_that_cuts_a_person_in_two_is_refused():
    with pytest.raises(BadInput, match="p0"):
        split_by_group(PEOPLE, LABELS, test=[k == 0 for k in range(40)])


def test_a_leak_is_refused_by_name():
    split = Split(("a",), (), ("b",), {"a": "ann", "b": "ann"})
    with pytest.raises(BadInput, match="1 groups stand on both sides of the split: 'ann'"):
        check_leak(split)


def test_more_folds_than_people_are_refused_with_both_numbers():
    with pytest.raises(BadInput, match="10 groups and 11 folds"):
        split_by_group(PEOPLE, LABELS, folds=11)


def test_the_hash_tells_splits_apart_and_not_their_order():
    first, second = split_by_group(PEOPLE, LABELS, folds=2)
    assert first.hash != second.hash
    shuffled = Split(first.train[::-1], first.validation, first.test, first.groups, first.kind)
    assert shuffled.hash == first.hash


def test_the_seed_decides_who_goes_together():
    splits = [split_by_group(PEOPLE, LABELS, folds=5, seed=seed) for seed in (0, 0, 1)]
    hashes = [tuple(each.hash for each in split) for split in splits]
    assert hashes[0] == hashes[1] != hashes[2]
