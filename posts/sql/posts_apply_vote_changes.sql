-- Adds votes to, or takes them from, the counts of polls. A mask has one bit for each chosen
-- option; only voters in `people` count.
CREATE OR REPLACE FUNCTION posts_apply_vote_changes(polls bigint[], voters bigint[], masks integer[], step integer, people bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
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
END $function$;
