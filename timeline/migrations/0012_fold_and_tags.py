import re
from importlib import import_module

from django.db import migrations

before = import_module("timeline.migrations.0004_search")
beside = import_module("timeline.migrations.0008_search_beside")

# With scripts near Thai, Myanmar and Khmer, Balinese, Javanese and Bopomofo.
UNSPACED = rf"{before.UNSPACED}\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f\u3100-\u312f\ua980-\ua9df\ua9e0-\ua9ff\uaa60-\uaadf"

# As `common.text_folding.fold_accents`, on top of what filters fold, too.
FOLD = r"""
CREATE OR REPLACE FUNCTION timeline_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN octet_length(words) = length(words) THEN lower(words COLLATE pg_unicode_fast)
    ELSE normalize(replace(replace(replace(translate(
        regexp_replace(normalize(common_fold_text(words), NFD), '[\u0300-\u036f\u0483-\u0487]+', '', 'g'),
        'øłđðħŧ', 'olddht'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), NFC)
END
"""

# Some signs of tags are apostrophes and quotation marks when they are folded.
TAG_QUERY = """
CREATE OR REPLACE FUNCTION timeline_tag_query(tag text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path FROM CURRENT
AS $$ SELECT ('''' || replace(left(timeline_fold(tag), 101), '''', '''''') || '''')::tsquery $$
"""

# Tags and mentions are read from the HTML, where `posts.text.render` has found them: so there is one rule of what they
# are. Whatever somebody writes is escaped in it.
MARKS = r"""
CREATE OR REPLACE FUNCTION timeline_marks(text, VARIADIC marks text[]) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
BEGIN
    IF $1 ~ '[#＃@＠]' THEN
        marks := marks || ARRAY(
            SELECT CASE
                WHEN hit[1] IN ('#', '＃') THEN '#' || left(timeline_fold(hit[2]), 100) ELSE '@' || lower(hit[2])
            END
            FROM regexp_matches($1, '<bdi>(?:<a [^>]*>)?([#＃@＠])([^<]+)(?:</a>)?</bdi>', 'g') AS hit
        );
    END IF;
    RETURN array_to_tsvector(array_remove(marks, NULL));
END $$
"""


ENTER = f"""
CREATE OR REPLACE FUNCTION timeline_enter_posts() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO timeline_searchentry (post_id, terms) {before.ENTRIES.format(posts="fresh")};
    RETURN NULL;
END $$;
{beside.ENTER.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")};
"""
ENTER_WITH_HTML = re.sub(r"(timeline_marks\(\s+)text,", r"\1html,", ENTER)

TRIGGER = """
CREATE OR REPLACE TRIGGER timeline_enter_again
    AFTER UPDATE OF author_id, text, html, warning, language, reply_to_id, has_media, has_poll, has_link ON posts_post
    FOR EACH ROW WHEN (
        (OLD.author_id, OLD.text, OLD.html, OLD.warning, OLD.language, OLD.reply_to_id, OLD.has_media, OLD.has_poll,
            OLD.has_link)
        IS DISTINCT FROM
        (NEW.author_id, NEW.text, NEW.html, NEW.warning, NEW.language, NEW.reply_to_id, NEW.has_media, NEW.has_poll,
            NEW.has_link)
    )
    EXECUTE FUNCTION timeline_enter_post_again();
"""

# All that is there already is folded and marked anew, without the indexes, which are made faster than they are filled.
NO_INDEXES = "DROP INDEX search_terms; DROP INDEX timeline_people"
INDEXES = """
TRUNCATE timeline_searchentry;
SELECT timeline_enter_posts_anew(array_agg(id)) FROM posts_post;
CREATE INDEX search_terms ON timeline_searchentry USING gin (terms) WITH (gin_pending_list_limit = 256);
CREATE INDEX timeline_people ON accounts_user USING gin
    (timeline_terms(username || ' ' || display_name || ' ' || bio)) WITH (gin_pending_list_limit = 256);
"""


def replace(definition: str) -> str:
    return definition.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [
        ("timeline", "0011_trend_reviewers"),
        ("posts", "0010_filters_fold"),
        ("common", "0006_fold_text"),
    ]

    operations = [
        migrations.RunSQL(NO_INDEXES, INDEXES),
        migrations.RunSQL(FOLD, replace(before.FOLD)),
        migrations.RunSQL(
            replace(before.TERMS.replace(before.UNSPACED, UNSPACED)), replace(before.TERMS)
        ),
        migrations.RunSQL(
            replace(before.QUERY.replace(before.UNSPACED, UNSPACED)), replace(before.QUERY)
        ),
        migrations.RunSQL(TAG_QUERY, replace(before.TAG_QUERY)),
        migrations.RunSQL(MARKS, replace(before.MARKS)),
        migrations.RunSQL(ENTER_WITH_HTML, ENTER),
        migrations.RunSQL(TRIGGER, migrations.RunSQL.noop),
        migrations.RunSQL(INDEXES, NO_INDEXES),
    ]
