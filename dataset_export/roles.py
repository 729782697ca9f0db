from django.contrib.auth.models import Group, Permission

# Permissions of staff. Reading a dataset takes a grant instead (`dataset_export.access`).
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
    "Snapshot reviewers": [
        "view_snapshot",
        "approve_snapshot",
        "view_recipe",
        "view_evaluationlist",
    ],
    "Access managers": [
        "view_accessrequest",
        "decide_access",
        "view_accessterms",
        "add_accessterms",
        "view_download",
        "view_removalnotice",
    ],
    "Auditors": [
        "view_auditentry",
        "view_accessrequest",
        "view_accessterms",
        "view_download",
        "view_removalnotice",
        "view_snapshot",
        "view_recipe",
        "view_evaluationlist",
    ],
    "Trend reviewers": ["view_trend", "change_trend"],
}
_APPS = ["dataset_export", "timeline"]


def sync_roles() -> None:
    """Create the groups and set exactly their permissions. Run it after each migrate."""
    for name, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(
            Permission.objects.filter(content_type__app_label__in=_APPS, codename__in=codenames)
        )
