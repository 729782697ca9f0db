from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.contrib import messages
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

revoke_limit = rate_limited("revoke-token", limit=60, seconds=3600)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@rate_limited("token", limit=30, seconds=3600)
def tokens(request: HttpRequest) -> HttpResponseBase:
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return make_token(request, form)
    return token_page(request, form)


@reauthentication_required
def make_token(request: HttpRequest, form: TokenForm) -> HttpResponse:
    """Make a token for whoever has just given the password; django-allauth asks for it and then comes back here."""
    user = signed_in(request)
    name, scopes = form.cleaned_data["name"], form.cleaned_data["scopes"]
    new_token = services.create_token(user=user, name=name, scopes=scopes, lifetime=form.lifetime)
    get_adapter(request).send_notification_mail("accounts/email/token_created", user, {"name": name})
    return token_page(request, TokenForm(), new_token)


def token_page(request: HttpRequest, form: TokenForm, new_token: str | None = None) -> HttpResponse:
    context = {
        "tokens": AccessToken.objects.not_ended().filter(user=signed_in(request)).order_by("-pk"),
        "new_token": new_token,
        "form": form,
        "is_after_password_change": "password-changed" in request.GET,
    }
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@signed_in_act
@revoke_limit
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    services.revoke_token(token=get_object_or_404(AccessToken, pk=token_id, user=signed_in(request)))
    return redirect("accounts:tokens")


@signed_in_act
@revoke_limit
def revoke_all_tokens(request: HttpRequest) -> HttpResponse:
    services.revoke_all_tokens(user=signed_in(request))
    messages.success(request, "All access tokens are revoked.")
    return redirect("accounts:tokens")
