from django.contrib.auth.models import Group, Permission

ROLES = {
    "Snapshot builders": [
        "view_snapshot",
        "add_snapshot",
        "build_snapshot",
        "view_recipe",
        "add_recipe",
        "view_evaluationlist",
        "add_evaluationlist",
    ],
    "Snapshot reviewers": ["view_snapshot", "approve_snapshot", "view_recipe", "view_evaluationlist"],
    "Data set readers": ["download_snapshot"],
}


def ensure_roles() -> None:
    """Make the groups with their permissions; run again after new permissions are migrated."""
    for name, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        permissions = Permission.objects.filter(content_type__app_label="dataset_export", codename__in=codenames)
        group.permissions.add(*permissions)
