"""Kernel: what a title says about level, work mode and hours, where nothing else does; silent when in doubt."""

import re

_EXECUTIVE = re.compile(
    r"\b(?:(?<!art )(?<!creative )(?<!funeral )(?<!activities )(?<!music )director|[se]?vp|vice president"
    r"|chief (?:\w+ ){1,2}officer|c[efmtio]o|chief of staff)\b"
)
_LEAD = re.compile(
    r"\b(?:team (?:lead|leader|manager)|lead(?! gen| paint| time)|head of|principal"
    r"|supervisor|supervisory|(?:general|store|branch|plant|district|regional|engineering|operations) manager)\b"
)
_SECOND = re.compile(r"\b(?:assistant|associate|deputy)\b")  # an assistant director is neither director nor beginner
_ENTRY = re.compile(r"\b(?:intern|internship|trainee|apprentice|apprenticeship|junior(?! high)|jr|entry level)\b")
_SENIOR = re.compile(r"\b(?:senior(?! (?:living|care|center|centre|citizen|citizens|services|high|housing|home))|sr)\b")
# words that turn a rank into somebody else's: "Assistant to the Director", "Executive Secretary"
_SERVES = re.compile(r"\b(?:assistant to|secretary|office of|receptionist)\b|\bassistant$")

_EDGE = r"(?:^|$|[()\[\],;|/:–—]|\s-|-\s)"
_REMOTE = re.compile(rf"{_EDGE}\s*(?:100% |fully )?remote\s*{_EDGE}|\b(?:work from home|work at home|wfh)\b")
_HYBRID = re.compile(rf"[(\[]\s*hybrid\s*[)\]]|(?:\s-|-\s|,)\s*hybrid\s*{_EDGE}")
_PART_TIME = re.compile(r"\bpart[- ]?time\b|\(pt\)|[ -]pt$")
_FULL_TIME = re.compile(r"\bfull[- ]?time\b|\(ft\)|[ -]ft$")
_INTERNSHIP = re.compile(r"\b(?:intern|internship)\b")


def seniority_of_title(title: str) -> str | None:
    """The level that a title states; None: it states none.

    >>> [seniority_of_title(t) for t in ("Sr. Data Analyst", "Account Executive", "Director of Nursing", "Team Lead")]
    ['senior', None, 'executive', 'lead']
    """
    words = " ".join(re.findall(r"\w+", title.lower()))
    if _SERVES.search(words):
        return "senior" if _SENIOR.match(words) else None
    levels = [("entry", _ENTRY), ("senior", _SENIOR)]
    if not _SECOND.search(words):
        levels = [("executive", _EXECUTIVE), ("entry", _ENTRY), ("lead", _LEAD), ("senior", _SENIOR)]
    return next((level for level, pattern in levels if pattern.search(words)), None)


def work_mode_of_title(title: str) -> str | None:
    """Remote or hybrid where a title sets it apart: "(Remote)", "Nurse - Remote", not "Remote Sensing Analyst".

    >>> [work_mode_of_title(t) for t in ("Nurse (Remote)", "Remote Sensing Analyst", "Hybrid Cloud Engineer")]
    ['remote', None, None]
    """
    text = title.lower()
    return "remote" if _REMOTE.search(text) else "hybrid" if _HYBRID.search(text) else None


def employment_type_of_title(title: str) -> str | None:
    """Part-time, full-time or internship where a title names one and only one.

    >>> [employment_type_of_title(t) for t in ("Teller (PT)", "Cook Full/Part Time", "Intern, Legal", "Cook")]
    ['part_time', None, 'internship', None]
    """
    text = title.lower()
    part, full = _PART_TIME.search(text), _FULL_TIME.search(text) or "full/part" in text.replace(" ", "")
    if part and full:
        return None
    return "part_time" if part else "full_time" if full else "internship" if _INTERNSHIP.search(text) else None
