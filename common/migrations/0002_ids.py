from django.db import migrations

CREATE = """
CREATE SEQUENCE common_id_sequence;
CREATE FUNCTION common_next_id() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT (floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint << 16)
         | (nextval('common_id_sequence') & 65535)
$$;
"""
DROP = "DROP FUNCTION common_next_id(); DROP SEQUENCE common_id_sequence;"


class Migration(migrations.Migration):
    dependencies = [("common", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
