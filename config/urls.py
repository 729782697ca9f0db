from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from common.lost_words import unsent
from config.health import healthz, healthz_workers, readyz
from config.icons import favicon
from config.pwa import manifest, offline, service_worker
from posts.views.media import picture_file

# One way to sign in, with its rate limits, for the admin as well.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = "common.error_pages.bad_request"
handler404 = "common.error_pages.page_not_found"
# django-allauth's forms ask for it by this name.
handler429 = "common.ratelimits.answer_allauth_429"

urlpatterns = [
    path("favicon.ico", favicon),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("service-worker.js", service_worker, name="service_worker"),
    path("offline", offline, name="offline"),
    path("unsent", unsent, name="unsent"),
    path("healthz", healthz, name="healthz"),
    path("healthz/workers", healthz_workers, name="healthz-workers"),
    path("readyz", readyz, name="readyz"),
    path("media/<path:name>", picture_file, name="media"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("api/schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("", include("consent.urls")),
    path("", include("accounts.urls")),
    path("", include("posts.urls")),
    path("", include("timeline.urls")),
    path("", include("dataset_export.urls")),
]
