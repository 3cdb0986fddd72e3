"""Saved searches in plain words: modes, employers, employment, levels, titles, ages and places as others say them."""

import pytest

from pipelines.ingest.places import Place
from pipelines.wishes.config import WishesConfig
from pipelines.wishes.parser import parse_wish

CONFIG = WishesConfig()


def said(text, kind):
    """Values of one kind that a text asks for, with "not" before those that it excludes."""
    return [
        f"{'not ' if one.excluded else ''}{_short(one.value)}"
        for one in parse_wish(text, CONFIG).criteria
        if one.kind == kind
    ]


def _short(value):
    return (value.city or value.region or value.country) if isinstance(value, Place) else value


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("half the week in the office and half at home, product owner", "hybrid"),
        ("two days at my desk in the office and three at home", "hybrid"),
        ("Kundenberatung, teils Homeoffice, teils Büro", "hybrid"),
        ("mixed home/office week, data analyst", "hybrid"),
        ("a few days on site, planner", "hybrid"),
        ("mostly at home, in the office maybe twice a week", "hybrid"),
        ("office on Mondays, otherwise from home", "hybrid"),
        ("Zwei Tage die Woche im Büro, sonst zu Hause", "hybrid"),
        ("deux jours de télétravail par semaine, comptable", "hybrid"),
        ("tres días en casa y dos en la oficina", "hybrid"),
        ("proofreading that I can do without leaving my flat", "remote"),
        ("jobs where i never have to show up anywhere in person", "remote"),
        ("customer care from home, evenings are ok", "remote"),
        ("work I can do from my caravan", "remote"),
        ("I can't leave the house, editor", "remote"),
        ("right there on the factory floor, inspector", "onsite"),
        ("tutoring face to face only", "onsite"),
        ("desk in an actual office, clerk", "onsite"),
        ("in the office every day with colleagues", "onsite"),
    ],
)
def test_a_mode_is_what_a_week_is_like(text, mode):
    assert said(text, "work_mode") == [mode]


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("Infosys openings, Chennai", ["infosys"]),
        ("Boeing machinist jobs, Everett", ["boeing"]),
        ("Is Shopify hiring designers?", ["shopify"]),
        ("engineer hoping to get into ASML", ["asml"]),
        ("kitchen designer with IKEA in Croydon", ["ikea"]),
        ("nurse with the NHS", ["nhs"]),
        ("Accenture is off my list, consulting", ["not accenture"]),
        ("walmart can forget me, cashier", ["not walmart"]),
        ("I boycott Meta and Palantir", ["not meta", "not palantir"]),
        ("Ryanair turned me down, leave them out: cabin crew", ["not ryanair"]),
        ("any supermarket besides Tesco", ["not tesco"]),
        ("I left Deloitte for a reason, so any audit firm besides them", ["not deloitte"]),
        ("my contract at Deloitte ends in May, so something permanent", []),
        ("experience with Oracle and SAP", []),
        ("Apple picking in Kent", []),
        ("target audience research", []),
        ("a soft spot for the Amazon rainforest", []),
        ("a Visa sponsored role", []),
        ("blackberry picking jobs", []),
    ],
)
def test_a_company_stands_beside_a_word_for_jobs(text, company):
    assert said(text, "company") == company


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("on a contract at a day rate of 350 euro", "employment_type", ["contract"]),
        ("contract sql dba 6 months", "employment_type", ["contract"]),
        ("20 hours weekly max, pharmacy", "employment_type", ["part_time"]),
        ("25 Stunden pro Woche, Erzieherin", "employment_type", ["part_time"]),
        ("20h/semaine, vendeuse", "employment_type", ["part_time"]),
        ("40 hours a week, bakery", "employment_type", []),
        ("jobs from the last 24 hours", "employment_type", []),
        ("hotel work, July and August", "employment_type", ["temporary"]),
        ("I may or may not move", "employment_type", []),
        ("cleaning contract for a hospital", "employment_type", []),
        ("I am a fresher, accounts", "seniority", ["entry"]),
        ("starter-level openings", "seniority", ["entry"]),
        ("graduate civil engineer roles", "seniority", ["entry"]),
        ("graduate seeking any work", "seniority", []),
        ("physics for kids in their senior year", "seniority", []),
        ("not too senior, marketing", "seniority", []),
    ],
)
def test_employment_and_level_are_those_of_the_job(text, kind, values):
    assert said(text, kind) == values


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Die Stellenbezeichnung muss Bauleiter enthalten", "bauleiter"),
        ("Der Jobtitel soll Erzieher lauten", "erzieher"),
        ("il faut que l'intitulé du poste comporte soudeur", "soudeur"),
        ("le titre doit mentionner sommelier", "sommelier"),
        ("el título del puesto debe contener soldador", "soldador"),
        ('que ponga "enfermera" en el título', "enfermera"),
        ("estimator must be in the job name", "estimator"),
        ("I filter on titles: it says 'scrum master' or forget it", "scrum master"),
    ],
)
def test_a_title_is_asked_for_in_four_languages(text, title):
    assert said(text, "title") == [title]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("nothing that's been online longer than 48 hours", 2),
        ("put up two weeks ago at most", 14),
        ("nothing that was posted more than a week ago", 7),
        ("uploaded no earlier than 10 days ago", 10),
    ],
)
def test_how_long_a_posting_may_have_been_online(text, days):
    assert said(text, "posted") == [str(days)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("hotel receptionist in Zermatt, 5000 CHF monthly", "Zermatt"),
        ("cabin crew based in Shannon", "Shannon"),
        ("electrician mine sites Queensland 120k AUD+", "Queensland"),
        ("dev jobs on Malta", "MT"),
        ("kitchen helper in Leipzig, German must not be required", "Leipzig"),
        ("vet nurse, Christchurch New Zealand, NZ$30/hr", "Christchurch"),
        ("Geneva NGO job that doesn't demand French", "Geneva"),
        ("Seasonal, Palma de Mallorca", "Palma"),
        ("summer job before uni in Cornwall", "Cornwall"),
        ("electrician perth wa", "Perth"),
    ],
)
def test_one_place_is_read_where_one_is_meant(text, place):
    assert said(text, "place") == [place]


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("welder, Boeing, Everett", ["boeing"]),
        ("Oracle, Java, Berlin", []),
        ("I was at Nokia, Ericsson, now Espoo", []),
    ],
)
def test_a_company_may_be_all_that_a_clause_names(text, company):
    assert said(text, "company") == company


@pytest.mark.parametrize("text", ["no Tesco, Asda, Lidl", "not at Amazon, Walmart", "anyone but Uber, Lyft, driver"])
def test_a_list_of_denied_companies_has_none_that_is_wanted(text):
    assert all(one.startswith("not ") for one in said(text, "company"))
