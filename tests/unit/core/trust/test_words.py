"""The list of words: 256, and no two that an ear or an eye would take for one another, by a rule stated here."""

import itertools
import re
import unicodedata

import pytest

from tamani.core.trust.words import BYTES, grouped, spoken, word_list

# How French spelling sounds, roughly: longest first where one holds another.
SOUNDS = (
    *(("eau", "o"), ("au", "o"), ("ph", "f"), ("ain", "1"), ("ein", "1"), ("in", "1"), ("im", "1"), ("yn", "1")),
    *(("an", "2"), ("en", "2"), ("am", "2"), ("em", "2"), ("on", "3"), ("om", "3"), ("ou", "4"), ("oi", "5")),
    *(("ai", "e"), ("ei", "e"), ("ch", "6"), ("gn", "7"), ("ill", "8"), ("qu", "k"), ("gu", "g"), ("ge", "je")),
    *(("gi", "ji"), ("ce", "se"), ("ci", "si"), ("c", "k"), ("z", "s"), ("y", "i"), ("h", ""), ("x", "ks")),
)


def plain(word: str) -> str:
    """Without accents."""
    spelt = unicodedata.normalize("NFD", word.replace("œ", "oe"))
    return "".join(character for character in spelt if not unicodedata.combining(character))


def sound(word: str) -> str:
    """A word as it is heard: silent ends and double letters gone."""
    heard = plain(word)
    for spelling, said in SOUNDS:
        heard = heard.replace(spelling, said)
    return re.sub(r"[estdpx]+$", "", re.sub(r"(.)\1", r"\1", heard))


def apart(one: str, other: str) -> int:
    """How many letters must change (Levenshtein)."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, against in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != against))
    return row[-1]


def test_no_two_words_look_or_sound_alike() -> None:
    """Their first four letters differ, three letters or more in all, and two sounds or more."""
    words = word_list()
    assert len(set(words)) == 256
    assert all(4 <= len(plain(word)) <= 10 for word in words)
    alike = [
        (one, other)
        for one, other in itertools.combinations(words, 2)
        if plain(one)[:4] == plain(other)[:4]
        or apart(plain(one), plain(other)) < 3
        or apart(sound(one), sound(other)) < 2
    ]
    assert alike == []


@pytest.mark.parametrize(("one", "other"), [("pain", "pin"), ("chat", "chas"), ("mangue", "manque"), ("sceau", "sot")])
def test_the_rule_finds_what_an_ear_confuses(one: str, other: str) -> None:
    assert apart(sound(one), sound(other)) < 2


def test_a_fingerprint_is_seven_groups_of_sixteen_bits() -> None:
    """At least 112 bits in words; any change of them changes a word; the hex stands whole."""
    text = bytes(range(32)).hex()
    said = spoken(text)
    assert [len(group.split()) for group in said.split(" · ")] == [2] * 7
    assert BYTES * 8 >= 112
    for byte in range(BYTES):
        other = bytes(range(byte)) + bytes([byte ^ 1]) + bytes(range(byte + 1, 32))
        assert spoken(other.hex()) != said
    assert grouped(text).replace(" ", "") == text
