"""URLs that Hugging Face clients build from HF_ENDPOINT."""

from django.urls import path

from dataset_export.hub import views
from dataset_export.publication.documents import OWNER

API = f"api/datasets/{OWNER}/<slug:name>"
REPOSITORY = f"datasets/{OWNER}/<slug:name>"

urlpatterns = [
    path("api/whoami-v2", views.WhoAmI.as_view(), name="hub-whoami"),
    path(API, views.Info.as_view(), name="hub-info"),
    path(f"{API}/revision/<path:revision>", views.Info.as_view(), name="hub-revision"),
    path(f"{API}/refs", views.Refs.as_view(), name="hub-refs"),
    path(f"{API}/croissant", views.Croissant.as_view(), name="hub-croissant"),
    path(f"{API}/tree/<str:revision>", views.Tree.as_view(), name="hub-tree"),
    path(f"{API}/tree/<str:revision>/<path:path>", views.Tree.as_view(), name="hub-tree-folder"),
    path(f"{API}/paths-info/<str:revision>", views.PathsInfo.as_view(), name="hub-paths"),
    path(
        f"{REPOSITORY}/resolve/<str:revision>/<path:path>", views.HubFile.as_view(), name="hub-file"
    ),
    path(REPOSITORY, views.repository_page, name="hub-page"),
]
