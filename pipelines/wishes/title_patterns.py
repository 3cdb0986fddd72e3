r"""Kernel: patterns of how a text asks for words in the title of a job, or for none of them there.

Their words stand under `[titles]` in `words.toml`. All are verbose: only `\s` is a blank of the text.
"""

import re
from functools import partial
from typing import Final

from pipelines.wishes.words import either

_FLAGS: Final = re.IGNORECASE | re.VERBOSE
_any = partial(either, "titles")

_QUOTED = r"""["'“‘«„](?P<quoted>[^"'“”‘’»\n]{2,60})["'”’»“]"""
_AT_START = r"(?<![^\s,;.:!?(])"  # of a word: "nurse" in "a nurse", not in "night-nurse"
_POSSESSIVE = r"(?:['’]s)?"  # "job title", "job's title"

# The noun that something is said of: "titles must contain planner", "job name must", "le titre doit", "employer must".
NOUN: Final = re.compile(
    rf"""
    \b(?:
        (?:{_any("jobs")}{_POSSESSIVE}\s)?
        (?:
            {_any("nouns")}
            | names?(?=\s(?:must|should|has|needs|of\sthe\sjob))  # any other name is that of somebody
        )
        | {_any("whole_nouns")}
        | (?P<employer>company|employer)
    )\b
    """,
    _FLAGS,
)

# What is said behind the noun, up to the words themselves: " of the job must not contain the word ", ": ", " says ".
# Each part can be missing, so that it matches before any word; whether it demands something is for its reader to tell.
SAYS: Final = re.compile(
    rf"""
    (?:\s{_any("between")} | \s?[:;,]\s(?:it|they|that))?  # "titles that", "title of the job", "titles: it"
    (?:\s(?P<modal>{_any("modals")})(?=\s))?
    (?P<denied>\s{_any("denials")})?                       # "must not", "excludes"
    (?P<verb>(?:\s?{_any("verbs")}(?=\W|$)){{0,3}})        # up to three: "has to be like"
    (?P<mark>\s?[:=])?                                     # "title: planner"
    (?:\s(?P<late>{_any("denials")})(?=\s))?               # a denial behind the verb: "contains no"
    \s?
    (?P<word>                                              # "the exact phrase", "das Wort"
        (?:(?:the|a|an|der|das|le|la|el)\s)?
        (?:exact\s|actual\s)?
        {_any("word")}\s
    )?
    (?=\S)
    """,
    _FLAGS,
)

# One name of a list, and the link to the next: " planner or ", " either 'scrum master'/".
_PART = r"""[^\s,;.:!?\n"“”«»()]+"""
_PLAIN = rf"""
    (?P<plain>                                             # up to four words, and no further than one of `stops`
        (?!{_any("no_starts")}\b)
        {_PART}
        (?:\s(?!{_any("stops")}\b){_PART}){{0,3}}
    )
"""
LISTED: Final = re.compile(
    rf"""
    \s?(?:(?:the|either|both|entweder|soit)\s)?
    (?:{_QUOTED} | {_PLAIN})
    (?P<link>\s{_any("links")}\s(?:the\sword\s)? | /)?
    """,
    _FLAGS,
)

# What stands behind a link and is no further name: "planner or forget it", "planner and remote".
NO_NAME: Final = re.compile(rf"\s?{_any('no_names')}\b", _FLAGS)

# The words come first: "'planner' must be in the title", "planner never appears anywhere in the job's title".
INSIDE: Final = re.compile(
    rf"""
    (?:
        {_QUOTED}
        | {_AT_START}(?P<plain>(?:[^\W_][\w'’+#.-]{{0,29}}\s){{1,4}}?)  # with words that only lead to them
    )\s?
    (?P<denied>{_any("inside_denials")}\s)?                # "must not"
    (?:(?:that\s|which\s)?{_any("inside_modals")}\s)?      # "has to"
    (?P<never>not\s|never\s)?                              # "has to never"
    (?:{_any("inside_verbs")}\s){{0,3}}                    # "be mentioned somewhere"
    (?:(?:with)?in|(?:a\s)?part\sof|inside)\s
    (?:the|its|their|a|every|any|each)\s
    (?:
        (?:(?:{_any("jobs")}|ad|advert){_POSSESSIVE}\s)?titles?
        | {_any("jobs")}{_POSSESSIVE}\snames?
        | name\sof\sthe\s{_any("jobs")}
        | headlines?
    )\b
    """,
    _FLAGS,
)

# Up to the last word that leads to those of the title: "jobs with the word " before "planner in the title".
LEAD: Final = re.compile(rf"(?:.*\b{_any('leads')}\s)?", _FLAGS)

# In German the verb comes last: "Der Jobtitel muss das Wort 'Planer' enthalten", "Jobtitel soll Erzieher lauten".
VERB_LAST: Final = re.compile(
    rf"""
    \b(?:(?:job|stellen)?titel|(?:stellen|job|berufs)bezeichnung)\s
    (?:der\sstelle\s)?
    (?:muss|soll(?:te)?|darf)\s
    (?:unbedingt\s)?
    (?P<denied>nicht\s|kein(?:e|en)?\s)?
    (?:das\swort\s)?
    ["'“„]?(?P<words>[\w-]{{2,30}})["'”“]?\s
    {_any("last_verbs")}\b
    """,
    _FLAGS,
)

# As INSIDE, of one word or of quoted ones: "'planner' muss im Titel stehen", "soudeur doit figurer dans le titre".
ABROAD: Final = re.compile(
    rf"""
    (?:{_QUOTED} | {_AT_START}(?P<words>[\w-]{{3,30}}))\s
    (?:{_any("abroad_modals")}\s)?
    (?P<denied>nicht\s|no\s|pas\s)?
    (?:{_any("abroad_verbs")}\s)?
    {_any("abroad_insides")}\b
    """,
    _FLAGS,
)

# The words follow at once: "jobs titled planner", "with the job title of planner", "called 'planner'".
TITLED: Final = re.compile(
    r"""
    \b(?:titled | entitled | (?:with|under)\sthe\s(?:job\s)?title(?:\sof)?)\s
    | \bcalled\s(?=["'“‘«])                                # without quotation marks anything is called something
    """,
    _FLAGS,
)

# At the end of what stands before the noun: "my former " employer, "unless the " title.
FORMER: Final = re.compile(r"\b(?:previous|former|last|old|ex|current|present|my)[\s-]$", _FLAGS)
IF: Final = re.compile(
    r"""
    \b(?P<if>if|when|where|wenn|si|unless)\s
    (?:(?:the|it|der|le|a|its|my|el)\s)?$
    """,
    _FLAGS,
)
