-- Keeps a recipe that a started build refers to as it was.
CREATE OR REPLACE FUNCTION dataset_export_prevent_deleting_used_recipe()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM dataset_export_snapshot WHERE recipe_id = OLD.id AND started_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a snapshot was made by recipe % %: % refused', OLD.name, OLD.version, TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $function$;

CREATE OR REPLACE TRIGGER prevent_deleting_used_recipe
    BEFORE DELETE OR UPDATE OF name, version, data ON dataset_export_recipe
    FOR EACH ROW EXECUTE FUNCTION dataset_export_prevent_deleting_used_recipe();
