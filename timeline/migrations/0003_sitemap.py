from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("timeline", "0002_notifications_go_with_their_cause"),
    ]

    operations = [
        migrations.CreateModel(
            name="SitemapPart",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
        ),
    ]
