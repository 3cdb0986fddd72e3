from html.parser import HTMLParser

import pandas as pd

from pipelines.quality.gate import GateReport, QualityResult, judge
from pipelines.quality.pages import index_page, validation_page
from schemas.suite import Rule, Suite
from tests.thresholds import THRESHOLDS

SUITE = Suite(
    "postings",
    "postings",
    (
        Rule("enough_rows", "count(*)", minimum="min_postings"),
        Rule("ids_unique", "count(*)", maximum=0),
        Rule("share", "avg(x)", maximum=0.2, severity="warn"),
    ),
)
UNJUDGED = QualityResult("postings", "volume_of_postings", "block", None, None, "not judged: 1 of 3 earlier nights")
HOSTILE = "<script src=//evil.example/x.js></script><img src=x onerror=alert(1)>&"


class Page(HTMLParser):
    """The page's tags with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def judged():
    return judge([(SUITE, pd.DataFrame({"enough_rows": [7.0], "ids_unique": [3.0], "share": [0.25]}))], THRESHOLDS)


def fetched(page: Page) -> list[str]:
    """Whatever a browser would load, run or go to, but for pages beside this one and places in it."""
    places = [value for _, attrs in page.tags for name, value in attrs.items() if name in {"src", "href", "action"}]
    return [
        *(place for place in places if not (place.startswith("#") or place.removesuffix(".html").isidentifier())),
        *(tag for tag, _ in page.tags if tag in {"script", "link", "iframe", "img", "object", "embed", "base"}),
        *(name for _, attrs in page.tags for name in attrs if name.startswith("on")),
    ]


def test_a_gates_page_says_what_was_observed_and_expected_of_every_rule():
    page = Page(validation_page(judged().validation, [UNJUDGED]))
    for rule in SUITE.rules:
        assert f"postings.{rule.name}" in page.text
    assert "postings.volume_of_postings not judged: 1 of 3 earlier nights" in page.text
    assert "0.25" in page.text
    assert "0.2" in page.text.replace("0.25", "")
    marks = [attrs["class"] for tag, attrs in page.tags if tag == "i" and "class" in attrs]
    assert [sum(word in mark for mark in marks) for word in ("text-success", "text-danger")] == [1, 2]


def test_pages_load_nothing_and_run_nothing():
    report = GateReport(1.5, [*judged().results, UNJUDGED], {})
    for text in (validation_page(judged().validation, [UNJUDGED]), index_page("run", {"postings": report})):
        assert fetched(Page(text)) == []
        assert "http" not in text and "url(" not in text and "@import" not in text


def test_the_first_page_has_every_rule_with_how_it_went_and_leads_to_the_gates():
    report = GateReport(1.5, [*judged().results, UNJUDGED], {})
    page = Page(index_page("2026-11-02-abc-1", {"postings": report}))
    assert ("a", {"href": "postings.html"}) in page.tags
    assert "2026-11-02-abc-1" in page.text and "4 rules in 1.5 s" in page.text
    assert "postings.enough_rows block 7 at least 2 (min_postings) yes" in page.text
    assert "postings.ids_unique block 3 at most 0 no" in page.text
    assert [attrs["class"] for tag, attrs in page.tags if tag == "td" and attrs.get("class", "number") != "number"] == [
        "failed",
        "warned",
    ]


def test_whatever_the_first_page_shows_is_escaped():
    hostile = QualityResult(HOSTILE, HOSTILE, HOSTILE, False, 1.0, HOSTILE)
    text = index_page(HOSTILE, {"postings": GateReport(1.0, [hostile], {})})
    assert "<script" not in text and "<img" not in text
    assert fetched(Page(text)) == []


def test_whatever_a_gates_page_adds_to_great_expectations_is_escaped():
    hostile = QualityResult(HOSTILE, HOSTILE, "block", None, None, HOSTILE)
    text = validation_page(judged().validation, [hostile])
    assert "<script" not in text and "<img" not in text
    assert fetched(Page(text)) == []
