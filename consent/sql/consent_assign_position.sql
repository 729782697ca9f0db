-- Assigns the next ledger position, without gaps, under the ledger's advisory lock.
CREATE OR REPLACE FUNCTION consent_assign_position()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    -- `AdvisoryLock.CONSENT_LEDGER`: writers append one after the other, so that no position is
    -- skipped and none is visible before a lower one.
    PERFORM pg_advisory_xact_lock(hashtextextended('consent_ledger', 0));
    SELECT coalesce(max(position), -1) + 1 INTO NEW.position FROM consent_consentevent;
    RETURN NEW;
END $function$;

CREATE OR REPLACE TRIGGER assign_position
    BEFORE INSERT ON consent_consentevent
    FOR EACH ROW EXECUTE FUNCTION consent_assign_position();
