from django.apps import AppConfig


class DatasetExportConfig(AppConfig):
    name = "dataset_export"
    verbose_name = "Data sets"

    def ready(self) -> None:
        from dataset_export.api import schema  # noqa: F401  it registers itself with the API's documentation
