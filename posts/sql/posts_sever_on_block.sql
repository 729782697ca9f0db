-- Severs two users when one blocks the other: likes and reposts between them are deleted, quotes
-- detached, replies hidden, in both directions.
CREATE OR REPLACE FUNCTION posts_sever_on_block()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
BEGIN
    DELETE FROM posts_like AS mine
    USING posts_post AS post, (
        VALUES (NEW.blocker_id, NEW.blocked_id), (NEW.blocked_id, NEW.blocker_id)
    ) AS pair (one, other)
    WHERE mine.user_id = pair.one AND post.id = mine.post_id AND post.author_id = pair.other;

    DELETE FROM posts_post AS mine
    USING posts_post AS post, (
        VALUES (NEW.blocker_id, NEW.blocked_id), (NEW.blocked_id, NEW.blocker_id)
    ) AS pair (one, other)
    WHERE mine.author_id = pair.one AND post.id = mine.repost_of_id
        AND post.author_id = pair.other;

    UPDATE posts_post AS mine SET quote_state = 'detached'
    FROM posts_post AS post, (
        VALUES (NEW.blocker_id, NEW.blocked_id), (NEW.blocked_id, NEW.blocker_id)
    ) AS pair (one, other)
    WHERE mine.author_id = pair.one AND mine.quote_state = 'shown'
        AND post.id = mine.quote_of_id AND post.author_id = pair.other;

    UPDATE posts_post AS mine SET is_hidden_reply = true
    FROM posts_post AS post, (
        VALUES (NEW.blocker_id, NEW.blocked_id), (NEW.blocked_id, NEW.blocker_id)
    ) AS pair (one, other)
    WHERE mine.author_id = pair.one AND NOT mine.is_hidden_reply
        AND post.id = mine.reply_to_id AND post.author_id = pair.other;

    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER sever_on_block
    AFTER INSERT ON accounts_block
    FOR EACH ROW EXECUTE FUNCTION posts_sever_on_block();
