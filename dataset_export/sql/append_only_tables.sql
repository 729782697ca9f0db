-- The audit log and the access terms are append-only, too (see consent_prevent_change).
CREATE OR REPLACE TRIGGER prevent_change
    BEFORE DELETE OR UPDATE ON dataset_export_accessterms
    FOR EACH ROW EXECUTE FUNCTION consent_prevent_change();

CREATE OR REPLACE TRIGGER prevent_truncate
    BEFORE TRUNCATE ON dataset_export_accessterms
    FOR EACH STATEMENT EXECUTE FUNCTION consent_prevent_change();

CREATE OR REPLACE TRIGGER prevent_change
    BEFORE DELETE OR UPDATE ON dataset_export_auditentry
    FOR EACH ROW EXECUTE FUNCTION consent_prevent_change();

CREATE OR REPLACE TRIGGER prevent_truncate
    BEFORE TRUNCATE ON dataset_export_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION consent_prevent_change();
