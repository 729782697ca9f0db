from django.urls import include, path

from dataset_export.api import views as api
from dataset_export.authors import preview_views
from dataset_export.authors import views as author_views
from dataset_export.pages import access
from dataset_export.pages import datasets as publication_views
from dataset_export.removals import api as removals_api
from dataset_export.removals import views as removals
from dataset_export.transparency import views as transparency_views

app_name = "dataset_export"
urlpatterns = [
    path("settings/training/<slug:purpose>/preview", preview_views.preview, name="preview"),
    path(
        "settings/training/<slug:purpose>/consequences",
        preview_views.withdrawal_effects,
        name="withdrawal_effects",
    ),
    path(
        "settings/consequences", preview_views.all_withdrawal_effects, name="all_withdrawal_effects"
    ),
    path("posts/<int:post_id>/training-use", preview_views.training_use, name="post_outcomes"),
    path("settings/training-use", author_views.contributions_overview, name="contributions"),
    path("settings/training-use/timeline", author_views.timeline, name="contributions_timeline"),
    path("settings/training-use/export.json", author_views.export, name="contributions_export"),
    path("transparency", transparency_views.transparency, name="transparency"),
    path("datasets/", transparency_views.catalogue, name="catalogue"),
    path("datasets/<slug:name>/", publication_views.dataset_page, name="detail"),
    path("datasets/<slug:name>/summary", publication_views.training_summary_page, name="summary"),
    path("datasets/<slug:name>/datasheet", publication_views.data_sheet, name="datasheet"),
    path("datasets/<slug:name>/revisions", publication_views.revisions, name="revisions"),
    path("datasets/<slug:name>/files/<path:path>", publication_views.file, name="file"),
    path("datasets/<slug:name>/access", access.ask_access, name="request_access"),
    path("datasets/<slug:name>/acknowledge", removals.acknowledge, name="acknowledge"),
    path("datasets/<slug:name>/webhook", removals.webhook, name="webhook"),
    path("settings/access", access.my_access, name="access_requests"),
    path("settings/access/<int:request_id>/terms", access.agree_terms, name="agree_terms"),
    path("data-terms", access.terms_page, name="terms"),
    path("data-terms/<int:version>", access.terms_page, name="terms_version"),
    path("api/v1/signing-key", api.SigningKey.as_view(), name="api-signing-key"),
    path("api/v1/datasets/", api.DatasetList.as_view(), name="api-list"),
    path("api/v1/datasets/<slug:name>/", api.DatasetDetail.as_view(), name="api-detail"),
    path("api/v1/datasets/<slug:name>/manifest.json", api.Manifest.as_view(), name="api-manifest"),
    path(
        "api/v1/datasets/<slug:name>/manifest.json.sig",
        api.ManifestSignature.as_view(),
        name="api-signature",
    ),
    path(
        "api/v1/datasets/<slug:name>/files/<path:path>", api.DatasetFile.as_view(), name="api-file"
    ),
    path(
        "api/v1/datasets/<slug:name>/removals", removals_api.Removals.as_view(), name="api-removals"
    ),
    path(
        "api/v1/datasets/<slug:name>/acknowledgements",
        removals_api.Acknowledgements.as_view(),
        name="api-acknowledgements",
    ),
    path("", include("dataset_export.hub.urls")),
]
