import pandas as pd
import pytest

import darkfigure as dk
from darkfigure.data.tasks import internal_tasks


def tasks_of(table, **changes):
    return {each.list_name: each for each in internal_tasks(table, **changes).tasks}


def test_the_people_on_a_list_are_found_again():
    table = dk.load("kosovo")
    frame = table.to_frame()
    for name, task in tasks_of(table).items():
        inside = frame[frame[name] == 1]
        assert task.size == inside["count"].sum() == table.totals()[name]
        others = [each for each in table.lists if each != name]
        assert task.unseen == inside.loc[~inside[others].any(axis=1), "count"].sum()
        kept = task.table.to_frame().set_index(others)["count"].sort_index()
        wanted = inside.set_index(others)["count"].sort_index()
        for history, count in wanted.items():
            if any(history):
                assert kept[history] == count


def test_there_are_47_populations_of_known_size():
    # of the thirteen tables with four lists or more; counted by hand when the models were scored
    found = []
    for name in dk.datasets().query("lists >= 4 and kind == 'table'")["name"]:
        found += internal_tasks(dk.load(name)).tasks
    records = [dk.load(n) for n in dk.datasets().query("lists >= 4 and kind == 'records'")["name"]]
    for each in records:
        found += internal_tasks(each.to_table()).tasks
    assert len(found) == 47
    assert len({each.table_name for each in found}) == 11
    assert all(each.table.n_observed >= 30 and each.table.n_lists >= 3 for each in found)


def test_a_list_that_is_left_out_says_why():
    found = internal_tasks(dk.load("netherlands"))
    whole = {each.list_name for each in found.tasks} | set(found.left_out)
    assert whole == set(dk.load("netherlands").lists)
    for why in found.left_out.values():
        assert "needed" in why


def test_strata_are_added_up():
    table = dk.load("spina_bifida_by_ethnicity")
    flat = table.collapse(*table.strata)
    mine, theirs = tasks_of(table, fewest_lists=2), tasks_of(flat, fewest_lists=2)
    assert mine.keys() == theirs.keys()
    assert all(mine[n].size == theirs[n].size for n in mine)


def test_counts_within_limits_set_no_task():
    found = internal_tasks(dk.load("kosovo").disclose(threshold=500))
    assert found.tasks == ()
    assert set(found.left_out.values()) == {"its people are not counted exactly"}


def test_impossible_pairs_stay_impossible():
    rows = [
        (1, 1, 0, 0, 40),
        (1, 0, 1, 0, 30),
        (0, 0, 1, 1, 20),
        (1, 0, 0, 1, 25),
        (1, 0, 0, 0, 90),
    ]
    frame = pd.DataFrame(rows, columns=[*"ABCD", "count"])
    table = dk.CaptureTable.from_counts(frame, lists=list("ABCD"), impossible=[("B", "C")])
    task = tasks_of(table)["A"]
    assert task.table.impossible == (("B", "C"),)
    assert task.size == 185
    assert task.unseen == 90


@pytest.mark.parametrize("name", ["kosovo", "uk"])
def test_the_population_is_that_of_the_table(name):
    table = dk.load(name)
    assert {each.population_id for each in internal_tasks(table).tasks} == {
        table.about.population_id
    }
