"""Saved searches in plain words: how differently people say the same criteria."""

import pytest

from pipelines.ingest.places import Place
from pipelines.wishes.config import WishesConfig
from pipelines.wishes.parser import parse_wish
from pipelines.wishes.wish import Salary

CONFIG = WishesConfig()


def said(text):
    """Kind, with "not" before it where it is excluded, and value, of each criterion."""
    return {
        (f"not {one.kind}" if one.excluded else one.kind, _short(one.value))
        for one in parse_wish(text, CONFIG).criteria
    }


def lost(text):
    wish = parse_wish(text, CONFIG)
    return [wish.words(span) for span in wish.not_understood]


def _short(value):
    return (value.city or value.region or value.country) if isinstance(value, Place) else value


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Bookkeeper Leeds part time", "Leeds"),
        ("Nursing home manager, Cork, days", "Cork"),
        ("Sheffield-based receptionist role", "Sheffield"),
        ("Brighton and nowhere else: barber", "Brighton"),
        ("welder houston texas 30/hr", "Houston"),
        ("carpenter calgary alberta", "Calgary"),
        ("Looking for barista work around Galway city centre", "Galway"),
        ("Surveyor, East Anglia", "East of England"),
        ("mechanic in county kerry", "Kerry"),
        ("the vineyards of Portugal, cellar hand", "PT"),
        ("Canadian employers only, bookkeeping", "CA"),
        ("Receptionist, Newcastle, NSW", "Newcastle"),
        ("Pubs in Cambridge, £12 an hour", "Cambridge"),
    ],
)
def test_a_place_needs_no_preposition(text, place):
    assert ("place", place) in said(text)


@pytest.mark.parametrize(
    "text",
    [
        "Bordeaux wines importer",
        "Vienna waltz teacher",
        "Leeds United fan",
        "I loved Lisbon on holiday",
        "French cuisine",
    ],
)
def test_a_name_of_something_else_is_no_place(text):
    assert said(text) == set()


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("Plumber, but keep Bath out of it", ("not place", "Bath")),
        ("Nurse roles anywhere in Ireland bar Dublin", ("not place", "Dublin")),
        ("Toronto or Vancouver, Montreal excluded", ("not place", "Montréal")),
        ("London is not for me. Marketing in Leeds.", ("not place", "London")),
        ("KPMG and EY are off the table. Audit, Dublin", ("not company", "ey")),
        ("Walmart need not apply", ("not company", "walmart")),
        ("Drop anything from Capita", ("not company", "capita")),
        ("Accountant who will never go back to Deloitte", ("not company", "deloitte")),
        ("Retail isn't for me, office job in Derby", ("not title", "retail")),
        ("Sales is out, so is recruitment", ("not title", "recruitment")),
        ("keep gambling and tobacco out of it", ("not title", "tobacco")),
        ("Home working is out, hospital admin", ("not work_mode", "remote")),
        ("remote isn't an option for me", ("not work_mode", "remote")),
        ("anything but remote", ("not work_mode", "remote")),
        ("internships are of no interest, I am 40", ("not employment_type", "internship")),
        ("Part-time doesn't suit me", ("not employment_type", "part_time")),
        ("team leader roles are out", ("not seniority", "lead")),
        ("interns are asked, internships? leave those out", ("not employment_type", "internship")),
        ("Tout sauf la vente, Lyon", ("not title", "vente")),
        ("Lagerist, aber kein Homeoffice", ("not work_mode", "remote")),
    ],
)
def test_a_denial_stands_before_behind_or_around_what_it_denies(text, excluded):
    found = said(text)
    assert excluded in found
    assert (excluded[0].removeprefix("not "), excluded[1]) not in found


@pytest.mark.parametrize(
    "text", ["I would not rule out remote", "don't leave out internships", "hybrid is not off the table"]
)
def test_two_denials_ask_for_nothing(text):
    assert said(text) == set()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bar staff, evenings won't work for me", "evenings won't work for me"),
        ("heavy lifting is out of the question, shop", "heavy lifting is out of the question"),
        ("courier office, no driving", "no driving"),
    ],
)
def test_what_a_job_is_like_is_reported(text, words):
    assert words in lost(text) and said(text) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("it has to be ubs or hsbc", {("company", "ubs"), ("company", "hsbc")}),
        ("McKinsey or Bain, nowhere else", {("company", "mckinsey"), ("company", "bain")}),
        ("anything with Salesforce as the employer", {("company", "salesforce")}),
        ("after twelve years at Nokia, something new", set()),
        ("my husband works at Google", set()),
    ],
)
def test_a_company_is_one_that_must_be_and_not_one_that_was(text, found):
    assert said(text) == found


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("The job title has got to include the word archivist", ("title", "archivist")),
        ("The word nurse should be somewhere in the title", ("title", "nurse")),
        ("If chef isn't in the title I'm not interested", ("title", "chef")),
        ("Der Titel muss Imker enthalten", ("title", "imker")),
        ("Title must not say senior", ("not title", "senior")),
        ("every advert whose title contains intern can go", ("not title", "intern")),
    ],
)
def test_a_title_must_or_must_not_have_words(text, title):
    assert title in said(text)


@pytest.mark.parametrize(
    ("text", "pay"),
    [
        ("twelve pounds fifty an hour is the least", Salary(12.5, "GBP", "hour")),
        ("I will not work for less than 15 euros an hour", Salary(15, "EUR", "hour")),
        ("anything under £30k is no good to me", Salary(30_000, "GBP", "year")),
        ("12 lakhs per annum or more", Salary(1_200_000, "INR", "year")),
        ("£11.44 p/h", Salary(11.44, "GBP", "hour")),
        ("I need 3000 euros net a month", Salary(3_000, "EUR", "month")),
        ("weekly pay 1100 aud", Salary(1_100, "AUD", "week")),
        ("$22.50 hourly, Ontario", Salary(22.5, "CAD", "hour")),
    ],
)
def test_the_least_pay_may_be_in_words_and_have_its_sign_and_period_anywhere(text, pay):
    assert ("salary", pay) in said(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where Spanish is the working language", ("language", "es")),
        ("an Arabic-speaking school", ("language", "ar")),
        ("employers that do not insist on Danish", ("not language", "da")),
        ("knowledge of Japanese must not be a condition", ("not language", "ja")),
        ("I can't speak Hebrew", ("not language", "he")),
        ("ohne Deutschkenntnisse, Lagerarbeit", ("not language", "de")),
    ],
)
def test_a_language_is_spoken_or_must_not_be_needed(text, language):
    assert said(text) == {language}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("nothing older than a fortnight", 14),
        ("posted under 72 hours ago", 3),
        ("adverts a month old at most", 30),
        ("no ads older than thirty days", 30),
        ("seit weniger als einer Woche online", 7),
        ("annonces de moins d'une semaine", 7),
    ],
)
def test_how_old_a_posting_may_be_is_said_in_many_ways(text, days):
    assert said(text) == {("posted", days)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I can only work from my own home", {("work_mode", "remote")}),
        ("freelancer seeks podcast work", {("employment_type", "contract")}),
        ("a contract lasting at least a year", {("employment_type", "contract")}),
        ("graduate roles only, bridges", {("seniority", "entry")}),
        ("head of marketing", {("seniority", "executive")}),
        ("I was a director for ten years, bookshop", set()),
        ("art director for posters", set()),
        ("my current job is remote: bakery", set()),
        ("full-time students tutor", set()),
    ],
)
def test_modes_employment_and_levels_are_the_jobs_and_not_its_authors(text, found):
    assert said(text) == found
