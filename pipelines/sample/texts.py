"""Kernel: the titles and bodies of postings, as employers write them."""

from dataclasses import dataclass

from pipelines.sample import phrases
from pipelines.sample.catalogue import Occupation
from pipelines.sample.draws import Draws
from pipelines.sample.wording import employers_wording

_MODE_LINES = {
    "hybrid": ("Two or three days a week can be worked from home.", "Hybrid working.", "Office and home in turn."),
    "remote": ("Work from wherever in the country you like.", "This is a home-based post.", "Fully remote."),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What one posting's text speaks of besides the occupation."""

    title: str
    kind: str  # of employer
    company: str
    country: str  # code
    city: str
    reference: str
    mode: str
    years: int  # of experience asked for
    shift: bool  # whether the post includes shifts


def posting_title(occupation: Occupation, level: str, draws: Draws) -> str:
    """A title of the level: mostly one of the employers' half, sometimes any."""
    mostly = employers_wording(occupation).titles[level]
    return draws.pick(mostly if draws.chance(0.9) else occupation.titles[level])


def advertised_title(terms: Terms, draws: Draws) -> str:
    """The title as it heads the posting: in two postings of five with something hung on to it."""
    title = terms.title
    if terms.country == "DE" and draws.chance(0.6):
        title += " (m/f/d)"
    if draws.chance(0.65):
        return title
    if terms.shift and draws.chance(0.4):
        return title + draws.pick((" - nights", ", shifts", " (rotating shifts)"))
    city, company = terms.city, terms.company
    hung = (f" - {city}", " - urgent", f" | {company}", f" in {city}", " - immediate start", f" ({city})", " x2", "!")
    return title.upper() if draws.chance(0.08) else title + draws.pick(hung)


def posting_body(occupation: Occupation, terms: Terms, draws: Draws) -> str:
    """A body of three to five duties between what employers like to say; the title is named in some only."""
    paragraphs = []
    if draws.chance(0.8):
        paragraphs.append(draws.pick(phrases.EMPLOYER_LINES[terms.kind]).format(company=terms.company, city=terms.city))
    if draws.chance(0.75):
        paragraphs.append(draws.pick(phrases.OPENINGS).format(title=terms.title, city=terms.city))
    duties = draws.some(employers_wording(occupation).duties, draws.between(3, 5))
    paragraphs.append(_listed(draws.pick(phrases.DUTY_HEADINGS), duties, draws))
    wanted = draws.some(occupation.skills, draws.between(2, 5)) if draws.chance(0.75) else []
    if terms.years > 1 and draws.chance(0.5):
        wanted.append(f"{terms.years} years in a similar post")
    if occupation.licence and draws.chance(0.7):
        wanted.append(occupation.licence)
    if wanted:
        paragraphs.append(f"{draws.pick(phrases.SKILL_HEADINGS)}: {', '.join(wanted)}.")
    if terms.shift:
        paragraphs.append(draws.pick(phrases.SHIFT_LINES))
    if terms.mode in _MODE_LINES:
        paragraphs.append(draws.pick(_MODE_LINES[terms.mode]))
    benefits = draws.some(phrases.BENEFITS, draws.between(0, 4))
    if benefits:
        paragraphs.append(_listed(draws.pick(("We offer", "Benefits", "What you get")), benefits, draws))
    if draws.chance(0.7):
        paragraphs.append(draws.pick(phrases.CLOSINGS).format(reference=terms.reference))
    return "\n\n".join(paragraphs).replace("..", ".")  # companies such as "Brooks Inc."


def _listed(heading: str, lines: list[str], draws: Draws) -> str:
    if draws.chance(0.6):
        return "\n".join((f"{heading}:", *(f"- {line}" for line in lines)))
    return " ".join(lines) if draws.chance(0.5) else f"{heading}: {' '.join(lines)}"
