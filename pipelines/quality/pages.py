"""Kernel: what Great Expectations says of a gate as pages that need no other file and no network."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.render.renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, DictLoader, Environment, StrictUndefined

from pipelines.quality.gate import GateReport, QualityResult

INDEX = "index.html"
_TEMPLATES = files("pipelines.quality")


class _StaticPageView(DefaultJinjaPageView):  # type: ignore[misc]
    """Great Expectations' own page around its own content, without the scripts and styles that it fetches."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 (as the parent's)
        super().__init__(**settings)
        page = (_TEMPLATES / "validation.html").read_text(encoding="utf-8")
        own = DictLoader({self._template: page, "style.css": _style()})
        self.env.loader = ChoiceLoader([own, self.env.loader])


def validation_page(validation: ExpectationSuiteValidationResult, unjudged: Sequence[QualityResult]) -> str:
    """One gate: each rule's bounds and what was observed, as Great Expectations renders them.

    Args:
        validation: its columns are rules, and its one row is their measures.
        unjudged: rules that there was nothing to judge by.
    """
    document = ValidationResultsPageRenderer(run_info_at_end=True).render(validation)
    document.sections[0].content_blocks[0].subheader = None  # it leads to a page of the suite, which says no more
    page: str = _StaticPageView().render(document, unjudged=unjudged, show_how_to_buttons=False)
    return page


def index_page(run_id: str, reports: Mapping[str, GateReport]) -> str:
    """All gates of a run: a row per rule, and a link to the gate's page.

    Args:
        run_id: the run.
        reports: by the name of the gate's page without its ending.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string((_TEMPLATES / "index.html").read_text(encoding="utf-8"))
    return page.render(run_id=run_id, reports=reports, style=_style())


def _style() -> str:
    return (_TEMPLATES / "style.css").read_text(encoding="utf-8")
