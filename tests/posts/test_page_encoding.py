"""Pages are read in the encoding in which browsers read them, with the characters that browsers show."""

import codecs

import pytest

from posts.page_encoding import decode_page

JAPANESE, CHINESE, TAIWANESE, KOREAN = "日本語の解説", "朱镕基", "臺灣的網頁", "펲시콜라 똠방각하"


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("gb2312", "gbk", CHINESE),
        ("gbk", "gbk", CHINESE),
        ("x-gbk", "gbk", CHINESE),
        ("gb18030", "gb18030", f"{CHINESE}😀"),
        ("shift_jis", "cp932", f"①{JAPANESE}～"),
        ("x-sjis", "cp932", f"①{JAPANESE}"),
        ("windows-31j", "cp932", f"①{JAPANESE}"),
        ("euc-jp", "euc_jp", JAPANESE),
        ("iso-2022-jp", "iso2022_jp", JAPANESE),
        ("ks_c_5601-1987", "cp949", KOREAN),
        ("euc-kr", "cp949", KOREAN),
        ("big5", "cp950", f"{TAIWANESE}€‧﹑"),
        ("x-x-big5", "cp950", TAIWANESE),
        ("big5-hkscs", "big5hkscs", "㗎喺嘅咗"),
        ("big5", "big5hkscs", "㗎喺嘅咗"),
        ("iso-8859-1", "cp1252", "Don’t pay 5 €"),
        ("latin1", "cp1252", "Don’t"),
        ("us-ascii", "cp1252", "Don’t"),
        ("iso-8859-9", "cp1254", "“Iğdır”"),
        ("iso-8859-2", "iso8859_2", "Łódź"),
        ("tis-620", "cp874", "“ไทย”"),
        ("iso-8859-11", "cp874", "“ไทย”"),
        ("x-mac-cyrillic", "mac_cyrillic", "Привет, Ґ €"),
        ("x-mac-roman", "mac_roman", "“Zürich” €"),
        ("cp1251", "cp1251", "Привет"),
        ("koi8-r", "koi8_r", "Привет"),
        ("koi", "koi8_r", "Привет"),
        ("cp866", "cp866", "Привет"),
        ("iso-8859-8-i", "iso8859_8", "שלום"),
        ("logical", "iso8859_8", "שלום"),
        ("utf8", "utf-8", "Zürich"),
        ("unicode-1-1-utf-8", "utf-8", "Zürich"),
        ("utf-16", "utf-16-le", "Zürich"),
        ("utf-16be", "utf-16-be", "Zürich"),
    ],
)
def test_labels_of_the_web(label, codec, text):
    content = text.encode(codec)
    assert decode_page(content, label) == text
    assert decode_page(content, f" {label.upper()} ") == text
    if not label.startswith("utf-16"):
        declared = f"<meta charset={label}>"
        assert decode_page(declared.encode() + content, None) == declared + text


@pytest.mark.parametrize(
    ("content", "label", "text"),
    [
        # What Python's codecs do not read, or read otherwise.
        (b"\xad\xa1 \xa1\xc1 \xb0\xa1", "euc-jp", "① ～ 亜"),
        (b"\xae\xbe", "koi8-u", "ўЎ"),
        (b"\x80 1", "gbk", "€ 1"),
        (b"\x81\x8d\x92", "windows-1252", "\x81\x8d’"),
        (b"\x98\xdb", "windows-874", "\x98\ufffd"),
        (b"a\xf0\x80", "x-user-defined", "a\uf7f0\uf780"),
        # What is no character costs no more than itself.
        (b"a\xffb", "utf-8", "a\ufffdb"),
        (b"a\xffb", "gbk", "a\ufffdb"),
        (b"a\xff<b", "big5", "a\ufffd<b"),
        (b"a\x81<b", "euc-kr", "a\ufffd<b"),
        # Encodings of which browsers show nothing.
        (b"<title>~{<:Ky~}</title>", "hz-gb-2312", "\ufffd"),
        (b"<title>a</title>", "iso-2022-kr", "\ufffd"),
        # No label of the web.
        ("é".encode(), "no-such-charset", "é"),
        ("é".encode(), "utf-7", "é"),
        (b"YQ==", "base64", "YQ=="),
        (b"a", "rot13", "a"),
        (b"a", "é", "a"),
    ],
)
def test_characters_of_the_web(content, label, text):
    assert decode_page(content, label) == text


ZURICH = "Zürich"


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        (codecs.BOM_UTF8 + ZURICH.encode(), "iso-8859-1", ZURICH),
        (codecs.BOM_UTF8 + ZURICH.encode(), None, ZURICH),
        (codecs.BOM_UTF16_LE + ZURICH.encode("utf-16-le"), "utf-8", ZURICH),
        (codecs.BOM_UTF16_BE + ZURICH.encode("utf-16-be"), None, ZURICH),
        (
            b"<meta charset=utf-8>" + ZURICH.encode("cp1252"),
            "iso-8859-1",
            "<meta charset=utf-8>Zürich",
        ),
        (b"<meta charset=utf-16>" + ZURICH.encode(), None, "<meta charset=utf-16>Zürich"),
        (b"<meta charset=x-user-defined>\x92", None, "<meta charset=x-user-defined>’"),
        (ZURICH.encode(), None, ZURICH),
        (ZURICH.encode()[:2], None, "Z"),
        (ZURICH.encode("cp1252"), None, ZURICH),
        (
            b'<?xml version="1.0" encoding="windows-1251"?>\xff',
            None,
            '<?xml version="1.0" encoding="windows-1251"?>я',
        ),
        ("<?xml version='1.0'?>é".encode("utf-16-le"), None, "<?xml version='1.0'?>é"),
    ],
)
def test_what_says_the_encoding_in_its_order(content, charset, text):
    assert decode_page(content, charset) == text


@pytest.mark.parametrize(
    "declaration",
    [
        "<meta charset='windows-1251'>",
        "<META CharSet = WINDOWS-1251 />",
        "<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>",
        "<meta content='text/html;charset=\"windows-1251\"' http-equiv='content-type'>",
        "<!-- <meta charset=utf-8> --><meta charset=windows-1251>",
        "<script>'<meta charset=utf-8>'</script><meta charset=windows-1251>",
        "<meta charset=no-such><meta charset=windows-1251>",
        "<meta content='text/html; charset=utf-8'><meta charset=windows-1251>",
        "<meta charset=windows-1251><meta charset=utf-8>",
        "<link title='a > b'>" + " " * 3000 + "<meta charset=windows-1251>",
    ],
)
def test_where_a_page_says_it(declaration):
    assert decode_page(declaration.encode() + "я".encode("cp1251"), None).endswith("я")


@pytest.mark.parametrize(
    ("codec", "label"),
    [
        ("utf-8", "utf-8"),
        ("cp932", "shift_jis"),
        ("gbk", "gbk"),
        ("cp949", "euc-kr"),
        ("cp950", "big5"),
        ("euc_jp", "euc-jp"),
    ],
)
def test_a_character_cut_off_at_the_end_is_left_out(codec, label):
    text = "漢字"
    assert decode_page(text.encode(codec)[:-1], label) == "漢"
