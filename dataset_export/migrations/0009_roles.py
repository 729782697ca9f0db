from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLES = {
    "Access managers": [
        "view_accessrequest",
        "decide_access",
        "view_accessterms",
        "add_accessterms",
        "view_download",
    ],
    "Auditors": [
        "view_auditentry",
        "view_accessrequest",
        "view_accessterms",
        "view_download",
        "view_snapshot",
        "view_recipe",
    ],
}


def make_roles(apps, schema_editor):
    """Make the new roles; the readers' role goes, and its members ask for each data set like everybody."""
    config = apps.get_app_config("dataset_export")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    groups, permissions = (
        apps.get_model("auth", "Group").objects,
        apps.get_model("auth", "Permission").objects,
    )
    ours = permissions.filter(content_type__app_label="dataset_export")
    for name, codenames in ROLES.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.set(ours.filter(codename__in=codenames))
    groups.filter(name="Data set readers").delete()
    ours.filter(codename="download_snapshot").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("dataset_export", "0008_append_only"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
