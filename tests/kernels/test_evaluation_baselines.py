"""The baseline that the night is compared with does what its name says."""

from pipelines.evaluation.baselines import Document, tfidf_lists

NURSE = Document("p1", "registered nurse night shift", frozenset({"US/CA"}))
BAKER = Document("p2", "baker early shift", frozenset({"US/CA"}))
FAR_NURSE = Document("p3", "registered nurse", frozenset({"US/NY"}))


def test_shared_words_decide_within_the_place():
    member = Document("m", "registered nurse", frozenset({"US/CA"}))
    assert tfidf_lists([member], [BAKER, FAR_NURSE, NURSE], k=2) == {"m": ["p1", "p2"]}


def test_a_member_without_a_place_is_matched_everywhere():
    member = Document("m", "registered nurse", frozenset())
    assert tfidf_lists([member], [BAKER, FAR_NURSE, NURSE], k=1) == {"m": ["p3"]}


def test_equal_scores_break_by_posting_id():
    member = Document("m", "plumber", frozenset({"US/CA"}))
    assert tfidf_lists([member], [NURSE, BAKER], k=2) == {"m": ["p1", "p2"]}
