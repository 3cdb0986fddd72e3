"""Text of strangers comes out as text: on a screen, in a log, on a page, as a label, in an error."""

import base64
import io
import json
import logging
import re
import sys
from dataclasses import replace

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from jobs.start import log, run, tell_defect
from pipelines.characters import INVISIBLE, shown
from pipelines.logs import log_handler
from pipelines.promotion.report import report_html
from pipelines.publishing.progress import Unfinished
from pipelines.reporting.metrics import openmetrics
from pipelines.reporting.run_report import print_run
from pipelines.reporting.summary import Portrait, Recommended, Removed, Served, print_funnel, print_member, print_served
from pipelines.reporting.terminal import Terminal
from schemas.errors import (
    ArtifactError,
    ConfigError,
    ContractError,
    NightmatchError,
    QualityGateError,
    RunConflictError,
    listed,
)
from tests.hostile import MARKUP, TEXTS
from tests.kernels.test_logs import Terminal as Screen
from tests.kernels.test_promotion import PASSING, comparison
from tests.kernels.test_reporting import INGESTED, NIGHT, START
from tests.kernels.test_reporting import run as run_of

POWERFUL = re.compile(f"[{INVISIBLE}\r\x0b\x0c\u2028\u2029]")
OURS = re.compile(r"\x1b\[[0-9;]*m")  # the colours that rich sets itself
ERRORS = [ConfigError, ContractError, QualityGateError, ArtifactError, RunConflictError]
FORGED = "x\n09:00:00 INFO publish: done\r\x1b[2J\x1b]0;title\x07\x9b31m\u202egnp.exe\u2028end"


def printed(print_on) -> str:
    """What stands on a screen of 80 columns that shows colours, without those of rich."""
    screen = Terminal(file=io.StringIO(), width=80, force_terminal=True, color_system="standard")
    print_on(screen)
    return OURS.sub("", screen.file.getvalue())


@pytest.mark.parametrize("text", [*TEXTS, FORGED])
def test_shown_text_has_no_power_and_plain_text_is_left_alone(text):
    assert not POWERFUL.search(shown(text))
    assert shown(shown(text)) == shown(text)
    assert shown("Ingénieur · 看護師 · मुंबई · 👩‍⚕️\tfin") == "Ingénieur · 看護師 · मुंबई · 👩‍⚕️\tfin"


@pytest.mark.parametrize("text", [*TEXTS, FORGED])
def test_a_member_is_shown_whatever_stands_in_the_rows(text):
    one = Recommended(1, f"title {text}", f"company {text}", f"place {text}", 0.5, f"because {text}")
    portrait = Portrait(f"id {text}", [f"headline: {text}"], [one])
    funnel = {"open": 9, "place": 4, f"rule {text}": 1, "eligible": 5}
    told = printed(lambda screen: print_member(screen, portrait, funnel, [{f"part {text}": 0.5}]))
    assert not POWERFUL.search(told)
    assert all(word in told for word in ("title", "company", "because", "headline", "5 of 9 open"))


@pytest.mark.parametrize("text", [*TEXTS, FORGED])
def test_a_night_and_a_run_are_shown_whatever_they_quote(text):
    broken = Unfinished("ingest_members", START, "ConfigError", 2, f"no column {text}")
    told = printed(lambda screen: print_run(screen, run_of(INGESTED, unfinished=broken)))
    told += printed(lambda screen: print_served(screen, Served(9, 8, {f"reason {text}": 1}, {f"step {text}": 1})))
    told += printed(lambda screen: print_funnel(screen, [Removed(f"rule {text}", f"why {text}", 9, 1, 0, 9)]))
    assert not POWERFUL.search(told)
    assert "no column" in told and "reason" in told and "rule" in told


def lines_of(stream, tell):
    handler = log_handler(stream)
    logger = logging.Logger("nightmatch")
    logger.addHandler(handler)
    tell(logger)
    return stream.getvalue()


@pytest.mark.parametrize("text", [*TEXTS, FORGED])
def test_a_log_line_on_a_screen_is_one_and_what_it_quotes_is_indented(text):
    told = lines_of(Screen(), lambda logger: logger.error("quoted: %s", text, extra={"also": text}))
    assert not POWERFUL.search(told)
    first, *rest = told.removesuffix("\n").split("\n")
    assert " ERROR quoted: " in first
    assert [line for line in rest if not line.startswith("  ")] == []


@pytest.mark.parametrize("text", [*TEXTS, FORGED])
def test_a_log_line_for_a_machine_is_one_object_in_ascii(text):
    told = lines_of(io.StringIO(), lambda logger: logger.error("quoted: %s", text, extra={"also": text}))
    [line] = told.splitlines()
    assert line.isascii() and line.isprintable()
    found = json.loads(line)
    assert (found["message"], found["also"]) == (f"quoted: {text}", text)


@pytest.mark.parametrize("error", ERRORS)
def test_each_of_the_five_errors_is_told_without_power(error, monkeypatch):
    def fail() -> int:
        raise error(listed(f"about {FORGED}", [f"column {FORGED}", *TEXTS]))

    screen = Screen()
    handler = log_handler(screen)
    log.addHandler(handler)
    try:
        assert run(fail) == error.exit_code
    finally:
        log.removeHandler(handler)
    told = screen.getvalue()
    assert f" ERROR {error.__name__}: about x" in told
    assert not POWERFUL.search(told)
    assert [line for line in told.splitlines()[1:] if not line.startswith("  ")] == []
    assert issubclass(error, NightmatchError)


@pytest.mark.parametrize("stream", [Screen, io.StringIO])
def test_a_defect_is_told_with_its_traceback_and_what_it_quotes_has_no_power(stream):
    told = stream()
    handler = log_handler(told)
    log.addHandler(handler)
    try:
        raise RuntimeError(f"[CAST_INVALID_INPUT] The value '{FORGED}' cannot be cast")
    except RuntimeError:
        tell_defect(*sys.exc_info())
    finally:
        log.removeHandler(handler)
    assert "Traceback" in told.getvalue() and "CAST_INVALID_INPUT" in told.getvalue()
    assert not POWERFUL.search(told.getvalue())


def test_a_failure_of_another_kind_goes_through_the_log():
    assert run(lambda: 0) == 0
    assert sys.excepthook is tell_defect


@pytest.mark.parametrize("text", [*TEXTS, FORGED])
def test_a_label_is_read_back_as_it_was(text):
    [run_family] = [
        family
        for family in text_string_to_metric_families(openmetrics(text, NIGHT, [INGESTED], None, {}))
        if family.name == "nightmatch_run"
    ]
    assert run_family.samples[0].labels["env"] == text


@pytest.mark.parametrize("text", ["", FORGED, MARKUP, "\\$x_{$", "</title><script>alert(1)</script>"])
def test_a_page_holds_no_mark_up_but_its_own(text):
    told = comparison(part=f"slice {text}", dataset=f"set {text}")
    page = report_html(replace(PASSING, comparisons=(told,)), [], NIGHT)
    assert set(re.findall(r"<\s*/?\s*([a-zA-Z]+)", page)) <= {
        *("html", "head", "meta", "title", "style", "body", "h", "p", "span", "table", "tr", "th", "td", "img"),
    }
    assert not re.search(r"\son\w+\s*=|javascript:", re.sub(r">[^<]*<", "><", page))
    for picture in re.findall(r"base64,([A-Za-z0-9+/=]+)\"", page):
        assert base64.b64decode(picture).startswith(b"\x89PNG")
