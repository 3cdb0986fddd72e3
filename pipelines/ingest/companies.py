"""Kernel: one key for one company, however a row spells it."""

import re

from pipelines.ingest.cleaning import folded

_JOINED = re.compile(r"[.'’`]")
_LEGAL = (
    "inc incorporated corp corporation co company llc llp lp pllc pc ltd limited plc gmbh mbh ag kg kgaa ohg se sa sas "
    "sarl srl spa bv nv oy oyj ab as asa aps pty pte pvt kk"
)
_SUFFIX = re.compile(rf"(?:\s(?:{'|'.join(_LEGAL.split())}))+$")


def company_key(name: str | None) -> str | None:
    """The folded name without article and legal form; None: no company is named.

    >>> [company_key(name) for name in ("The Macy's, Inc.", "MACYS", "Johnson & Johnson Pvt. Ltd.", "Co", "***")]
    ['macys', 'macys', 'johnson and johnson', 'co', None]
    """
    if name is None:
        return None
    words = folded(_JOINED.sub("", name).replace("&", " and "))
    return _SUFFIX.sub("", words.removeprefix("the ")) or None
