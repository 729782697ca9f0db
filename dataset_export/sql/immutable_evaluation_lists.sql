-- Refuses changes of an evaluation list's content: builds refer to it by id.
CREATE OR REPLACE FUNCTION dataset_export_prevent_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'a snapshot rests on this row of %: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $function$;

CREATE OR REPLACE TRIGGER prevent_change
    BEFORE UPDATE OF name, source, sha256, texts, ngrams ON dataset_export_evaluationlist
    FOR EACH ROW EXECUTE FUNCTION dataset_export_prevent_change();
