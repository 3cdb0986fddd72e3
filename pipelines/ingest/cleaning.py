"""Kernel: text as a person would read it, whatever the source did to it."""

import html
import re
import unicodedata
from typing import Final

from pipelines.characters import INVISIBLE

NULL_WORDS: Final = frozenset(
    {"na", "n/a", "n.a.", "#n/a", "nan", "null", "none", "undefined", "-", "--", "\\n"}  # lower case; \\N is MySQL's
)

_BLOCK = "address|article|blockquote|br|dd|div|dl|dt|footer|h[1-6]|header|hr|li|main|ol|p|pre|section|table|tr|ul"
_INLINE = (
    "a|abbr|b|big|body|caption|center|code|em|figure|font|head|html|i|iframe|img|input|label|link|mark|meta|nav|o:p|"
    "s|small|span|strike|strong|sub|sup|tbody|td|tfoot|th|thead|title|tt|u|wbr"
)
_COMMENT = re.compile(r"<!--(?:[^<-]|<(?!!--)|-(?!->))*-->")
_CODE = re.compile(r"<(script|style)\b[^<>]*>(?:[^<]|<(?!/?(?:script|style)\b))*</\1\s*>", re.IGNORECASE)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK})(?:[\s/][^<>]*)?>", re.IGNORECASE)
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE})(?:[\s/][^<>]*)?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});")

# Windows-1252 bytes 0x80-0x9f, read as Latin-1 by mistake, and back
_FROM_C1 = {byte: bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xA0)}
_C1 = re.compile("[\x80-\x9f]")
_TO_C1 = {ord(char): chr(byte) for byte, char in _FROM_C1.items() if char}
_TAIL = "[\x80-\xbf" + "".join(map(re.escape, map(chr, _TO_C1))) + "]"
_MOJIBAKE = re.compile(f"[\xc2\xc3\xc5]{_TAIL}|[\xe2\xef]{_TAIL}{{2}}|\xf0{_TAIL}{{3}}")

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_MARKS = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))
# sorting more marks on one letter takes the square of their number: UAX #15, Stream-Safe Text Format
_TOWER = re.compile(f"([{_MARKS}]{{30}})[{_MARKS}]+")
_LINE_END = re.compile("\r\n?|[\x0b\x0c\u2028\u2029]")
# compatibility characters whose expansion changes the meaning: 1½ is not 11⁄2, m² is not m2
_KEPT = "".join(
    chr(code) for code in range(0xA0, 0x2190) if unicodedata.decomposition(chr(code))[:5] in ("<sup>", "<supe", "<frac")
)
_FOLDABLE = re.compile(f"[^{_KEPT}]+")


def clean(text: str, max_chars: int, *, lines: bool = False) -> str | None:
    r"""`text` without mark-up, mis-decoded or invisible characters, on one line or, with `lines`, on several.

    Returns:
        At most `max_chars` characters; None when nothing is left, or only a word that means "no value".

    >>> clean("<p>R&amp;D <b>Engineer</b></p>", 300)
    'R&D Engineer'
    >>> clean("D\u00c3\u00a9cor\x00 caf\u00c3\u0192\u00c2\u00a9", 300)
    'Décor café'
    >>> clean("<ul><li>one</li><li>two</li></ul>", 300, lines=True)
    'one\ntwo'
    >>> clean(" N/A ", 300) is None
    True
    """
    text = text[: 8 * max_chars + 1000]  # bounds the work on a hostile row
    text = _without_markup(text)
    text = _INVISIBLE.sub("", _LINE_END.sub("\n", text if text.isascii() else _redecoded(text)))
    if not text.isascii():
        text = _FOLDABLE.sub(lambda run: unicodedata.normalize("NFKC", run[0]), _TOWER.sub(r"\1", text))
    kept = [" ".join(line.split()) for line in text.split("\n")] if lines else [" ".join(text.split())]
    text = "\n".join(line for line in kept if line)[:max_chars].rstrip()
    return None if is_blank(text) else text


def is_blank(text: str) -> bool:
    """Whether `text` is empty or one of the words that sources write for "no value"."""
    return not (stripped := text.strip()) or stripped.lower() in NULL_WORDS


def has_words(text: str | None) -> bool:
    """Whether there is a letter or digit in it; all else may be nothing to a tokenizer."""
    return text is not None and any(char.isalnum() for char in text)


def folded(text: str) -> str:
    """`text` for comparison: no case, accents or punctuation, words separated by one space.

    >>> folded("Côte-d'Ivoire,  (CIV)")
    'cote d ivoire civ'
    """
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _without_markup(text: str) -> str:
    for _ in range(3):  # feeds escape twice: &amp;nbsp; and &lt;p&gt; are common
        before = text
        if "<" in text:
            text = _CODE.sub(" ", _COMMENT.sub(" ", text))
            text = _INLINE_TAG.sub("", _BLOCK_TAG.sub("\n", text))
        if "&" in text:
            text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
        if text == before:
            break
    return text


def _redecoded(text: str) -> str:
    """`text` with UTF-8 that was read as Latin-1 or Windows-1252, once or several times over, put right."""
    for _ in range(3):
        before = text
        text = _MOJIBAKE.sub(_decoded_run, text)
        if text == before:
            break
    return _C1.sub(lambda char: _FROM_C1[ord(char[0])], text)


def _decoded_run(run: re.Match[str]) -> str:
    try:
        return run[0].translate(_TO_C1).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return run[0]
