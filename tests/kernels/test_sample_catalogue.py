import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipelines.sample.catalogue import LEVELS, by_id, catalogue, parse_sector
from pipelines.sample.companies import KINDS
from pipelines.sample.phrases import EMPLOYER_LINES
from pipelines.sample.wording import employers_wording, members_wording

PROJECT = Path(__file__).parents[2]
BLOCK = """
[[occupation]]
id = "{id}"
name = "Baker"
titles.entry = ["Trainee"]
titles.mid = ["Baker"]
titles.senior = ["Senior baker"]
titles.lead = ["Head baker"]
duties = ["Shape loaves."]
skills = ["sourdough"]
about = ["I get up early."]
employers = ["workshop"]
related = {related}
salary = [30000, 40000]
remote = 0.0
night = 0.9
"""


def sheet(*blocks):
    return 'sector = "food"\n' + "".join(blocks)


def test_the_catalogue_is_complete():
    occupations = catalogue().values()
    assert len(occupations) >= 150
    assert len({each.sector for each in occupations}) == 11
    thin = [
        each.id
        for each in occupations
        if len(each.titles["mid"]) < 4 or len(each.duties) < 8 or len(each.skills) < 9 or len(each.about) < 3
    ]
    assert thin == []
    assert [each.id for each in occupations if not each.related or not set(each.related) < set(catalogue())] == []
    assert [each.id for each in occupations if not 0 < each.salary[0] < each.salary[1]] == []
    assert [each.id for each in occupations if not (0 <= each.remote <= 1 and 0 <= each.night <= 1)] == []


def test_every_kind_of_employer_has_names_and_lines():
    kinds = {kind for each in catalogue().values() for kind in each.employers}
    assert kinds - KINDS == set()
    assert kinds - EMPLOYER_LINES.keys() == set()


def test_a_missing_and_an_unknown_key_are_named():
    block = BLOCK.format(id="baker", related="[]").replace("night =", "nights =")
    with pytest.raises(ValueError, match=r"food.toml: occupation baker: missing keys \['night'\].*\['nights'\]"):
        parse_sector(sheet(block), "food.toml")


def test_a_level_without_titles_is_named():
    block = BLOCK.format(id="baker", related="[]").replace('["Head baker"]', "[]")
    with pytest.raises(ValueError, match=r"no titles for \['lead'\]"):
        parse_sector(sheet(block), "food.toml")


def test_an_unknown_related_id_and_a_repeated_id_are_both_named():
    block = BLOCK.format(id="baker", related='["miller"]')
    with pytest.raises(ValueError, match=r"baker: occurs twice; baker: related to unknown ids \['miller'\]"):
        by_id(parse_sector(sheet(block, block), "food.toml"))


def test_the_two_sides_share_at_most_one_duty_and_no_title_where_there_are_two():
    for each in catalogue().values():
        hire, tell = employers_wording(each), members_wording(each)
        assert len(set(hire.duties) & set(tell.duties)) <= 1
        assert not any(set(hire.titles[level]) & set(tell.titles[level]) for level in LEVELS)
        assert all(hire.titles[level] for level in LEVELS)


def test_the_catalogue_is_read_from_inside_a_zip(tmp_path):
    archive = tmp_path / "nightmatch.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(PROJECT / "pipelines/__init__.py", "pipelines/__init__.py")
        for path in (PROJECT / "pipelines/sample").rglob("*"):
            if path.suffix in (".py", ".toml"):
                packed.write(path, path.relative_to(PROJECT))
    code = (
        f"import sys; sys.path.insert(0, {str(archive)!r}); from pipelines.sample import catalogue;"
        "assert '.zip' in catalogue.__file__; sys.stdout.write(str(len(catalogue.catalogue())))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert int(found.stdout) == len(catalogue())
