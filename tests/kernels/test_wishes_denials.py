"""Saved searches in plain words: what is denied is never wanted, whatever denies it and whatever stands between."""

import random
import tomllib
from importlib.resources import files

import pytest

from pipelines.ingest.places import Place
from pipelines.wishes.config import WishesConfig
from pipelines.wishes.parser import parse_wish

CONFIG = WishesConfig()
NAMED = {
    "work_mode": ["remote work", "home office", "hybrid", "on-site work", "working from home"],
    "employment_type": ["internships", "contract work", "freelancing", "part-time", "temp jobs", "an apprenticeship"],
    "seniority": ["junior roles", "senior positions", "team lead", "director roles", "entry level"],
    "place": ["London", "Berlin", "Texas", "Bavaria", "Quebec", "Spain"],
    "company": ["Amazon", "Deloitte", "walmart", "Tesco"],
}
BEFORE = """
I don't want|no|not|never|no more|I refuse|sick of|fed up with|I'm done with|I've had enough of|please skip
exclude|avoid|anything but|anything except|everything apart from|anything other than|without|I won't accept
I will not take|I'm not interested in|I am not looking for|I hate|I can't stand|I'd rather not have|leave out
nothing with|nothing to do with|keep me away from|steer clear of|spare me|enough of|I'm through with
I have no interest in|don't show me|please don't send me|stop sending me|hide|drop|forget|I no longer want
I boycott|say goodbye to|I turned my back on|I want to get away from|I've given up on|I refuse to go back to
never going back to|I don't ever want|I never again want|I cannot face|I'd never consider|I can do without
I don't need|I'm quitting|rule out|cross out|I reject|I'd turn down|I decline|not keen on|I'm not after
I'm against|opposed to|I detest|God forbid|down with|ban|block|it mustn't be|it can't be|not a fan of
under no circumstances|not yet another|I shan't do|I ain't doing|never ever|I've sworn off|staying clear of
minus|no way I'm doing|I'd hate|thumbs down for|kein|bitte keine|ohne|nie wieder|alles außer|auf keinen Fall
ich will kein|keine Lust auf|pas de|plus jamais de|sauf|sans|tout sauf|hors|je ne veux pas de|nada de|sin
todo menos|cualquier cosa menos|no quiero|excepto|nunca más
""".strip().replace("\n", "|")
BEHIND = """
is out|: no|? No thanks|is not for me|is over for me|is behind me|is off my list|can forget me
is out of the question|: never again|excluded please|is a no-go|is a dealbreaker|doesn't suit me
is no longer an option|is history|I refuse|, no way|need not apply|is the last thing I want|? Leave that out
? Not for me|not wanted|is not what I am looking for|kommt nicht infrage|nein danke|ist nichts für mich
non merci|très peu pour moi|no gracias|ni hablar|no me interesa|is done and dusted|doesn't interest me any more
bores me|is dead to me|should be excluded|can stay away|, please no|, not any more|no more|and I are finished
? Nope|? Forget it|is not my thing|is off the table|is a red flag|isn't happening|is the reason I'm leaving
gets skipped
""".strip().replace("\n", "|")
BETWEEN = [
    "", "yet another ", "any more ", "one more ", "any kind of ", "some ", "being in ",
    "the same old ",
    "ever again any ", "anything like ", "to end up in ", "my old ", "more of this ", "anybody's ", "to be stuck in ",
]  # fmt: skip


def wanted(text, kind):
    return [one.value for one in parse_wish(text, CONFIG).criteria if one.kind == kind and not one.excluded]


@pytest.mark.parametrize("kind", NAMED)
def test_nothing_behind_a_denial_is_wanted(kind):
    draw = random.Random(kind)
    texts = [f"{cue} {draw.choice(BETWEEN)}{name}" for cue in BEFORE.split("|") for name in NAMED[kind]]
    assert {text: found for text in texts if (found := wanted(text, kind))} == {}


@pytest.mark.parametrize("kind", NAMED)
def test_nothing_before_a_denial_is_wanted(kind):
    texts = [
        f"{name[0].upper()}{name[1:]}{'' if cue[0] in ':?,' else ' '}{cue}"
        for cue in BEHIND.split("|")
        for name in NAMED[kind]
    ]
    assert {text: found for text in texts if (found := wanted(text, kind))} == {}


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("Unpaid or paid, I don't want yet another internship", ("employment_type", "internship")),
        ("Freelancing is over for me; editor", ("employment_type", "contract")),
        ("I will not take an on-site seat", ("work_mode", "onsite")),
        ("I refuse to go back to an office five days a week", ("work_mode", "onsite")),
        ("I don't want to be anybody's team lead any more", ("seniority", "lead")),
        ("any Canadian province apart from Quebec", ("place", "Quebec")),
        ("Anywhere in Germany but not Berlin", ("place", "Berlin")),
        ("Spain or Portugal; cross out the Canary Islands", ("place", "Canarias")),
        ('titles with "ninja" get skipped', ("title", "ninja")),
    ],
)
def test_what_is_denied_is_excluded(text, excluded):
    found = {(one.kind, _short(one.value)) for one in parse_wish(text, CONFIG).criteria if one.excluded}
    assert excluded in found
    assert not wanted(text, excluded[0]) or excluded[0] == "place"


@pytest.mark.parametrize("text", ["remote or forget it, java", "remote or no thanks"])
def test_what_else_would_be_denied_is_wanted(text):
    assert wanted(text, "work_mode") == ["remote"]


def _short(value):
    return (value.city or value.region or value.country) if isinstance(value, Place) else value


def test_what_is_wanted_and_denied_in_one_text_is_denied():
    wish = parse_wish("unpaid internships have ruined me, no internships! curating, Paris", CONFIG)
    assert ("employment_type", "internship", True) in {(one.kind, one.value, one.excluded) for one in wish.criteria}
    assert ("employment_type", "internship", False) not in {
        (one.kind, one.value, one.excluded) for one in wish.criteria
    }
    assert "ruined me" in (wish.remaining_text() or "")


def test_sentences_of_words_that_the_lists_hold_are_read_to_their_end():
    sheet = tomllib.loads(files("pipelines.wishes").joinpath("words.toml").read_text(encoding="utf-8"))
    words = sorted({word for table in sheet.values() for word in _said(table)})
    draw = random.Random(11)
    marks = ["", "", "", ",", ".", ";", ":", "?"]
    for _ in range(600):
        count = draw.randint(1, 25)
        text = " ".join(draw.choice(words) + draw.choice(marks) for _ in range(count))
        wish = parse_wish(draw.choice((text, text.title())), CONFIG)
        spans = sorted({one.span for one in wish.criteria} | set(wish.remaining) | set(wish.not_understood))
        assert sum(span.end - span.start for span in spans) == len(wish.text)


def _said(table):
    for value in table.values():
        if isinstance(value, dict):
            yield from _said(value)
        else:
            yield from value.split() if isinstance(value, str) else (word for one in value for word in one.split())
