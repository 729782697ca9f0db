"""Count the words of a text, and estimate its tokens, in scripts with and without spaces between words."""

import re
from math import ceil

# Thai, Lao, Tibetan, Burmese; Khmer; Kana, Bopomofo, Han, Yi, wherever Unicode has put more of them.
_SPACELESS = (
    "[\u0e00-\u109f\u1780-\u17ff\u3005-\u3130\u31a0-\u31ff\u3400-\ua4cf\ua9e0-\ua9fe\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9d"
    "\U00016fe2-\U00016fff\U0001aff0-\U0001b16f\U00020000-\U0003ffff]"
)
_HAS_SPACELESS = re.compile(_SPACELESS)
# A letter with the marks upon it and the punctuation behind it, which are no words.
_SPACELESS_LETTER = re.compile(rf"(?={_SPACELESS})[^\W\d_][^\w\s]*")

_LETTERS_A_TOKEN = 4.0
_SPACELESS_LETTERS_A_TOKEN = 1.5


def count_words(text: str) -> int:
    """Return the number of words: what stands between spaces; without spaces each letter counts as one.

    Without spaces means Chinese, Japanese, Thai, Lao, Khmer, Burmese, Tibetan and Yi letters. A dictionary would find
    fewer and truer words there; this number needs none, and repeats for ever.
    """
    if not _has_spaceless(text):
        return len(text.split())
    rest, letters = _SPACELESS_LETTER.subn(" ", text)
    return letters + len(rest.split())


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a large model's tokenizer makes of the text.

    An estimate by rule of thumb, to compare snapshots and languages with: four characters a token in scripts that part
    their words, one and a half in those that don't. Tokenizers differ from it, and from each other, by a third or more.
    """
    letters = len(_SPACELESS_LETTER.findall(text)) if _has_spaceless(text) else 0
    return ceil((len(text) - letters) / _LETTERS_A_TOKEN + letters / _SPACELESS_LETTERS_A_TOKEN)


def _has_spaceless(text: str) -> bool:
    return not text.isascii() and _HAS_SPACELESS.search(text) is not None
