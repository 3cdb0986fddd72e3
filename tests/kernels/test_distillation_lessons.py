"""What a student learns from, and what one step of training draws from it."""

import numpy as np
import pytest

from pipelines.config import load_config
from pipelines.distillation.draws import PairDraws
from pipelines.distillation.lessons import CorpusRow, ScoredPair, lessons_of, windows
from tests.conftest import PROJECT

TRAINING = load_config(PROJECT / "conf", "sample", {}).distillation.training
DUTIES = [f"duty number {n}" for n in range(8)]
CORPUS = [
    CorpusRow("nurse", "Nurses", None, None, None),
    CorpusRow("nurse", None, "RN", None, None),
    CorpusRow("nurse", None, "rn", None, None),
    CorpusRow("cook", None, "Chef", None, None),
    CorpusRow("cook", None, "Line Cook", None, None),
    CorpusRow("cook", None, None, None, "nurse"),
    CorpusRow("welder", None, "Welder", None, None),
    CorpusRow(None, None, "Clerk", "Types letters.", None),
    CorpusRow(None, None, "Alone", None, None),
]


def read(rows=CORPUS, taught=("Chef", "Any text"), scored=()):
    return lessons_of(list(taught), rows, list(scored))


def named(lessons, rows):
    return {lessons.texts[row] for row in rows}


def test_groups_are_jobs_with_two_texts_or_more_and_spellings_that_differ_in_case_count_once():
    lessons = read()
    groups = [(named(lessons, group.titles), named(lessons, group.texts)) for group in lessons.groups]
    assert groups == [({"Clerk"}, {"Types letters."}), ({"Chef", "Line Cook"}, set()), ({"Nurses", "RN"}, set())]
    assert named(lessons, lessons.groups[2].names) == {"Nurses"}


def test_relations_go_both_ways_and_every_group_is_related_to_itself():
    assert read().related.toarray().tolist() == [[True, False, False], [False, True, True], [False, True, True]]


def test_the_same_rows_in_another_order_are_the_same_lessons():
    one, two = read(scored=[ScoredPair("a", "b", 0.5)]), read(CORPUS[::-1], scored=[ScoredPair("a", "b", 0.5)])
    assert one.texts == two.texts
    assert all(np.array_equal(a.titles, b.titles) for a, b in zip(one.groups, two.groups, strict=True))


def test_scored_pairs_keep_their_sides_and_scores():
    lessons = read(scored=[ScoredPair("x", "y", 0.25)])
    assert (lessons.texts[lessons.left[0]], lessons.texts[lessons.right[0]], lessons.scores[0]) == ("x", "y", 0.25)


def test_a_long_text_becomes_four_windows_that_hold_nothing_twice():
    pieces = windows(" ".join(f"w{n}" for n in range(2_000)))
    words = " ".join(pieces).split()
    assert len(pieces) == 4 and len(words) == len(set(words)) and max(map(len, pieces)) <= 500
    assert windows("x" * 1_200) == ["x" * 500, "x" * 500, "x" * 200]


def drawn(rows, **changed):
    lessons = read(rows)
    draws = PairDraws(lessons, TRAINING.model_copy(update={"batch_pairs": 200, **changed}))
    return lessons, draws.draw(np.random.default_rng(0))


def test_two_sides_of_a_pair_are_different_texts_of_one_group():
    lessons, pairs = drawn(CORPUS, text_share=0.5, joined_share=0.0)
    groups = [{*group.titles.tolist(), *group.texts.tolist()} for group in lessons.groups]
    for one, two in zip(pairs.anchors, pairs.others, strict=True):
        assert one[0] != two[0]
        assert any({one[0], two[0]} <= group for group in groups)


def test_related_groups_are_masked_and_a_pair_itself_never_is():
    lessons, pairs = drawn(CORPUS)
    group_of = {row: n for n, group in enumerate(lessons.groups) for row in (*group.titles, *group.texts)}
    ours = [group_of[anchor[0]] for anchor in pairs.anchors]
    related = lessons.related.toarray()
    expected = related[ours][:, ours] & ~np.eye(len(ours), dtype=bool)
    assert np.array_equal(pairs.masked, expected)


def test_shares_say_how_often_a_name_asks_and_how_often_texts_are_joined():
    rows = [CorpusRow("g", "Name", None, None, None), *(CorpusRow("g", None, t, None, None) for t in ("A", "B", "C"))]
    rows += [CorpusRow("g", None, None, duty, None) for duty in DUTIES]
    lessons, pairs = drawn(rows, name_share=1.0, joined_share=0.0, text_share=0.0)
    assert {lessons.texts[anchor[0]] for anchor in pairs.anchors} == {"Name"}
    lessons, pairs = drawn(rows, joined_share=1.0)
    assert {len(other) for other in pairs.others} == {3, 4}  # three at least, at most half of the eight
    for one, two in zip(pairs.anchors, pairs.others, strict=True):
        assert not set(one.tolist()) & set(two.tolist())


@pytest.mark.parametrize("rows", [[], [CorpusRow(None, None, "Alone", None, None)]])
def test_without_groups_there_is_nothing_to_contrast(rows):
    assert read(rows).groups == []
