-- Points the projection (`ConsentState`) at the newest event of a subject, purpose and post.
CREATE OR REPLACE FUNCTION consent_update_projection()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    INSERT INTO consent_consentstate (subject, purpose, post_id, event_id)
    VALUES (NEW.subject, NEW.purpose, NEW.post_id, NEW.position)
    ON CONFLICT (subject, purpose, post_id) DO UPDATE SET event_id = EXCLUDED.event_id;
    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER update_projection
    AFTER INSERT ON consent_consentevent
    FOR EACH ROW EXECUTE FUNCTION consent_update_projection();
