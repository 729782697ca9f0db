from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import services
from accounts.forms import TokenForm
from accounts.models import AccessToken
from accounts.views import signed_in
from common.navigation import signed_in_act
from common.ratelimits import rate_limited


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@rate_limited("token", limit=30, seconds=3600)
def tokens(request: HttpRequest) -> HttpResponseBase:
    user = signed_in(request)
    form = TokenForm(request.POST or None)
    new_token = None
    if request.method == "POST" and form.is_valid():
        new_token = services.create_token(user=user, **form.cleaned_data)
        form = TokenForm()
    context = {
        "tokens": AccessToken.objects.filter(user=user, revoked_at__isnull=True).order_by("-pk"),
        "new_token": new_token,
        "form": form,
    }
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@signed_in_act
@rate_limited("revoke-token", limit=60, seconds=3600)
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    services.revoke_token(token=get_object_or_404(AccessToken, pk=token_id, user=signed_in(request)))
    return redirect("accounts:tokens")
