-- Makes tables append-only: the ledger, its log, keys, checkpoints and published notices refuse
-- UPDATE, DELETE and TRUNCATE from every role.
CREATE OR REPLACE FUNCTION consent_prevent_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $function$;

CREATE OR REPLACE TRIGGER prevent_change
    BEFORE DELETE OR UPDATE ON consent_checkpoint
    FOR EACH ROW EXECUTE FUNCTION consent_prevent_change();

CREATE OR REPLACE TRIGGER prevent_truncate
    BEFORE TRUNCATE ON consent_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION consent_prevent_change();

CREATE OR REPLACE TRIGGER prevent_change
    BEFORE DELETE OR UPDATE ON consent_consentevent
    FOR EACH ROW EXECUTE FUNCTION consent_prevent_change();

CREATE OR REPLACE TRIGGER prevent_truncate
    BEFORE TRUNCATE ON consent_consentevent
    FOR EACH STATEMENT EXECUTE FUNCTION consent_prevent_change();

CREATE OR REPLACE TRIGGER prevent_change
    BEFORE DELETE OR UPDATE ON consent_logkey
    FOR EACH ROW EXECUTE FUNCTION consent_prevent_change();

CREATE OR REPLACE TRIGGER prevent_truncate
    BEFORE TRUNCATE ON consent_logkey
    FOR EACH STATEMENT EXECUTE FUNCTION consent_prevent_change();

CREATE OR REPLACE TRIGGER prevent_change
    BEFORE DELETE OR UPDATE ON consent_lognode
    FOR EACH ROW EXECUTE FUNCTION consent_prevent_change();

CREATE OR REPLACE TRIGGER prevent_truncate
    BEFORE TRUNCATE ON consent_lognode
    FOR EACH STATEMENT EXECUTE FUNCTION consent_prevent_change();

CREATE OR REPLACE TRIGGER prevent_change
    BEFORE DELETE OR UPDATE ON consent_notice
    FOR EACH ROW EXECUTE FUNCTION consent_prevent_change();

CREATE OR REPLACE TRIGGER prevent_truncate
    BEFORE TRUNCATE ON consent_notice
    FOR EACH STATEMENT EXECUTE FUNCTION consent_prevent_change();
