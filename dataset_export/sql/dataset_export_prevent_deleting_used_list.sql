-- Keeps an evaluation list attached to a snapshot whose build has started.
CREATE OR REPLACE FUNCTION dataset_export_prevent_deleting_used_list()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM dataset_export_snapshot WHERE id = OLD.snapshot_id AND started_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a snapshot was made without the texts of this list: % refused', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $function$;

CREATE OR REPLACE TRIGGER prevent_deleting_used_list
    BEFORE DELETE OR UPDATE ON dataset_export_snapshot_evaluation_lists
    FOR EACH ROW EXECUTE FUNCTION dataset_export_prevent_deleting_used_list();
