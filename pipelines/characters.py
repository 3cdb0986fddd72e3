"""Kernel: characters that nobody sees, and text in which they are seen."""

import re
from typing import Final

# inside a class of a regular expression: controls, soft hyphen, bidirectional and zero-width marks, byte order mark,
# surrogates, invisible tags, non-characters; neither tab, line ends nor the joiners that scripts and emoji need
INVISIBLE: Final = (
    "\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff"
    "\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff"
)
_UNSHOWN = re.compile(f"[{INVISIBLE}\r\x0b\x0c\u2028\u2029]")


def shown(text: str) -> str:
    r"""`text` with an escape for each character that would move a terminal's cursor, colour it, or hide or turn text.

    >>> print(shown("cook\x1b[2J\u202e\u200b, caf\u00e9"))
    cook\x1b[2J\u202e\u200b, café
    """
    return _UNSHOWN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
