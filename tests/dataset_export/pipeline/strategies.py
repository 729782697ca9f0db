"""Text as an enemy would write it."""

from hypothesis import strategies as st

_TROUBLE = [
    *("&amp;", "&amp;lt;", "&#x202e;", "&#8203;", "&nbsp;", "&#0;", "&", "&#xD800;", "&copy", ";"),
    *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u180e", "\u034f", "\u3164"),
    *("\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u061c"),
    *("\0", "\x07", "\x1b[31m", "\x7f", "\x80", "\x85", "\x9d", "\r\n", "\r", "\u2028", "\u2029", "\v", "\f"),
    *("\ufe0f", "\ufe0e", "\U000e0100", "\U000e0067", "\U000e007f", "\U0001f3f4", "\U0001f3fd", "\ufffe", "\uffff"),
    *("👨\u200d👩\u200d👧", "❤\ufe0f\u200d🔥", "1\ufe0f\u20e3", "🏳\ufe0f\u200d🌈", "葛\U000e0100"),
    *("می\u200cخواهم", "क्\u200dष", "ക്\u200d", "ក\u200bខ", "ᠠ\u180eᠡ", "e\u0301", "\u0301", "ﷺ", "Å", "\u0344"),
    *(
        "Ã©",
        "â€™",
        "Ã ",
        "ðŸ˜‚",
        "РџСЂРёРІРµС‚",
        "Â\xa0",
        "ï»¿",
        "\xa0",
        "\u3000",
        "\t",
        "  ",
        "\n\n\n",
        " \n ",
        "\n    a",
        "b\t\tc",
    ),
    *("@", "＠", "@a", "@a@b.c", "jo@example.org", "@@", "@a.b-c", "é@a.b", "@_", "@a\u200db", "https://x.org/@a"),
    *("\ud83d", "\ude00", "İ", "ß", "ﬁ", "Σ", "ς", "１", "①", "x", " ", "\n", "۳", "ไทย", "한국", "ሰላም", "あ"),
]

hostile_text = st.lists(
    st.one_of(
        st.sampled_from(_TROUBLE),
        st.text(max_size=6),
        st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn"]), max_size=3),
    ),
    max_size=14,
).map("".join)
