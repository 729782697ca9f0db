import re
from typing import Any

from django.db import migrations, models

from common.text_folding import fold_text

# Marks by U+0003 the apostrophes that hold a word together; all others leave two words. Within a word apostrophes do
# ("п'ять", "aujourd'hui", "j'ai"), but for those after a word that lost its vowel before a longer one ("l'élection",
# "j'adore", "dell'AI"): what is short there is most often a form of to have or to be, an article or a pronoun.
APOSTROPHE = r"[''\u00b4\u2018\u2019\u201b\u02bc\uff07]"
PRONOUNS = "j|n|m|t|s|c|ç|v|qu|lorsqu|puisqu|quoiqu|dov|com|cos|anch"
ARTICLES = "l|d|dell|nell|all|dall|sull|coll|quell|quest|un|gl|bell|sant"
IN_ANY_CASE = "|".join(f"{word}|{word.title()}|{word.upper()}" for word in ARTICLES.split("|"))
WORDS = f"""
CREATE FUNCTION posts_filter_words(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN common_fold_text(CASE WHEN words !~ '[[:alnum:]]{APOSTROPHE}[[:alnum:]]' COLLATE pg_unicode_fast THEN words ELSE
    regexp_replace(regexp_replace(regexp_replace(
        regexp_replace(normalize(words, NFC), '(?<=[[:alnum:]]){APOSTROPHE}(?=[[:alnum:]])' COLLATE pg_unicode_fast, U&'\\0003', 'g'),
        '\\m({PRONOUNS})\\x03(?=[[:alpha:]]{{4}})' COLLATE pg_unicode_fast, '\\1''', 'gi'),
        '\\m({ARTICLES})\\x03(?=[[:alpha:]]{{3}})(?!(?:une|est|ont|uno|una)\\M)' COLLATE pg_unicode_fast, '\\1''', 'gi'),
        '\\m({IN_ANY_CASE})\\x03(?=[[:upper:]]{{2}})' COLLATE pg_unicode_fast, '\\1''', 'g')
END)
"""

# As before, but of folded words.
SAYS = r"""
CREATE OR REPLACE FUNCTION posts_says(shown bigint, pattern text) RETURNS boolean
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
DECLARE
    words text;
BEGIN
    SELECT string_agg(concat_ws(
        E'\x02', said.warning, said.text,
        CASE WHEN said.has_poll THEN
            (SELECT array_to_string(options, E'\x02') FROM posts_poll WHERE post_id = said.id)
        END,
        CASE WHEN said.has_media THEN
            (SELECT string_agg(alt, E'\x02') FROM posts_media WHERE post_id = said.id)
        END
    ), E'\x02') INTO words
    FROM posts_post brought
    JOIN posts_post original ON original.id = coalesce(brought.repost_of_id, brought.id)
    JOIN posts_post said ON said.id IN (
        original.id, CASE original.quote_state WHEN 'shown' THEN original.quote_of_id END
    )
    WHERE brought.id = shown AND (said.id = original.id OR said.visibility IN ('public', 'unlisted'));
    RETURN %s;
END $$
"""
FOLDED = SAYS % "posts_filter_words(words) ~ pattern COLLATE pg_unicode_fast"
AS_BEFORE = SAYS % "words ~* pattern"


# A paragraph has the direction of its own words, and what leads elsewhere has no part in that; as `posts.text.render`.
DIRECTIONS = r"""
UPDATE {table} SET html = regexp_replace(
    replace(html, '<p>', '<p dir="auto">'), '(<a [^>]*>[^<]*</a>)', '<bdi>\1</bdi>', 'g'
)
"""
NO_DIRECTIONS = r"""
UPDATE {table} SET html = regexp_replace(replace(html, '<p dir="auto">', '<p>'), '</?bdi>', '', 'g')
"""


def fold_patterns(apps: Any, schema_editor: Any) -> None:
    """Make the patterns of the filters that there are anew; one of which nothing is left would match everything."""
    filters = apps.get_model("posts", "KeywordFilter").objects
    for kept in filters.iterator():
        words = [
            re.sub(r"[!-/:-@[-^`{-~]", r"\\\g<0>", word) for word in fold_text(kept.phrase).split()
        ]
        pattern = r"\s+".join(words).replace(r"\'", r"['\u0003]")
        filters.filter(pk=kept.pk).update(pattern=pattern or r"\A\Z.")


class Migration(migrations.Migration):
    dependencies = [("posts", "0009_filters"), ("common", "0006_fold_text")]

    operations = [
        migrations.RunSQL(WORDS, "DROP FUNCTION posts_filter_words(text)"),
        migrations.RunSQL(FOLDED, AS_BEFORE),
        migrations.AlterField("keywordfilter", "pattern", models.TextField(editable=False)),
        migrations.RunPython(fold_patterns, migrations.RunPython.noop),
        migrations.RunSQL(
            DIRECTIONS.format(table="posts_post"), NO_DIRECTIONS.format(table="posts_post")
        ),
        migrations.RunSQL(
            DIRECTIONS.format(table="posts_postversion"),
            NO_DIRECTIONS.format(table="posts_postversion"),
        ),
    ]
