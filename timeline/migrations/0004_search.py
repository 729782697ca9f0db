import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

# Written without blanks between words, or, as emoji, without words: Thai, Lao, Myanmar, Khmer, symbols, Han, kana.
UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2600-\u27bf\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U0001f000-\U0001faff\U00020000-\U0003ffff"
)
# Accents, vowel points, tatweel, and what is not seen; not the vowel signs of India or Thailand, which are letters.
UNSEEN = (
    r"\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u200b-\u200f\u2060-\u2064"
    r"\ufe00-\ufe0f\ufeff"
)
BETWEEN = r"[:space:][:punct:][:cntrl:]$+<=>^`|~"

FOLD = f"""
CREATE FUNCTION timeline_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN octet_length(words) = length(words) THEN lower(words COLLATE pg_unicode_fast)
    ELSE normalize(regexp_replace(translate(
        replace(replace(replace(casefold(normalize(words, NFKD) COLLATE pg_unicode_fast), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        'øłđðħıŧ', 'olddhit'), '[{UNSEEN}]+', '', 'g'), NFC)
END
"""

TERMS = f"""
CREATE FUNCTION timeline_terms(words text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path FROM CURRENT AS $$
DECLARE
    folded text := timeline_fold(words);
    part text;
    place integer := 0;
    found text := '';
BEGIN
    IF octet_length(folded) = length(folded) OR folded !~ '[{UNSPACED}]' THEN
        RETURN coalesce((
            SELECT string_agg(left(word, 100) || ':' || least(number, 16383), ' ')
            FROM regexp_split_to_table(folded, '[{BETWEEN}]+' COLLATE pg_unicode_fast) WITH ORDINALITY AS words (word, number)
            WHERE word <> ''
        ), '')::tsvector;
    END IF;
    FOREACH part IN ARRAY regexp_split_to_array(
        regexp_replace(regexp_replace(folded, '[{BETWEEN}]+' COLLATE pg_unicode_fast, ' ', 'g'), '([{UNSPACED}]+)', E' \\x01\\\\1 ', 'g'),
        ' +'
    ) LOOP
        IF starts_with(part, E'\\x01') THEN
            FOR start IN 2 .. length(part) LOOP
                place := place + 1;
                found := found || ' ' || substr(part, start, 2) || ':' || least(place, 16383);
            END LOOP;
        ELSIF part <> '' THEN
            place := place + 1;
            found := found || ' ' || left(part, 100) || ':' || least(place, 16383);
        END IF;
    END LOOP;
    RETURN found::tsvector;
END $$
"""

# In the order of the text, each at its distance from the one before: a phrase. The last sign of a run of pairs is in
# the pair before it; a sign alone begins each pair that it is the first of, and is the last of its run.
QUERY = f"""
CREATE FUNCTION timeline_query(words text, is_beginning boolean) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
    WITH placed AS (
        SELECT lexeme, place, lag(lexeme) OVER (ORDER BY place) AS before
        FROM unnest(timeline_terms(words)), unnest(positions) AS place
    ), wanted AS (
        SELECT lexeme, place, lexeme ~ '^[{UNSPACED}]' AS unspaced FROM placed
        WHERE before IS NULL OR length(lexeme) > 1 OR lexeme !~ '[{UNSPACED}]'
            OR length(before) <> 2 OR right(before, 1) <> lexeme OR before !~ '[{UNSPACED}]'
    )
    SELECT string_agg(
        coalesce('<' || nullif(place - earlier, 0) || '>', '') || '''' || lexeme || ''''
            || CASE WHEN unspaced AND length(lexeme) = 1 OR is_beginning AND later IS NULL AND NOT unspaced THEN ':*' ELSE '' END,
        ' ' ORDER BY place
    )::tsquery
    FROM (
        SELECT *, lag(place) OVER (ORDER BY place) AS earlier, lead(place) OVER (ORDER BY place) AS later FROM wanted
    ) AS beside
$$
"""

# A tag is letters, digits and marks only, so that nothing in it has to be escaped.
TAG_QUERY = """
CREATE FUNCTION timeline_tag_query(tag text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path FROM CURRENT
AS $$ SELECT ('''' || left(timeline_fold(tag), 101) || '''')::tsquery $$
"""

# Tags and names are found as `posts.text` finds them, near enough: what counts is that text and query agree.
MARKS = f"""
CREATE FUNCTION timeline_marks(text, VARIADIC marks text[]) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
BEGIN
    IF $1 ~ '[#＃]' THEN
        marks := marks || ARRAY(
            SELECT '#' || left(hit[1], 100)
            FROM regexp_matches(timeline_fold($1), '(?:^|[^[:alnum:]_&/])#((?:[^{BETWEEN}]|_)+)' COLLATE pg_unicode_fast, 'g') AS hit
        );
    END IF;
    IF $1 ~ '@' THEN
        marks := marks || ARRAY(
            SELECT '@' || lower(hit[1])
            FROM regexp_matches($1, '(?:^|[^[:alnum:]_@/.])@([A-Za-z0-9_]{{1,30}})' COLLATE pg_unicode_fast, 'g') AS hit
        );
    END IF;
    RETURN array_to_tsvector(array_remove(marks, NULL));
END $$
"""

ENTRIES = """
SELECT id, timeline_terms(concat_ws(' ', nullif(warning, ''), text)) || timeline_marks(
    text,
    'by=' || author_id, 'a=' || (id >> 39), 'b=' || (id >> 43), 'c=' || (id >> 47),
    'lang=' || coalesce(nullif(lower(split_part(language, '-', 1)), ''), 'und'),
    CASE WHEN reply_to_id IS NOT NULL THEN 'is=reply' END,
    CASE WHEN has_media THEN 'has=media' END,
    CASE WHEN has_poll THEN 'has=poll' END,
    CASE WHEN has_link THEN 'has=link' END
)
FROM {posts} WHERE repost_of_id IS NULL
"""

TRIGGERS = f"""
CREATE FUNCTION timeline_enter_posts() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO timeline_searchentry (post_id, terms) {ENTRIES.format(posts="fresh")};
    RETURN NULL;
END $$;
CREATE TRIGGER timeline_enter AFTER INSERT ON posts_post REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION timeline_enter_posts();

CREATE FUNCTION timeline_enter_post_again() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO timeline_searchentry (post_id, terms)
        {ENTRIES.format(posts="(SELECT NEW.*) AS edited")}
        ON CONFLICT (post_id) DO UPDATE SET terms = excluded.terms;
    RETURN NULL;
END $$;
CREATE TRIGGER timeline_enter_again
    AFTER UPDATE OF author_id, text, warning, language, reply_to_id, has_media, has_poll, has_link ON posts_post
    FOR EACH ROW WHEN (
        (OLD.author_id, OLD.text, OLD.warning, OLD.language, OLD.reply_to_id, OLD.has_media, OLD.has_poll, OLD.has_link)
        IS DISTINCT FROM
        (NEW.author_id, NEW.text, NEW.warning, NEW.language, NEW.reply_to_id, NEW.has_media, NEW.has_poll, NEW.has_link)
    )
    EXECUTE FUNCTION timeline_enter_post_again();

CREATE FUNCTION timeline_strike_post() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM timeline_searchentry WHERE post_id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER timeline_strike AFTER DELETE ON posts_post
    FOR EACH ROW EXECUTE FUNCTION timeline_strike_post();
"""
NO_TRIGGERS = """
DROP TRIGGER timeline_enter ON posts_post;
DROP TRIGGER timeline_enter_again ON posts_post;
DROP TRIGGER timeline_strike ON posts_post;
DROP FUNCTION timeline_enter_posts();
DROP FUNCTION timeline_enter_post_again();
DROP FUNCTION timeline_strike_post();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("timeline", "0003_sitemap"),
        ("posts", "0003_conversation_reposts_and_references"),
        ("accounts", "0003_relations"),
    ]
    operations = [
        migrations.RunSQL(FOLD, "DROP FUNCTION timeline_fold(text)"),
        migrations.RunSQL(TERMS, "DROP FUNCTION timeline_terms(text)"),
        migrations.RunSQL(QUERY, "DROP FUNCTION timeline_query(text, boolean)"),
        migrations.RunSQL(TAG_QUERY, "DROP FUNCTION timeline_tag_query(text)"),
        migrations.RunSQL(MARKS, "DROP FUNCTION timeline_marks(text, text[])"),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("post_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("terms", django.contrib.postgres.search.SearchVectorField()),
            ],
        ),
        # Those that are there already, before the index, which is made faster than it is filled.
        migrations.RunSQL(
            f"INSERT INTO timeline_searchentry (post_id, terms) {ENTRIES.format(posts='posts_post')}",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["terms"], gin_pending_list_limit=256, name="search_terms"
            ),
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        migrations.RunSQL(
            "CREATE INDEX timeline_people ON accounts_user USING gin"
            " (timeline_terms(username || ' ' || display_name || ' ' || bio)) WITH (gin_pending_list_limit = 256)",
            "DROP INDEX timeline_people",
        ),
    ]
