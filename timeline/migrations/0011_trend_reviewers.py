from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLE, PERMISSIONS = "Trend reviewers", ["view_trend", "change_trend"]


def make_role(apps, schema_editor):
    config = apps.get_app_config("timeline")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=ROLE)
    ours = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="timeline")
    group.permissions.set(ours.filter(codename__in=PERMISSIONS))


class Migration(migrations.Migration):
    dependencies = [
        ("timeline", "0010_drafts_that_failed"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_role, migrations.RunPython.noop)]
