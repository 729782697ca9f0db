from django.db import migrations, models


def seal_existing_rows(apps, schema_editor):
    """Sign the rows that were written before there were seals."""
    from consent import seals

    for subject in apps.get_model("consent", "Subject").objects.iterator():
        subject.seal = seals.seal_subject(subject.pk, subject.user_id)
        subject.save(update_fields=["seal"])
    schema_editor.execute("ALTER TABLE consent_notice DISABLE TRIGGER refuse_change")
    for notice in apps.get_model("consent", "Notice").objects.iterator():
        notice.seal = seals.seal_notice(notice)
        notice.save(update_fields=["seal"])
    schema_editor.execute("ALTER TABLE consent_notice ENABLE TRIGGER refuse_change")


class Migration(migrations.Migration):
    dependencies = [("consent", "0007_withdrew_all")]
    operations = [
        migrations.AddField(
            "subject",
            "seal",
            models.BinaryField(default=b"", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            "notice", "seal", models.BinaryField(default=b"", max_length=64), preserve_default=False
        ),
        migrations.RunPython(seal_existing_rows, migrations.RunPython.noop),
    ]
