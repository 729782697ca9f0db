app_name = "dataset_export"
urlpatterns: list = []
