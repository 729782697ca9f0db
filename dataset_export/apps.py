from django.apps import AppConfig


class DatasetExportConfig(AppConfig):
    name = "dataset_export"
    verbose_name = "Datasets"
