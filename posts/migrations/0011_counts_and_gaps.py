"""Counts of what anyone may open, kept by the database whichever road a row goes; and what a thread is without a post.

A like, reply, repost, quote or vote counts while its author's account is in use; a reply, repost or quote only where it
is for everyone; a reply not where the author of what it answers hid it, a quote not where the post was taken out of it.
"""

from django.db import migrations, models

# What rows of posts count for: the post, the kind of its count, and who would be counted.
COUNTED = """
SELECT counted.target, counted.kind, one.author_id AS author, {step} AS step
FROM {rows} AS one CROSS JOIN LATERAL (VALUES
    (CASE WHEN NOT one.is_hidden_reply THEN one.reply_to_id END, 'reply'),
    (CASE WHEN one.quote_state = 'shown' THEN one.quote_of_id END, 'quote'),
    (one.repost_of_id, 'repost')
) AS counted (target, kind)
WHERE counted.target IS NOT NULL AND one.visibility IN ('public', 'unlisted')
"""
LIKED = "SELECT post_id AS target, 'like' AS kind, user_id AS author, {step} AS step FROM {rows}"

IN_USE = """
CREATE FUNCTION posts_in_use(people bigint[]) RETURNS bigint[] LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    -- Whoever suspends one of them has done so, and it is seen below; or waits, and takes back what is counted now.
    PERFORM FROM accounts_user WHERE id = ANY(people) ORDER BY id FOR KEY SHARE;
    RETURN ARRAY(SELECT id FROM accounts_user WHERE id = ANY(people) AND is_active AND suspended_at IS NULL);
END $$;
"""
CHANGE_COUNTS = """
CREATE FUNCTION posts_change_counts(targets bigint[], kinds text[], authors bigint[], steps integer[], people bigint[])
RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    -- From the older to the newer, as everybody holds them.
    PERFORM FROM posts_post WHERE id = ANY(targets) ORDER BY id FOR NO KEY UPDATE;
    UPDATE posts_post AS post SET
        like_count = greatest(post.like_count + coalesce(net.likes, 0), 0),
        reply_count = greatest(post.reply_count + coalesce(net.replies, 0), 0),
        repost_count = greatest(post.repost_count + coalesce(net.reposts, 0), 0),
        quote_count = greatest(post.quote_count + coalesce(net.quotes, 0), 0)
    FROM (
        SELECT target,
            sum(step) FILTER (WHERE kind = 'like') AS likes,
            sum(step) FILTER (WHERE kind = 'reply') AS replies,
            sum(step) FILTER (WHERE kind = 'repost') AS reposts,
            sum(step) FILTER (WHERE kind = 'quote') AS quotes
        FROM unnest(targets, kinds, authors, steps) AS change (target, kind, author, step)
        WHERE author = ANY(people)
        GROUP BY target
    ) AS net
    WHERE post.id = net.target;
END $$;
"""
# The four are the most answers that a poll has.
CHANGE_VOTES = """
CREATE FUNCTION posts_change_votes(polls bigint[], voters bigint[], masks integer[], step integer, people bigint[])
RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM FROM posts_poll WHERE post_id = ANY(polls) ORDER BY post_id FOR NO KEY UPDATE;
    UPDATE posts_poll AS poll SET
        voter_count = greatest(poll.voter_count + step * net.voters, 0),
        counts = ARRAY(
            SELECT greatest(was.number + step * net.chosen[was.place], 0)::integer
            FROM unnest(poll.counts) WITH ORDINALITY AS was (number, place) ORDER BY was.place
        )
    FROM (
        SELECT vote.poll, count(*) AS voters, ARRAY[
            count(*) FILTER (WHERE vote.mask & 1 <> 0),
            count(*) FILTER (WHERE vote.mask & 2 <> 0),
            count(*) FILTER (WHERE vote.mask & 4 <> 0),
            count(*) FILTER (WHERE vote.mask & 8 <> 0)
        ] AS chosen
        FROM unnest(polls, voters, masks) AS vote (poll, voter, mask)
        WHERE vote.voter = ANY(people)
        GROUP BY vote.poll
    ) AS net
    WHERE poll.post_id = net.poll;
END $$;
"""
COUNTING = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    targets bigint[];
    kinds text[];
    authors bigint[];
    steps integer[];
BEGIN
    SELECT array_agg(target), array_agg(kind), array_agg(author), array_agg(step)
    INTO targets, kinds, authors, steps
    FROM (
        SELECT target, kind, author, sum(step)::integer AS step
        FROM ({rows}) AS every GROUP BY target, kind, author HAVING sum(step) <> 0
    ) AS net;
    IF targets IS NOT NULL THEN
        PERFORM posts_change_counts(targets, kinds, authors, steps, {people});
    END IF;
    RETURN NULL;
END $$;
"""
# What was chosen as a mask, a bit for each answer.
VOTED = """
    SELECT array_agg(poll_id), array_agg(user_id),
        array_agg((SELECT sum(1 << choice)::integer FROM unnest(choices) AS choice))
    INTO polls, voters, masks FROM {rows};
    IF polls IS NOT NULL THEN
        PERFORM posts_change_votes(polls, voters, masks, {step}, {people});
    END IF;
"""
VOTING = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    polls bigint[];
    voters bigint[];
    masks integer[];
BEGIN
    {voted}
    RETURN NULL;
END $$;
"""


def counting(name: str, rows: str, people: str = "posts_in_use(authors)") -> str:
    return COUNTING.format(name=name, rows=rows, people=people)


def voting(name: str, rows: str, step: int | str, people: str = "posts_in_use(voters)") -> str:
    return VOTING.format(name=name, voted=VOTED.format(rows=rows, step=step, people=people))


BOTH = COUNTED.format(rows="gone", step=-1) + "UNION ALL" + COUNTED.format(rows="fresh", step=1)
STEP = "CASE WHEN NEW.is_active AND NEW.suspended_at IS NULL THEN 1 ELSE -1 END"
OF_PERSON = f"""
{COUNTED.format(rows="posts_post", step=STEP)} AND one.author_id = NEW.id
UNION ALL {LIKED.format(rows="posts_like", step=STEP)} WHERE user_id = NEW.id
"""
# Held so that nobody is counted meanwhile whose account was in use a moment ago.
HOLD_PERSON = """
CREATE FUNCTION posts_hold_person() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM FROM accounts_user WHERE id = NEW.id FOR UPDATE;
    RETURN NULL;
END $$;
"""
CHANGES_USE = """AFTER UPDATE OF is_active, suspended_at ON accounts_user FOR EACH ROW WHEN (
    (OLD.is_active AND OLD.suspended_at IS NULL) IS DISTINCT FROM (NEW.is_active AND NEW.suspended_at IS NULL)
)"""
TRIGGERS = f"""
{counting("posts_count_new_posts", COUNTED.format(rows="fresh", step=1))}
CREATE TRIGGER posts_count AFTER INSERT ON posts_post REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION posts_count_new_posts();
{counting("posts_count_changed_posts", BOTH)}
CREATE TRIGGER posts_count_again AFTER UPDATE ON posts_post REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION posts_count_changed_posts();
{counting("posts_count_gone_posts", COUNTED.format(rows="gone", step=-1))}
CREATE TRIGGER posts_count_gone AFTER DELETE ON posts_post REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION posts_count_gone_posts();

{counting("posts_count_new_likes", LIKED.format(rows="fresh", step=1))}
CREATE TRIGGER posts_count AFTER INSERT ON posts_like REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION posts_count_new_likes();
{counting("posts_count_gone_likes", LIKED.format(rows="gone", step=-1))}
CREATE TRIGGER posts_count_gone AFTER DELETE ON posts_like REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION posts_count_gone_likes();

{voting("posts_count_new_votes", "fresh", 1)}
CREATE TRIGGER posts_count AFTER INSERT ON posts_pollvote REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION posts_count_new_votes();
{voting("posts_count_gone_votes", "gone", -1)}
CREATE TRIGGER posts_count_gone AFTER DELETE ON posts_pollvote REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION posts_count_gone_votes();

-- Triggers of one moment run in the order of their names.
{HOLD_PERSON}
CREATE TRIGGER posts_count_a_hold {CHANGES_USE} EXECUTE FUNCTION posts_hold_person();
{counting("posts_count_person", OF_PERSON, "ARRAY[NEW.id]")}
CREATE TRIGGER posts_count_b_person {CHANGES_USE} EXECUTE FUNCTION posts_count_person();
{voting("posts_count_voter", "posts_pollvote WHERE user_id = NEW.id", STEP, "ARRAY[NEW.id]")}
CREATE TRIGGER posts_count_c_voter {CHANGES_USE} EXECUTE FUNCTION posts_count_voter();
"""
NO_TRIGGERS = """
DROP TRIGGER posts_count_c_voter ON accounts_user;
DROP TRIGGER posts_count_b_person ON accounts_user;
DROP TRIGGER posts_count_a_hold ON accounts_user;
DROP TRIGGER posts_count_gone ON posts_pollvote;
DROP TRIGGER posts_count ON posts_pollvote;
DROP TRIGGER posts_count_gone ON posts_like;
DROP TRIGGER posts_count ON posts_like;
DROP TRIGGER posts_count_gone ON posts_post;
DROP TRIGGER posts_count_again ON posts_post;
DROP TRIGGER posts_count ON posts_post;
DROP FUNCTION posts_count_voter();
DROP FUNCTION posts_count_person();
DROP FUNCTION posts_hold_person();
DROP FUNCTION posts_count_gone_votes();
DROP FUNCTION posts_count_new_votes();
DROP FUNCTION posts_count_gone_likes();
DROP FUNCTION posts_count_new_likes();
DROP FUNCTION posts_count_gone_posts();
DROP FUNCTION posts_count_changed_posts();
DROP FUNCTION posts_count_new_posts();
DROP FUNCTION posts_change_votes(bigint[], bigint[], integer[], integer, bigint[]);
DROP FUNCTION posts_change_counts(bigint[], text[], bigint[], integer[], bigint[]);
DROP FUNCTION posts_in_use(bigint[]);
"""

# What a block takes away, both ways: nobody keeps what they cannot see any more, nor is shown where they cannot look.
SEVER = """
    DELETE FROM posts_like AS mine USING posts_post AS post, ({pairs}) AS pair (one, other)
    WHERE mine.user_id = pair.one AND post.id = mine.post_id AND post.author_id = pair.other;
    DELETE FROM posts_post AS mine USING posts_post AS post, ({pairs}) AS pair (one, other)
    WHERE mine.author_id = pair.one AND post.id = mine.repost_of_id AND post.author_id = pair.other;
    UPDATE posts_post AS mine SET quote_state = 'detached'
    FROM posts_post AS post, ({pairs}) AS pair (one, other)
    WHERE mine.author_id = pair.one AND mine.quote_state = 'shown'
        AND post.id = mine.quote_of_id AND post.author_id = pair.other;
    UPDATE posts_post AS mine SET is_hidden_reply = true
    FROM posts_post AS post, ({pairs}) AS pair (one, other)
    WHERE mine.author_id = pair.one AND NOT mine.is_hidden_reply
        AND post.id = mine.reply_to_id AND post.author_id = pair.other;
"""
NEW_PAIR = "VALUES (NEW.blocker_id, NEW.blocked_id), (NEW.blocked_id, NEW.blocker_id)"
ALL_PAIRS = """
    SELECT blocker_id, blocked_id FROM accounts_block UNION ALL SELECT blocked_id, blocker_id FROM accounts_block
"""
SEVERING = f"""
CREATE FUNCTION posts_sever() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    {SEVER.format(pairs=NEW_PAIR)}
    RETURN NULL;
END $$;
CREATE TRIGGER posts_sever AFTER INSERT ON accounts_block FOR EACH ROW EXECUTE FUNCTION posts_sever();
"""
NO_SEVER = "DROP TRIGGER posts_sever ON accounts_block; DROP FUNCTION posts_sever();"

# Where a post goes, what answered it keeps the nearest post above that is still there.
GAPS = """
CREATE FUNCTION posts_keep_ancestor() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    NEW.surviving_ancestor_id := (
        SELECT coalesce(reply_to_id, surviving_ancestor_id) FROM posts_post WHERE id = OLD.reply_to_id
    );
    RETURN NEW;
END $$;
CREATE TRIGGER posts_keep_ancestor BEFORE UPDATE OF reply_to_id ON posts_post
    FOR EACH ROW WHEN (OLD.reply_to_id IS NOT NULL AND NEW.reply_to_id IS NULL)
    EXECUTE FUNCTION posts_keep_ancestor();

CREATE FUNCTION posts_pass_ancestor() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    LOOP
        UPDATE posts_post AS post
        SET surviving_ancestor_id = coalesce(gone.reply_to_id, gone.surviving_ancestor_id)
        FROM gone WHERE gone.id = post.surviving_ancestor_id;
        EXIT WHEN NOT FOUND;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER posts_pass_ancestor AFTER DELETE ON posts_post REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION posts_pass_ancestor();
"""
NO_GAPS = """
DROP TRIGGER posts_pass_ancestor ON posts_post;
DROP TRIGGER posts_keep_ancestor ON posts_post;
DROP FUNCTION posts_pass_ancestor();
DROP FUNCTION posts_keep_ancestor();
"""

# Of posts whose parent went before this was kept, the beginning of the conversation is known.
KNOWN_ANCESTORS = """
UPDATE posts_post SET surviving_ancestor_id = thread_id
WHERE reply_to_id IS NULL AND thread_id IN (SELECT id FROM posts_post);
"""
# What `posts.services.counting.recount` does, for all at once.
COUNT_POSTS = f"""
WITH net AS (
    SELECT target,
        count(*) FILTER (WHERE kind = 'like') AS likes,
        count(*) FILTER (WHERE kind = 'reply') AS replies,
        count(*) FILTER (WHERE kind = 'repost') AS reposts,
        count(*) FILTER (WHERE kind = 'quote') AS quotes
    FROM (
        {COUNTED.format(rows="posts_post", step=1)} UNION ALL {LIKED.format(rows="posts_like", step=1)}
    ) AS one
    JOIN accounts_user AS person ON person.id = one.author AND person.is_active AND person.suspended_at IS NULL
    GROUP BY target
)
UPDATE posts_post AS post SET
    like_count = coalesce(net.likes, 0),
    reply_count = coalesce(net.replies, 0),
    repost_count = coalesce(net.reposts, 0),
    quote_count = coalesce(net.quotes, 0)
FROM posts_post AS same LEFT JOIN net ON net.target = same.id
WHERE same.id = post.id
    AND (post.like_count, post.reply_count, post.repost_count, post.quote_count) IS DISTINCT FROM
    (coalesce(net.likes, 0), coalesce(net.replies, 0), coalesce(net.reposts, 0), coalesce(net.quotes, 0));
"""
COUNT_VOTES = """
WITH cast_votes AS (
    SELECT vote.* FROM posts_pollvote AS vote
    JOIN accounts_user AS person ON person.id = vote.user_id AND person.is_active AND person.suspended_at IS NULL
)
UPDATE posts_poll AS poll SET
    voter_count = (SELECT count(*) FROM cast_votes WHERE poll_id = poll.post_id),
    counts = ARRAY(
        SELECT (SELECT count(*) FROM cast_votes WHERE poll_id = poll.post_id AND place - 1 = ANY(choices))::integer
        FROM generate_series(1, cardinality(poll.options)) AS place ORDER BY place
    );
"""


class Migration(migrations.Migration):
    dependencies = [("posts", "0010_filters_fold"), ("accounts", "0009_reads_languages")]
    operations = [
        migrations.AddField(
            model_name="post",
            name="surviving_ancestor_id",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("surviving_ancestor_id__isnull", False)),
                fields=["surviving_ancestor_id", "id"],
                name="post_below_gap",
            ),
        ),
        migrations.RunSQL(IN_USE + CHANGE_COUNTS + CHANGE_VOTES + TRIGGERS, NO_TRIGGERS),
        migrations.RunSQL(SEVERING, NO_SEVER),
        migrations.RunSQL(GAPS, NO_GAPS),
        migrations.RunSQL(
            KNOWN_ANCESTORS + SEVER.format(pairs=ALL_PAIRS) + COUNT_POSTS + COUNT_VOTES,
            migrations.RunSQL.noop,
        ),
    ]
