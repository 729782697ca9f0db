"""The diagrams of the models are those of the code."""

from pathlib import Path

from django.apps import apps
from django.conf import settings

from common.data_model import APPS, render_data_model


def test_page_on_the_data_model_is_current():
    page = Path(settings.BASE_DIR) / "docs" / "data-model.md"
    assert page.read_text() == render_data_model()


def test_page_on_the_data_model_has_every_model():
    page = render_data_model()
    models = [model for label in APPS for model in apps.get_app_config(label).get_models()]
    assert len(models) > 40
    for model in models:
        assert f"    {model._meta.object_name} {{\n" in page
