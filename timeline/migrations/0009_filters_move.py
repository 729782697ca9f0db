from django.db import migrations

# What bounded a word stood in each pattern; now it stands once around the patterns of all.
BEFORE_WORD, AFTER_WORD = r"(?<![[:alnum:]_])", r"(?![[:alnum:]_])"
# Where filters worked so far.
PLACES = ["home", "public"]


def move(apps, schema_editor):
    new = apps.get_model("posts", "KeywordFilter")
    kept = ("user_id", "phrase", "is_whole_word", "action", "until", "created_at")
    for row in apps.get_model("timeline", "KeywordFilter").objects.order_by("pk").iterator():
        pattern = row.pattern
        if row.is_whole_word:
            pattern = pattern.removeprefix(BEFORE_WORD).removesuffix(AFTER_WORD)
        new.objects.create(
            pattern=pattern, places=PLACES, **{name: getattr(row, name) for name in kept}
        )


class Migration(migrations.Migration):
    """A part below, which shows conversations, asks for filters, too."""

    dependencies = [
        ("posts", "0009_filters"),
        ("timeline", "0008_search_beside"),
    ]
    operations = [
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.DeleteModel(name="KeywordFilter"),
    ]
