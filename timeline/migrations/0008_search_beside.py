from django.db import migrations

# What readers find beside a post's words, marked as being of less weight than they are.
BESIDE = """
CREATE FUNCTION timeline_beside(post bigint) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE
SET search_path FROM CURRENT AS $$
    SELECT setweight(timeline_terms(concat_ws(
        ' ',
        (SELECT string_agg(alt, ' ' ORDER BY position) FROM posts_media WHERE post_id = post),
        (SELECT array_to_string(options, ' ') FROM posts_poll WHERE post_id = post)
    )), 'C')
$$
"""

ENTER = """
CREATE FUNCTION timeline_enter_posts_anew(posts bigint[]) RETURNS void LANGUAGE sql SET search_path FROM CURRENT AS $$
    INSERT INTO timeline_searchentry (post_id, terms)
    SELECT id, timeline_terms(concat_ws(' ', nullif(warning, ''), text)) || timeline_marks(
        text,
        'by=' || author_id, 'a=' || (id >> 39), 'b=' || (id >> 43), 'c=' || (id >> 47),
        'lang=' || coalesce(nullif(lower(split_part(language, '-', 1)), ''), 'und'),
        CASE WHEN reply_to_id IS NOT NULL THEN 'is=reply' END,
        CASE WHEN has_media THEN 'has=media' END,
        CASE WHEN has_poll THEN 'has=poll' END,
        CASE WHEN has_link THEN 'has=link' END
    ) || CASE WHEN has_media OR has_poll THEN timeline_beside(id) ELSE '' END
    FROM posts_post WHERE id = ANY(posts) AND repost_of_id IS NULL
    ON CONFLICT (post_id) DO UPDATE SET terms = excluded.terms
$$
"""

# A new post has nothing beside it: its pictures and its poll come after it, and enter it anew.
EDITED = """
CREATE OR REPLACE FUNCTION timeline_enter_post_again() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM timeline_enter_posts_anew(ARRAY[NEW.id]);
    RETURN NULL;
END $$
"""
EDITED_AS_BEFORE = """
CREATE OR REPLACE FUNCTION timeline_enter_post_again() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO timeline_searchentry (post_id, terms)
    SELECT id, timeline_terms(concat_ws(' ', nullif(warning, ''), text)) || timeline_marks(
        text,
        'by=' || author_id, 'a=' || (id >> 39), 'b=' || (id >> 43), 'c=' || (id >> 47),
        'lang=' || coalesce(nullif(lower(split_part(language, '-', 1)), ''), 'und'),
        CASE WHEN reply_to_id IS NOT NULL THEN 'is=reply' END,
        CASE WHEN has_media THEN 'has=media' END,
        CASE WHEN has_poll THEN 'has=poll' END,
        CASE WHEN has_link THEN 'has=link' END
    )
    FROM (SELECT NEW.*) AS edited WHERE repost_of_id IS NULL
    ON CONFLICT (post_id) DO UPDATE SET terms = excluded.terms;
    RETURN NULL;
END $$
"""

TRIGGERS = """
CREATE FUNCTION timeline_enter_beside() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM timeline_enter_posts_anew(ARRAY[
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.post_id END,
        CASE WHEN TG_OP <> 'DELETE' THEN NEW.post_id END
    ]);
    RETURN NULL;
END $$;
CREATE TRIGGER timeline_enter_picture AFTER INSERT ON posts_media
    FOR EACH ROW WHEN (NEW.post_id IS NOT NULL AND NEW.alt <> '') EXECUTE FUNCTION timeline_enter_beside();
CREATE TRIGGER timeline_enter_picture_again AFTER UPDATE OF post_id, position, alt ON posts_media
    FOR EACH ROW WHEN (
        (OLD.alt <> '' OR NEW.alt <> '')
        AND (OLD.post_id, OLD.position, OLD.alt) IS DISTINCT FROM (NEW.post_id, NEW.position, NEW.alt)
    )
    EXECUTE FUNCTION timeline_enter_beside();
CREATE TRIGGER timeline_strike_picture AFTER DELETE ON posts_media
    FOR EACH ROW WHEN (OLD.post_id IS NOT NULL AND OLD.alt <> '') EXECUTE FUNCTION timeline_enter_beside();
CREATE TRIGGER timeline_enter_poll AFTER INSERT OR DELETE ON posts_poll
    FOR EACH ROW EXECUTE FUNCTION timeline_enter_beside();
CREATE TRIGGER timeline_enter_poll_again AFTER UPDATE OF options ON posts_poll
    FOR EACH ROW WHEN (OLD.options IS DISTINCT FROM NEW.options) EXECUTE FUNCTION timeline_enter_beside();
"""
NO_TRIGGERS = """
DROP TRIGGER timeline_enter_picture ON posts_media;
DROP TRIGGER timeline_enter_picture_again ON posts_media;
DROP TRIGGER timeline_strike_picture ON posts_media;
DROP TRIGGER timeline_enter_poll ON posts_poll;
DROP TRIGGER timeline_enter_poll_again ON posts_poll;
DROP FUNCTION timeline_enter_beside();
"""
# Those that are there already.
ENTER_ALL = """
SELECT timeline_enter_posts_anew(array_agg(id)) FROM posts_post WHERE has_media OR has_poll
"""


class Migration(migrations.Migration):
    dependencies = [
        ("timeline", "0007_pushed_posts"),
        ("posts", "0008_versions_of_pictures_and_polls"),
    ]

    operations = [
        migrations.RunSQL(BESIDE, "DROP FUNCTION timeline_beside(bigint)"),
        migrations.RunSQL(ENTER, "DROP FUNCTION timeline_enter_posts_anew(bigint[])"),
        migrations.RunSQL(EDITED, EDITED_AS_BEFORE),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        migrations.RunSQL(ENTER_ALL, migrations.RunSQL.noop),
    ]
