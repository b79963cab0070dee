"""XPath regular expressions: TCK 1109 and 1111, F&O 7.6, and Python's `re` as a second opinion."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydmn.errors import LimitExceeded
from pydmn.feel.regex import RegexError, compile_pattern
from pydmn.limits import Limits
from pydmn.run import Run


def matches(text: str, pattern: str, flags: str = "") -> bool:
    run = Run()
    return compile_pattern(run, pattern, flags).matches(run, text)


def replace(text: str, pattern: str, replacement: str, flags: str = "") -> str:
    run = Run()
    return compile_pattern(run, pattern, flags).replace(run, text, replacement)


def split(text: str, pattern: str) -> list[str]:
    run = Run()
    return compile_pattern(run, pattern, "").split(run, text)


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "expected"),
    [
        # TCK 1111
        ("abracadabra", "bra", "", True),
        ("\nabcd\ndefg\n", "^$", "m", True),
        ("abcd\n\ndefg\n ", "^$", "m", True),
        ("Mary\rJones", "Mary.Jones", "", False),
        ("Mary\rJones", "Mary.Jones", "s", True),
        ("abc", "ABC", "i", True),
        ("\u212a", "k", "i", True),
        ("x", "[A-Z-[OI]]", "i", True),
        ("O", "[A-Z-[OI]]", "i", False),
        ("i", "[A-Z-[OI]]", "i", False),
        ("q", "[^Q]", "i", False),
        ("hello world", "hello\\ sworld", "x", True),
        ("hello world", " hello[ ]world", "x", True),
        ("hello world", "\\p{ I s B a s i c L a t i n }+", "x", True),
        ("a", "a[^b]", "", False),
        ("aA", "(a)\\1", "i", True),
        # F&O 7.6.1: sets are Unicode's, in and outside of classes
        ("\u0663", "^\\d$", "", True),
        ("\u0663", "^[\\d]$", "", True),
        ("\u0663", "^\\D$", "", False),
        ("\u0663", "^[\\D]$", "", False),
        ("\u00e9", "^\\w$", "", True),
        ("\u00e9", "^[\\w-]$", "", True),
        ("\u00e9", "^\\W$", "", False),
        ("!", "^[\\W]$", "", True),
        ("\u00a0", "^\\s$", "", False),  # XPath's blanks are four
        ("\t", "^\\s$", "", True),
        ("\f", "^\\S$", "", True),
        ("a\u0301", "^\\w\\w$", "", True),
        ("\u0391", "^\\p{IsGreek}$", "", True),
        ("\u0391", "^\\p{Lu}\\P{Lu}?$", "", True),
        ("_a", "^\\i\\c$", "", True),
        ("e", "^[a-z-[aeiou]]$", "", False),
        ("f", "^[a-z-[aeiou]]$", "", True),
        ("-", "^[-a]$", "", True),
        ("]", "^[\\]\\[]$", "", True),
        ("a-b", "^\\w[\\-]\\w$", "", True),
        ("abc", "^(a|ab)(c|bcd)?$", "", True),
        ("x$", "\\$$", "", True),
        ("aaa", "^a{2,3}$", "", True),
        ("\U0001f40e", "^.$", "", True),
        ("abc", "", "", True),
    ],
)
def test_matches(text: str, pattern: str, flags: str, expected: bool) -> None:
    assert matches(text, pattern, flags) is expected


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        # TCK 1111
        ("bra", "p"),
        ("pattern", " "),
        ("pattern", "X"),
        ("\\p{ IsBasicLatin}+", ""),
        ("(.)\\3", ""),
        ("(.)\\2", ""),
        ("\\3", ""),
        ("(asd)[\\1]", ""),
        ("(asd)[asd\\1]", ""),
        ("1[asd\\0]", ""),
        # F&O 7.6.1 and XML Schema's regular expressions
        ("\\0", ""),
        ("(a\\1)", ""),
        ("(?:a)\\1", ""),
        ("a{,3}", ""),
        ("a++", ""),
        ("[a", ""),
        ("[z-a]", ""),
        ("(a", ""),
        ("a)", ""),
        ("*a", ""),
        ("\\b", ""),
        ("\\u0041", ""),
        ("(?i)a", ""),
        ("[[:alpha:]]", ""),
        ("\\p{Xx}", ""),
        ("\ud800", ""),
    ],
)
def test_what_is_no_pattern(pattern: str, flags: str) -> None:
    with pytest.raises(RegexError):
        matches("abc", pattern, flags)


@pytest.mark.parametrize(
    ("text", "pattern", "replacement", "flags", "expected"),
    [  # TCK 1109, F&O 7.6.3
        ("abcd", "(ab)|(a)", "[1=$1][2=$2]", "", "[1=ab][2=]cd"),
        ("abracadabra", "bra", "*", "", "a*cada*"),
        ("abracadabra", "a.*a", "*", "", "*"),
        ("abracadabra", "a.*?a", "*", "", "*c*bra"),
        ("abracadabra", "a(.)", "a$1$1", "", "abbraccaddabbra"),
        ("AAAA", "A+?", "b", "", "bbbb"),
        ("darted", "^(.*?)d(.*)$", "$1c$2", "", "carted"),
        ("0123456789", "(\\d{3})(\\d{3})(\\d{4})", "($1) $2-$3", "", "(012) 345-6789"),
        ("facetiously", "[iouy]", "[$0]", "", "facet[i][o][u]sl[y]"),
        ("a b c d ", "[a-z]", "#", "x", "# # # # "),
        ("abc", "[A-Z]", "#", "i", "###"),
        ("abc", ".^[d-z]*", "#", "smix", "abc"),
        ("a.b", "\\.", "\\$\\\\", "", "a$\\b"),
        ("abc", "(b)", "$12", "", "ab2c"),
        ("abc", "b", "[$1]", "", "a[]c"),
        ("aabbcd", "(.)\\1", "<$1>", "", "<a><b>cd"),
    ],
)
def test_replace(text: str, pattern: str, replacement: str, flags: str, expected: str) -> None:
    assert replace(text, pattern, replacement, flags) == expected


@pytest.mark.parametrize(
    ("text", "pattern", "length"),
    [("abbb", "a", 5), ("abbbb", "a", 6), ("bbba", "a", 5), ("bbbba", "a", 6), ("aaa", "a", 6)],
)
def test_what_a_replacement_makes_is_bounded(text: str, pattern: str, length: int) -> None:
    """Where it grows in the last match, and where what follows the last match is too much."""
    for chars in (length, length - 1):
        run = Run(Limits(chars=chars))
        if chars == length:
            made = compile_pattern(run, pattern, "").replace(run, text, "xx")
            assert made == text.replace("a", "xx")
        else:
            with pytest.raises(LimitExceeded, match="chars"):
                compile_pattern(run, pattern, "").replace(run, text, "xx")


@pytest.mark.parametrize("replacement", ["$", "$a", "\\", "\\a", "a\\1"])
def test_what_is_no_replacement(replacement: str) -> None:
    with pytest.raises(RegexError, match="replacement"):
        replace("abc", "b", replacement)


def test_the_tenth_group() -> None:
    pattern = "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)"
    assert replace("abcdefghij", pattern, "$10$1") == "ja"
    assert matches("abcdefghijj", f"^{pattern}\\10$")
    assert matches("aa0", "^(a)\\10$")


def test_split() -> None:
    assert split("John Doe", "\\s") == ["John", "Doe"]
    assert split("a;b;c;;", ";") == ["a", "b", "c", "", ""]
    assert split("", ";") == [""]
    assert split("xaax", "(a)\\1") == ["x", "x"]


@pytest.mark.parametrize("pattern", ["", "x*", "(a)?\\1"])
def test_a_pattern_that_matches_nothing_at_all(pattern: str) -> None:
    with pytest.raises(RegexError, match="empty string"):
        split("abc", pattern)
    with pytest.raises(RegexError, match="empty string"):
        replace("abc", pattern, "-")


def test_a_text_with_half_a_surrogate_pair() -> None:
    with pytest.raises(RegexError, match="surrogate"):
        matches("\ud800", "a")


@pytest.mark.parametrize(
    "pattern", ["a{1001}", "(a)\\1" + "(b{1,300}){1,300}", "(" * 200 + "a" + ")" * 200 + "\\1"]
)
def test_what_neither_matcher_can_do_has_a_name(pattern: str) -> None:
    with pytest.raises(RegexError) as caught:
        matches("a", pattern)
    assert caught.value.code == "regex-not-supported"


# --- back-references against Python's `re` --------------------------------------------

ATOMS = st.sampled_from(["a", "b", "c", "[ab]", "[^a]", "(a)", "(b|c)", "(ab?)", ".", "(?:a|bc)"])
QUANTIFIERS = st.sampled_from(["", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{1,}?"])
PIECES = st.lists(st.builds("{}{}".format, ATOMS, QUANTIFIERS), min_size=1, max_size=4)


@given(
    st.builds(lambda before, after: f"(a|b){''.join(before)}\\1{''.join(after)}", PIECES, PIECES),
    st.text("abc", max_size=8),
)
def test_back_references_agree_with_python(pattern: str, text: str) -> None:
    run = Run()
    found = [spans[0] for spans in compile_pattern(run, pattern, "")._matcher.find(run, text)]
    assert found == [match.span() for match in re.finditer(pattern, text)]


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "expected"),
    [
        ("abab", "^(ab)\\1$", "", True),
        ("abAB", "^(ab)\\1$", "i", True),
        ("abAB", "^(ab)\\1$", "", False),
        ("ac", "(b)?a\\1c", "", True),  # F&O: a group without a part is the empty string
        ("x\naa\ny", "^(a)\\1$", "m", True),
        ("x\naa\ny", "^(a)\\1$", "", False),
        ("aaaaab", "(a*)*\\1b", "", True),
        ("aXbX", "a(X)b\\1|never", "", True),
        ("\n\n", "([\\n])\\1", "", True),
        ("-]-]", "^([\\-\\]]+)\\1$", "", True),
        ("..", "(\\.)\\1", "", True),
        ("a\tb\t", "a(\\t)b\\1", "", True),
        ("\n\n", "(.)\\1", "s", True),
        ("12\u066312\u0663", "^(\\d+)\\1$", "", True),
        ("ZZ", "^([a-z])\\1$", "i", True),
        ("aba", "^(a{0,1})b\\1$", "", True),
        ("aa", "^(a)\\1{1}$", "", True),
    ],
)
def test_back_references(text: str, pattern: str, flags: str, expected: bool) -> None:
    assert matches(text, pattern, flags) is expected


# --- budgets --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("a" * 300, "(a*)*\\1b"),
        ("a" * 300, "(a+)+\\1$b"),
        ("x", "[\\w-[a-z]]" * 1000),
        ("x", "[^\\p{L}\\p{N}]" * 600),
        ("x", "\\p{L}" * 1900),
    ],
)
def test_what_would_take_long_spends_the_steps(text: str, pattern: str) -> None:
    run = Run(Limits.untrusted())
    with pytest.raises(LimitExceeded, match="steps"):
        compile_pattern(run, pattern, "").matches(run, text)


def test_a_linear_match_is_cheap() -> None:
    run = Run(Limits.untrusted())
    assert not compile_pattern(run, "(a+)+$", "").matches(run, "a" * 50_000 + "b")


def test_the_charge_does_not_depend_on_the_cache() -> None:
    spent = []
    for _ in range(2):
        run = Run()
        compile_pattern(run, "[^\\W_]+q7", "").matches(run, "abc")
        spent.append(run.limits.steps - run.steps)
    assert spent[0] == spent[1]


def test_results_are_bounded() -> None:
    run = Run(Limits(chars=100))
    with pytest.raises(LimitExceeded, match="chars"):
        compile_pattern(run, "a", "").replace(run, "a" * 60, "bb")
    run = Run(Limits(items=10))
    with pytest.raises(LimitExceeded, match="items"):
        compile_pattern(run, ",", "").split(run, "," * 10)
    assert len(compile_pattern(run, ",", "").split(run, "," * 9)) == 10
