from django.db import migrations

# The function that keeps the ledger as it is; see consent's migration 0002.
TABLES = ("dataset_export_auditentry", "dataset_export_accessterms")
CREATE = "".join(
    f"""
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse_change();
"""
    for table in TABLES
)
DROP = "".join(
    f"DROP TRIGGER refuse_truncate ON {table}; DROP TRIGGER refuse_change ON {table};\n"
    for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("dataset_export", "0007_access"), ("consent", "0002_append_only")]
    operations = [migrations.RunSQL(CREATE, DROP)]
