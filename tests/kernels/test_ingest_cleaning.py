import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingest.cleaning import clean


def test_markup_goes_and_angle_brackets_of_prose_stay():
    assert clean("<div class='x'>List<String> &amp; <i>C</i>++, 3 < 5<br/>years</div>", 100) == (
        "List<String> & C++, 3 < 5 years"
    )


def test_scripts_styles_and_comments_go_with_what_is_in_them():
    assert clean("a<script>if (x < 1) alert('<b>')</script>b<style>p {}</style>c<!-- <p>d</p> -->e", 100) == "a b c e"


def test_text_that_a_feed_escaped_twice_is_read():
    assert clean("&amp;lt;p&amp;gt;Caf&amp;eacute;&amp;nbsp;bar", 100) == "Café bar"


def test_an_entity_needs_its_semicolon():
    assert clean("apply at ?job=1&section=2&copy=3", 100) == "apply at ?job=1&section=2&copy=3"


def test_utf8_read_as_latin1_is_put_right_however_often_it_happened():
    once = "naïve – it’s".encode().decode("latin-1")
    twice = once.encode().decode("latin-1")
    assert [clean(once, 100), clean(twice, 100)] == ["naïve – it’s"] * 2


def test_accented_capitals_that_are_meant_stay():
    assert clean("ÂGE, ÃO, Ångström, »MENÜ«", 100) == "ÂGE, ÃO, Ångström, »MENÜ«"


def test_wide_letters_become_plain_and_fractions_and_powers_keep_their_meaning():
    assert clean("ＳＡＰ ﬁnance, 1½ years, 40 m²", 100) == "SAP finance, 1½ years, 40 m²"


def test_hidden_characters_go():
    assert clean("pay\u202egnp\x00 \u200bnow\U000e0041\ud800", 100) == "paygnp now"


def test_words_for_no_value_are_none():
    assert [clean(word, 100) for word in ("NA", " n/a ", "NULL", "None", "-", "", " \t", "<p></p>", "\\N")] == [
        None
    ] * 9
    assert clean("Nanny", 100) == "Nanny"


def test_lines_are_kept_only_where_asked_for():
    assert clean("a \n\n\r\n b\u2028c", 100, lines=True) == "a\nb\nc"
    assert clean("a \n b", 100) == "a b"


@given(st.text(), st.integers(1, 50), st.booleans())
def test_clean_text_fits_and_holds_nothing_hidden(text, max_chars, lines):
    cleaned = clean(text, max_chars, lines=lines)
    if cleaned is not None:
        assert 0 < len(cleaned) <= max_chars
        assert cleaned == cleaned.strip()
        assert not [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs") and not (lines and c == "\n")]
