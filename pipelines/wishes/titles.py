"""Kernel: words that a text wants in the title of a job, or not in it."""

import re
from collections.abc import Iterator

from pipelines.ingest.cleaning import folded
from pipelines.ingest.companies import company_key
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.wish import Kind
from pipelines.wishes.words import either

_NOUN = (
    r"(?:(?:job|post|role|position)(?:['’]s)?\s)?(?:titles?|titel|titre|t[ií]tulo|headlines?|names?(?=\s(?:must|should|has|needs|of\sthe\sjob)))"
    r"|(?:job|role|position)(?:['’]s)?\sname|stellentitel|jobtitel|intitul[ée]s?|(?:stellen|job|berufs)bezeichnung"
)
_MODAL = either("titles", "modals")
_NOT = either("titles", "denials")
_VERB = either("titles", "verbs")
_WORD = r"(?:(?:the|a|an|der|das|le|la|el)\s)?(?:exact\s|actual\s)?(?:words?|terms?|phrase|wort|mot|palabra)\s"
_NOUNS = re.compile(rf"\b(?P<field>{_NOUN}|company|employer)\b", re.IGNORECASE)
_SAYS = re.compile(
    rf"(?:\s(?:that|which|who|of\sthe\sjob|of\sthe\sposting|of\sthe\sad|where|du\sposte|de\sl['’](?:offre|annonce|emploi)|del\s(?:puesto|anuncio|trabajo)|de\sla\soferta|der\s(?:stelle|anzeige))|\s?[:;,]\s(?:it|they|that))?(?:\s(?P<modal>{_MODAL})(?=\s))?(?P<denied>\s(?:{_NOT}))?"
    rf"(?P<verb>(?:\s?(?:{_VERB})(?=\W|$)){{0,3}})(?P<mark>\s?[:=])?(?:\s(?P<late>{_NOT})(?=\s))?\s?(?P<word>{_WORD})?(?=\S)",
    re.IGNORECASE,
)
_QUOTED = r"""["'“‘«„](?P<quoted>[^"'“”‘’»\n]{2,60})["'”’»“]"""
_PART = r"""[^\s,;.:!?\n"“”«»()]+"""
_STOPPED = rf"{either('titles', 'stops')}\b"
_PLAIN_NAME = (
    rf"(?P<plain>(?!(?:in|not|to|the|my|me|it|i|and|or|that|which|a)\b){_PART}(?:\s(?!{_STOPPED}){_PART}){{0,3}})"
)
_LISTED = re.compile(
    rf"\s?(?:(?:the|either|both|entweder|soit)\s)?(?:{_QUOTED}|{_PLAIN_NAME})(?P<link>\s(?:or|nor|and|und|oder|ou|et|y)\s(?:the\sword\s)?|/)?",
    re.IGNORECASE,
)
_NO_NAME = re.compile(rf"\s?{either('titles', 'no_names')}\b", re.IGNORECASE)
_INSIDE = re.compile(
    rf"""(?:(?:{_QUOTED}|(?<![^\s,;.:!?(])(?P<plain>(?:[^\W_][\w'’+#.-]{{0,29}}\s){{1,4}}?))\s?)
    (?P<denied>(?:(?:must|should|does|do|may|can)\s?(?:not|n['’]t)|never|mustn['’]t|shouldn['’]t|can['’]t|cannot|isn['’]t|not)\s)?
    (?:(?:that\s|which\s)?(?:has\sto|have\sto|had\sto|needs?\sto|must|should|ought\sto|to|is|are)\s)?
    (?P<never>not\s|never\s)?
    (?:(?:appear(?:s|ing)?|be|stand(?:s|ing)?|occur(?:s)?|feature(?:s|d)?|show\sup|stated?|mentioned|included|found|somewhere|anywhere|there)\s){{0,3}}
    (?:(?:with)?in|(?:a\s)?part\sof|inside)\s(?:the|its|their|a|every|any|each)\s(?:(?:(?:job|post|role|ad|advert|position)(?:['’]s)?\s)?titles?|(?:job|post|role|position)(?:['’]s)?\snames?|name\sof\sthe\s(?:job|post|role|position)|headlines?)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_BEFORE_INSIDE = re.compile(rf"^(?:.*\b{either('titles', 'leads')}\s)?", re.IGNORECASE)
_TITLED = re.compile(
    r"\b(?:titled|entitled|(?:with|under)\sthe\s(?:job\s)?title(?:\sof)?)\s|\bcalled\s(?=[\"'“‘«])", re.IGNORECASE
)


_END_VERB = re.compile(
    r"\b(?:(?:job|stellen)?titel|(?:stellen|job|berufs)bezeichnung)\s(?:der\sstelle\s)?(?P<modal>muss|soll(?:te)?|darf)\s(?:unbedingt\s)?(?P<denied>nicht\s|kein(?:e|en)?\s)?(?:das\swort\s)?"
    r"[\"'“„]?(?P<words>[\w-]{2,30})[\"'”“]?\s(?:enthalten|haben|stehen|vorkommen|heißen|lauten|tragen|beinhalten|führen)\b",
    re.IGNORECASE,
)
_ABROAD = re.compile(
    r"""(?:["'“‘«„](?P<quoted>[^"'“”‘’»\n]{2,60})["'”’»“]|(?<![^\s,;.:!?(])(?P<words>[\w-]{3,30}))\s
    (?:(?:muss|soll(?:te)?|darf|doit|debe|tiene\sque|ha\sde)\s)?(?P<denied>nicht\s|no\s|pas\s)?(?:(?:figurer|être|appara[iî]tre|aparecer|estar|figurar|salir|[eé]tre)\s)?
    (?:im\s(?:job|stellen)?titel|in\sder\s(?:stellen|job|berufs)bezeichnung|dans\s(?:le\stitre|l['’]intitul[ée])|en\sel\s(?:t[ií]tulo|titular|nombre\sdel\spuesto))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_FORMER = re.compile(r"\b(?:previous|former|last|old|ex|current|present|my)[\s-]$", re.IGNORECASE)
_IF = re.compile(
    r"\b(?P<if>if|when|where|wenn|si|unless)\s(?:the\s|it\s|der\s|le\s|a\s|its\s|my\s|el\s)?$", re.IGNORECASE
)

_NO_WORDS = frozenset(
    """muss soll sollte darf steht stehen doit figure figurer debe que aparezca ponga diga und oder
    word wort mot palabra contenir enthalten nicht pas no etre apparaitre""".split()
)


def find_titles(reading: Reading) -> Iterator[Mention]:
    """Mentions of words of titles, and of employers behind the word for them; in no order."""
    for field in _NOUNS.finditer(reading.text):
        kind: Kind = "company" if field["field"].lower() in ("company", "employer") else "title"
        said = _SAYS.match(reading.text, field.end())
        if said and _demands(kind, field["field"], said):
            denied = _asked(reading, field.start(), denied=_denies(said))
            was = kind == "company" and _FORMER.search(reading.text[: field.start()])
            if denied is not None and not was:
                yield from _listed_behind(reading, kind, field.start(), said.end(), denied=denied)
    for found in _END_VERB.finditer(reading.text):
        yield _mention(reading, "title", found["words"], found.start(), found.end(), denied=bool(found["denied"]))
    for found in _ABROAD.finditer(reading.text):
        words = found["quoted"] or found["words"]
        if folded(words) not in _NO_WORDS:
            yield _mention(reading, "title", words, found.start(), found.end(), denied=bool(found["denied"]))
    for inside in _INSIDE.finditer(reading.text):
        yield from _named_inside(reading, inside)
    for lead in _TITLED.finditer(reading.text):
        yield from _listed_behind(reading, "title", lead.start(), lead.end(), denied=False)


def _denies(said: re.Match[str]) -> bool:
    modal = (said["modal"] or "").lower().replace("’", "'")
    return bool(said["denied"] or said["late"] or "not" in modal or "n't" in modal)


def _asked(reading: Reading, start: int, *, denied: bool) -> bool | None:
    """Whether words must not be in a title, behind "if" and "unless" as well; None: that is not sure."""
    condition = _IF.search(reading.text[max(0, start - 16) : start])
    if condition is None:
        return denied
    if condition["if"].lower() == "unless":
        return None if denied else False
    return False if denied else None


def _demands(kind: Kind, noun: str, said: re.Match[str]) -> bool:
    """Whether what follows the noun says which words it must have."""
    if said["mark"]:
        return True
    verb = (said["verb"] or "").split()
    if kind == "company":
        return bool(said["modal"] and (verb or said["denied"]))
    if noun.lower() in ("name", "names") and not said["modal"]:
        return False
    return bool(
        verb and (verb[-1].lower() not in ("is", "are", "has", "have") or said["modal"] or said["word"])
    ) or bool(said["denied"])


def _named_inside(reading: Reading, inside: re.Match[str]) -> Iterator[Mention]:
    """The words before "in the title"; of plain ones those behind the last word that leads to them."""
    name = inside["quoted"]
    start = inside.start()
    if not name:
        said = inside["plain"].strip()
        lead = _BEFORE_INSIDE.match(said + " ")
        name = said[lead.end() if lead else 0 :].strip()
        start += inside["plain"].find(name)
    denied = _asked(reading, start, denied=bool(inside["denied"] or inside["never"]))
    if denied is not None and name and folded(name) not in ("word", "words", "it", "that", "them", "this"):
        yield _mention(reading, "title", name, start, inside.end(), denied=denied)


def _listed_behind(reading: Reading, kind: Kind, start: int, at: int, *, denied: bool) -> Iterator[Mention]:
    """A mention per name in a list of them."""
    while found := _LISTED.match(reading.text, at):
        words = found["quoted"] or found["plain"]
        yield _mention(reading, kind, words, start, found.end() - len(found["link"] or ""), denied=denied)
        if not found["link"] or found.end() <= at or _NO_NAME.match(reading.text, found.end()):
            return
        start = at = found.end()


def _mention(reading: Reading, kind: Kind, words: str, start: int, end: int, *, denied: bool = False) -> Mention:
    value = company_key(words) if kind == "company" else folded(words)
    first, last = reading.between(start, end)
    return Mention(kind, (value,) if value else (), first, last, excluded=denied, settled=True)
