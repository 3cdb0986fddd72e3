"""The labelled wishes, what the parser makes of them, and what counts as right."""

import datetime
import re
from collections import Counter

import pytest

from benchmarks.bench_wishes import CITIES, CONFIG, benchmark, catalogue_corpus, embedded, sample_corpus
from benchmarks.wish_sets import (
    DEVELOPMENT,
    HALVES,
    Count,
    Label,
    answered,
    counted,
    labelled,
    summed,
    unreported,
    wrong,
)
from pipelines.ingest.cleaning import folded
from pipelines.ingest.places import Place
from pipelines.sample.catalogue import catalogue
from pipelines.sample.postings import posting_facts
from pipelines.sample.world import World
from pipelines.wishes.parser import parse_wish
from pipelines.wishes.wish import KINDS, Criterion, Salary, Span, tiled

# words of titles that say nothing about the work; all others count
EMPTY = frozenset(
    """a an and or the of for to in on at by with from up as is be not no do who what how all any one two three new out
    off that this you people work working""".split()
)


def content_words(text):
    return {re.sub(r"(?<=\w{3})s$", "", word) for word in folded(text).split() if len(word) > 1 and word not in EMPTY}


def test_no_wish_has_a_word_of_the_titles_that_answer_it():
    wishes = {text: right for half in HALVES for text, right in answered(half).items()}
    assert len(wishes) == 320
    shared = {
        text: words
        for text, right in wishes.items()
        for name in right
        if (
            words := content_words(text)
            & {word for level in catalogue()[name].titles.values() for title in level for word in content_words(title)}
        )
    }
    assert set(shared) == {CITIES}  # the sentence that the project was asked with


def test_every_occupation_answers_a_wish():
    named = Counter(name for half in HALVES for right in answered(half).values() for name in right)
    assert set(named) == set(catalogue())


def test_every_kind_is_labelled_often_and_traps_are_many():
    wishes = [one for half in HALVES for one in labelled(half)]
    kinds = Counter(label.kind for one in wishes for label in one.labels)
    assert set(kinds) == set(KINDS)
    assert min(kinds.values()) >= 25
    assert sum(one.trap for one in wishes) >= 60
    assert len(wishes) >= 300
    assert len({one.text for one in wishes}) == len(wishes)


def test_the_development_half_is_read_as_the_goals_have_it():
    wishes = labelled(DEVELOPMENT)
    read = [parse_wish(one.text, CONFIG) for one in wishes]
    counts = counted(wishes, read)
    for kind in KINDS:
        assert summed(counts, kind).precision >= 0.97, (kind, wrong(wishes, read))
        assert summed(counts, kind).recall >= 0.92, (kind, wrong(wishes, read))
    assert unreported(wishes, read) == []


@pytest.mark.parametrize(
    ("label", "value", "same"),
    [
        (Label("place", "DE//Munich|München", False), Place("DE", "Bayern", "München"), True),
        (Label("place", "DE//Munich|München", False), Place("DE", "Bayern", None), False),
        (Label("place", "US/TX", False), Place("US", "TX", "Dallas"), False),
        (Label("place", "US/TX/Paris", False), Place("US", "OK", "Paris"), False),
        (Label("salary", "30 ? hour", False), Salary(30.0, None, "hour"), True),
        (Label("salary", "30 EUR hour", False), Salary(30.0, None, "hour"), False),
        (Label("posted", "7", False), 7, True),
        (Label("company", "ørsted|orsted", True), "orsted", False),
    ],
)
def test_a_label_is_met_by_the_same_value_and_polarity_alone(label, value, same):
    assert label.meets(Criterion(label.kind, value, False, Span(0, 1))) == same


def test_precision_and_recall_are_those_counted_by_hand():
    text = "remote, hybrid, senior"
    found = [Criterion("work_mode", "remote", False, Span(0, 6)), Criterion("work_mode", "onsite", False, Span(8, 14))]
    wish = tiled(text, found, [], language=None, known=True, cut=False)
    one = labelled(DEVELOPMENT)[0].__class__(
        text, (Label("work_mode", "remote", False), Label("work_mode", "hybrid", True)), ("senior",), False
    )
    assert counted([one], [wish]) == {"work_mode": Count(1, 1, 0), "not work_mode": Count(0, 0, 1)}
    assert summed(counted([one], [wish]), "work_mode") == Count(1, 1, 1)
    assert unreported([one], [wish]) == [(text, "senior")]
    assert len(wrong([one], [wish])) == 1


def test_a_document_is_right_for_a_wish_that_is_labelled_with_its_occupation():
    corpus, occupations = catalogue_corpus()
    asked = benchmark("b", {"i like bread, remote": ("baker",)}, corpus, occupations)
    assert asked.relevant == {"i like bread, remote": {"baker": 1.0}}
    assert asked.queries == {"i like bread, remote": "i like bread"}
    assert embedded("Maria likes bread") == "likes bread"


def test_the_samples_postings_are_read_without_their_mess_and_with_their_occupations():
    texts, occupations = sample_corpus(60, seed=7)
    world = World(7, datetime.date(2026, 11, 2), 60, 0)
    facts = [posting_facts(world, row) for row in range(60)]
    assert occupations == {one.posting_id: one.occupation.id for one in facts if one.mess is None}
    assert 0 < len(texts) < 60
    assert all(len(text.splitlines()) > 1 for text in texts.values())
