"""Passwords that are guessed first: one or two words that everybody takes, with figures and signs around them.

The words are ours: what people here and elsewhere are known to choose (names of the site, places, months, keyboards).
A sentence of several words is none of these, however plain its words.
"""

import re

_WORDS = """
motdepasse password passe pass secret azerty azertyuiop qsdfghjkl wxcvbn qwerty qwertyuiop asdfghjkl zxcvbnm
admin administrateur administrator root user utilisateur login compte account bonjour bienvenue welcome hello soleil
sunshine amour jetaime iloveyou princesse princess dragon monkey football liberte famille maman papa bebe dieu allah
jesus mohamed mohammed fatou aminata ibrahim moussa ousmane merci chocolat doudou loulou tamani tambour drum
mali niger burkina faso bamako niamey ouagadougou ouaga gao mopti segou kayes tombouctou sikasso koulikoro tillabery
tillaberi dosso tahoua maradi zinder diffa agadez dori sahel bobo dioulasso afrique africa liptako gourma aes
commission defense securite parlement assemblee nationale secretariat ministere justice tribunal observatoire bureau
president presidence republique police gendarmerie armee service test essai demo exemple changeme letmein
lundi mardi mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre octobre
novembre decembre monday tuesday wednesday thursday friday january february march april june july august september
october november december spring summer autumn winter hiver printemps ete automne
abc abcd abcdef abcdefgh abcdefghijkl
"""
MOST_WORDS = 2
# What is longer is no such thing; and the search below must not take long.
LONGEST = 40
# How letters are written by who hides a word: `p@ssw0rd`.
_SWAPPED = {"a": "4@", "b": "8", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7"}
_PLAIN = str.maketrans({sign: letter for letter, signs in _SWAPPED.items() for sign in signs})
_WORDS_BY_LENGTH = sorted(set(_WORDS.split()), key=len, reverse=True)
_ANY = "|".join("".join(f"[{c}{_SWAPPED.get(c, '')}]" for c in word) for word in _WORDS_BY_LENGTH)
_MADE_OF = re.compile(rf"(?:{_ANY}|[^a-z])*")
_WORD = re.compile(_ANY)


def is_common(password: str) -> bool:
    """Whether a password (in lower case, without accents) is nothing but such words, figures and signs."""
    if len(password) > LONGEST or not _MADE_OF.fullmatch(password):
        return False
    return len({word.translate(_PLAIN) for word in _WORD.findall(password)}) <= MOST_WORDS
