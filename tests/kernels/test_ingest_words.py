import pytest

from pipelines.ingest import vocabulary
from pipelines.ingest.companies import company_key
from pipelines.ingest.place_names import COUNTRY_CODES, COUNTRY_NAMES
from pipelines.ingest.places import Place, place_key, place_of
from pipelines.ingest.titles import seniority_of_title
from schemas.values import EMPLOYMENT_TYPES, SENIORITIES, STATUSES, WORK_MODES


@pytest.mark.parametrize(
    ("meaning", "known"),
    [
        (vocabulary.work_mode, WORK_MODES),
        (vocabulary.employment_type, EMPLOYMENT_TYPES),
        (vocabulary.seniority, SENIORITIES),
        (vocabulary.status, STATUSES),
    ],
)
def test_every_canonical_word_means_itself(meaning, known):
    assert [meaning(word) for word in known] == list(known)


@pytest.mark.parametrize(
    ("table", "known"),
    [
        ("_WORK_MODES", WORK_MODES),
        ("_EMPLOYMENT_TYPES", EMPLOYMENT_TYPES),
        ("_SENIORITIES", SENIORITIES),
        ("_STATUSES", STATUSES),
    ],
)
def test_every_known_word_means_a_canonical_one(table, known):
    assert set(getattr(vocabulary, table).values()) == set(known)


def test_every_country_name_has_a_code_of_the_standard():
    assert set(COUNTRY_NAMES.values()) <= COUNTRY_CODES
    assert len(COUNTRY_CODES) == 249


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Boston, MA", Place("US", "MA", "Boston")),
        ("Portland, OR 97201", Place("US", "OR", "Portland")),
        ("New York, New York, United States", Place("US", "NY", "New York")),
        ("New York", Place(None, None, "New York")),
        ("Washington, D.C.", Place("US", "DC", "Washington")),
        ("Texas", Place("US", "TX")),
        ("US-CA-Menlo Park", Place("US", "CA", "Menlo Park")),
        ("Remote - United States", Place("US")),
        ("Toronto, Ontario, Canada", Place("CA", "Ontario", "Toronto")),
        ("Perth, WA, Australia", Place("AU", "WA", "Perth")),
        ("BERLIN, undefined", Place(None, None, "Berlin")),
        ("Austin, TX; Dallas, TX", Place("US", "TX")),
        ("Austin, TX; Boston, MA; Remote", Place("US")),
        ("Dublin, Ireland / London, UK", Place()),
        ("Remote, EMEA", Place()),
    ],
)
def test_a_place_is_read_from_free_text(text, place):
    assert place_of(None, None, text, None) == place


def test_columns_go_before_what_a_city_text_seems_to_say():
    assert place_of("US", "MO", "Nevada", None) == Place("US", "MO", "Nevada")
    assert place_of("usa", "new jersey", "NEWARK", None) == Place("US", "NJ", "Newark")


def test_the_default_country_holds_where_none_is_named():
    assert place_of(None, "Texas", None, "US") == Place("US", "TX")
    assert place_of(None, None, "Paris, France", "US") == Place("FR", None, "Paris")
    assert place_of(None, None, None, "US") == Place("US")


def test_several_places_are_equal_only_as_text():
    several = [
        place_key(place_of(None, None, text, None), None, text) for text in ("Rome; Bonn", "Rome; Lyon", "ROME; BONN")
    ]
    assert several[0] == several[2] != several[1]


def test_one_company_has_one_key_and_a_different_one_another():
    same = ["Acme", "ACME Inc.", "The Acme Company", "acme, ltd", "Acme GmbH & Co. KG"]
    assert {company_key(name) for name in same[:4]} == {"acme"}
    assert company_key("Acme Foods") == "acme foods"
    assert company_key("L'Oréal S.A.") == company_key("LOREAL") == "loreal"


@pytest.mark.parametrize(
    ("title", "seniority"),
    [
        ("Chief Financial Officer", "executive"),
        ("VP, Sales", "executive"),
        ("Executive Assistant to the Director", None),
        ("Assistant Director of Nursing", None),
        ("Art Director", None),
        ("Account Executive", None),
        ("Account Manager", None),
        ("Store Manager", "lead"),
        ("Lead Generation Specialist", None),
        ("Principal Engineer", "lead"),
        ("Senior Living Aide", None),
        ("Sr. Nurse", "senior"),
        ("Internal Auditor", None),
        ("Marketing Intern", "entry"),
        ("Junior High Teacher", None),
    ],
)
def test_a_title_states_its_level_or_none(title, seniority):
    assert seniority_of_title(title) == seniority
