import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.records import Redaction
from dataset_export.pipeline.steps.mentions import _ASCII_MENTION, _MENTION, Mentions

from .factories import PSEUDONYMS, make_record
from .strategies import hostile_text

mentions = Mentions(PSEUDONYMS)


def written_with(text: str, handles: list[str]) -> str:
    """Return the text with {} for each handle's pseudonym filled in."""
    return text.format(*("@" + PSEUDONYMS.handle(handle) for handle in handles))


@pytest.mark.parametrize(
    ("text", "expected", "handles"),
    [
        ("Morning @ana!", "Morning {}!", ["ana"]),
        ("@ana: @bo, @ana", "{}: {}, {}", ["ana", "bo", "ana"]),
        ("@Ana and @ANA", "{} and {}", ["ana", "ana"]),
        ('.@ana (@bo) "@cy" -@di', '.{} ({}) "{}" -{}', ["ana", "bo", "cy", "di"]),
        ("@ana@social.example is @ana", "{} is {}", ["ana@social.example", "ana"]),
        ("thanks @ana@social.example.", "thanks {}.", ["ana@social.example"]),
        ("@ana@bo@cy", "{}", ["ana@bo@cy"]),
        ("@ana.example.org and @jo-ann", "{} and {}", ["ana.example.org", "jo-ann"]),
        ("@ana's @ana_b_", "{}'s {}", ["ana", "ana_b_"]),
        ("@@ana", "@{}", ["ana"]),
        ("＠ana", "{}", ["ana"]),
        ("﹫ana", "{}", ["ana"]),
        ("おはよう@anaさん", "おはよう{}さん", ["ana"]),
        ("@ana님", "{}님", ["ana"]),
        ("@山田花子 おはよう", "{} おはよう", ["山田花子"]),
        ("@김하나, @ข้าว_1!", "{}, {}!", ["김하나", "ข้าว_1"]),
        ("https://example.org/@ana/12", "https://example.org/{}/12", ["ana"]),
        ("jo@example.org", "jo@example.org", []),
        ("mailto:jo.smith+x@mail.example.org", "mailto:jo.smith+x@mail.example.org", []),
        ("josé@example.org", "josé@example.org", []),
        ("5 @ 3, @, @-, @ ana", "5 @ 3, @, @-, @ ana", []),
        ("@ana@山田花子@bo さん", "{}{}{} さん", ["ana", "山田花子", "bo"]),
        ("RT@ana: yes", "RT{}: yes", ["ana"]),
        ("yes rt@ana", "yes rt{}", ["ana"]),
        ("art@ana, mort.rt@ana", "art{}, mort.rt{}", ["ana", "ana"]),
        ("via@SomeName", "via{}", ["SomeName"]),
        ("scuola@somename", "scuola{}", ["somename"]),
        ("#star_news@Some_Name_ now", "#star_news{} now", ["Some_Name_"]),
        ("news_@somename, 10@somename", "news_{}, 10{}", ["somename", "somename"]),
        ("привет@somename, café@somename", "привет{}, café{}", ["somename", "somename"]),
        ("via@山田花子 です", "via{} です", ["山田花子"]),
        ("lol@you, dinner@home, icon@2x, meet@8pm", "lol@you, dinner@home, icon@2x, meet@8pm", []),
        ("foo_@example.org", "foo_@example.org", []),
        ("@名字http://t.cn/x", "{}http://t.cn/x", ["名字"]),
        ("@somehttp://t.cn/x", "{}http://t.cn/x", ["some"]),
        ("@some_HTTPS://t.cn/x", "{}HTTPS://t.cn/x", ["some_"]),
        (
            "看@名字https://t.cn/x @ข้าวhttp://t.cn",
            "看{}https://t.cn/x {}http://t.cn",
            ["名字", "ข้าว"],
        ),
        ("@http://t.cn/x", "@http://t.cn/x", []),
        ("@httpfan and @https", "{} and {}", ["httpfan", "https"]),
        ("@" + "名" * 28 + "https://t.cn/x", "{}https://t.cn/x", ["名" * 28]),
    ],
)
def test_mentions(text, expected, handles):
    assert mentions(make_record(text)).text == written_with(expected, handles)


def test_redactions_are_offsets_in_the_result():
    record = mentions(make_record("👋 @ana, @bo!"))
    assert record.redactions == (Redaction("mention", 2, 15), Redaction("mention", 17, 30))
    assert [record.text[r.start : r.end] for r in record.redactions] == [
        "@" + PSEUDONYMS.handle(name) for name in ("ana", "bo")
    ]


def test_earlier_redactions_move_with_the_text():
    record = mentions(
        make_record(
            "@ana <email> @bo <phone>",
            redactions=(Redaction("email", 5, 12), Redaction("phone", 17, 24)),
        )
    )
    found = [(r.kind, record.text[r.start : r.end]) for r in record.redactions]
    assert [kind for kind, _ in found] == ["mention", "email", "mention", "phone"]
    assert found[1][1] == "<email>"
    assert found[3][1] == "<phone>"


def test_another_snapshot_another_name():
    elsewhere = Mentions(Pseudonyms(b"the secret of another snapshot"))
    assert elsewhere(make_record("@ana")).text != mentions(make_record("@ana")).text


def test_without_mention_it_is_the_same_record():
    record = make_record("mail jo@example.org")
    assert mentions(record) is record


@given(hostile_text)
def test_redactions_hold_for_any_text(text):
    record = mentions(make_record(text))
    end = 0
    for redaction in record.redactions:
        assert redaction.start >= end
        end = redaction.end
        assert len(record.text[redaction.start : end]) == 13
        assert record.text[redaction.start] == "@"
    assert len(record.redactions) <= sum(map(text.count, "@＠﹫"))


def test_long_hostile_text_takes_no_longer_than_its_length():
    for text in (
        "@" * 50_000,
        "@a" * 25_000,
        "a." * 25_000 + "@",
        "@" + "a-" * 25_000,
        "@a." * 17_000,
    ):
        mentions(make_record(text))


@given(st.text("aRrTt@.-_+ 9", max_size=16))
def test_the_faster_pattern_finds_the_same(text):
    slow, fast = (
        [match.span(1) for match in pattern.finditer(text)]
        for pattern in (_MENTION, _ASCII_MENTION)
    )
    assert fast == slow
