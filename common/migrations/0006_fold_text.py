from django.db import migrations

# As `common.text_folding.fold_text`, which says why.
UNSEEN = (
    r"\u00ad\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670"
    r"\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069"
    r"\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef"
)
FOLD = f"""
CREATE FUNCTION common_fold_text(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN octet_length(words) = length(words) THEN lower(words COLLATE pg_unicode_fast)
    ELSE normalize(replace(regexp_replace(
        translate(
            casefold(normalize(replace(words, U&'\\00b4', ''''), NFKD) COLLATE pg_unicode_fast),
            U&'\\2018\\2019\\201b\\02bb\\02bc\\055a\\05f3\\05f4\\0131', '''''''''''''''"i'
        ),
        '[{UNSEEN}]+', '', 'g'
    ), U&'i\\0307', 'i'), NFC)
END
"""


class Migration(migrations.Migration):
    dependencies = [("common", "0005_draft_news")]

    operations = [migrations.RunSQL(FOLD, "DROP FUNCTION common_fold_text(text)")]
