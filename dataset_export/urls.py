from django.urls import include, path

from dataset_export import views, views_author, views_consent, views_dataset
from dataset_export.access import views as access
from dataset_export.api import views as api
from dataset_export.removals import api as removals_api
from dataset_export.removals import views as removals

app_name = "dataset_export"
urlpatterns = [
    path("settings/training/<slug:purpose>/preview", views_consent.preview, name="preview"),
    path("settings/training/<slug:purpose>/consequences", views_consent.consequences, name="consequences"),
    path("settings/consequences", views_consent.all_consequences, name="all_consequences"),
    path("posts/<int:post_id>/training-use", views_consent.training_use, name="training_use"),
    path("settings/training-use", views_author.all_training_use, name="all_training_use"),
    path("settings/training-use/timeline", views_author.timeline, name="training_timeline"),
    path("settings/training-use/export.json", views_author.export, name="training_export"),
    path("transparency", views.transparency, name="transparency"),
    path("datasets/", views.catalogue, name="catalogue"),
    path("datasets/<slug:name>/", views_dataset.detail, name="detail"),
    path("datasets/<slug:name>/summary", views_dataset.training_summary, name="summary"),
    path("datasets/<slug:name>/datasheet", views_dataset.data_sheet, name="datasheet"),
    path("datasets/<slug:name>/revisions", views_dataset.revisions, name="revisions"),
    path("datasets/<slug:name>/files/<path:path>", views_dataset.file, name="file"),
    path("datasets/<slug:name>/access", access.ask_access, name="ask_access"),
    path("datasets/<slug:name>/acknowledge", removals.acknowledge, name="acknowledge"),
    path("datasets/<slug:name>/webhook", removals.webhook, name="webhook"),
    path("settings/access", access.my_access, name="my_access"),
    path("settings/access/<int:request_id>/terms", access.agree_terms, name="agree_terms"),
    path("data-terms", access.terms_page, name="terms"),
    path("data-terms/<int:version>", access.terms_page, name="terms_version"),
    path("api/v1/signing-key", api.SigningKey.as_view(), name="api-signing-key"),
    path("api/v1/datasets/", api.DatasetList.as_view(), name="api-list"),
    path("api/v1/datasets/<slug:name>/", api.DatasetDetail.as_view(), name="api-detail"),
    path("api/v1/datasets/<slug:name>/manifest.json", api.Manifest.as_view(), name="api-manifest"),
    path("api/v1/datasets/<slug:name>/manifest.json.sig", api.ManifestSignature.as_view(), name="api-signature"),
    path("api/v1/datasets/<slug:name>/files/<path:path>", api.File.as_view(), name="api-file"),
    path("api/v1/datasets/<slug:name>/removals", removals_api.Removals.as_view(), name="api-removals"),
    path(
        "api/v1/datasets/<slug:name>/acknowledgements",
        removals_api.Acknowledgements.as_view(),
        name="api-acknowledgements",
    ),
    path("", include("dataset_export.hub.urls")),
]
