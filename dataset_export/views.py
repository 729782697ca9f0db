from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views import signed_in
from common.navigation import signed_in_act
from common.ratelimits import rate_limited
from dataset_export import services
from dataset_export.forms import TokenForm
from dataset_export.models import AccessToken
from dataset_export.selectors import downloadable_snapshots, ordered_shards


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    return render(request, "dataset_export/catalogue.html", {"snapshots": downloadable_snapshots()})


@require_safe
def detail(request: HttpRequest, name: str) -> HttpResponse:
    snapshot = get_object_or_404(downloadable_snapshots(), name=name)
    context = {
        "snapshot": snapshot,
        "manifest": snapshot.manifest,
        "files": ordered_shards(snapshot),
        "site": request.build_absolute_uri("/").rstrip("/"),
        "may_download": request.user.has_perm("dataset_export.download_snapshot"),
    }
    return render(request, "dataset_export/detail.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@rate_limited("token", limit=30, seconds=3600)
def tokens(request: HttpRequest) -> HttpResponseBase:
    user = signed_in(request)
    form = TokenForm(request.POST or None)
    new_token = None
    if request.method == "POST" and form.is_valid():
        new_token = services.create_token(user=user, name=form.cleaned_data["name"])
        form = TokenForm()
    context = {
        "tokens": AccessToken.objects.filter(user=user, revoked_at__isnull=True).order_by("-pk"),
        "new_token": new_token,
        "form": form,
        "may_download": user.has_perm("dataset_export.download_snapshot"),
    }
    return render(request, "dataset_export/tokens.html", context, status=422 if form.errors else 200)


@signed_in_act
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    services.revoke_token(token=get_object_or_404(AccessToken, pk=token_id, user=signed_in(request)))
    return redirect("dataset_export:tokens")
