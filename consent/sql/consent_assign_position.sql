CREATE OR REPLACE FUNCTION consent_assign_position()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('consent_consentevent'));
    SELECT coalesce(max(position), -1) + 1 INTO NEW.position FROM consent_consentevent;
    RETURN NEW;
END $function$;

CREATE OR REPLACE TRIGGER assign_position
    BEFORE INSERT ON consent_consentevent
    FOR EACH ROW EXECUTE FUNCTION consent_assign_position();
