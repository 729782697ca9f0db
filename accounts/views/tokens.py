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
from accounts.views.profile import current_user
from common.ratelimits import rate_limited
from common.redirects import login_required_post

revoke_limit = rate_limited("revoke-token", limit=60, seconds=3600)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@rate_limited("token", limit=30, seconds=3600)
def access_tokens(request: HttpRequest) -> HttpResponseBase:
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return make_token(request, form)
    return token_page(request, form)


@reauthentication_required
def make_token(request: HttpRequest, form: TokenForm) -> HttpResponse:
    """Create a token after django-allauth has confirmed the password."""
    user = current_user(request)
    name, scopes = form.cleaned_data["name"], form.cleaned_data["scopes"]
    new_token = services.create_token(user=user, name=name, scopes=scopes, lifetime=form.lifetime)
    get_adapter(request).send_notification_mail(
        "accounts/email/token_created", user, {"name": name}
    )
    return token_page(request, TokenForm(), new_token)


def token_page(request: HttpRequest, form: TokenForm, new_token: str | None = None) -> HttpResponse:
    context = {
        "tokens": AccessToken.objects.not_ended()
        .filter(user=current_user(request))
        .order_by("-pk"),
        "new_token": new_token,
        "form": form,
        "is_after_password_change": "password-changed" in request.GET,
    }
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@login_required_post
@revoke_limit
def revoke_access_token(request: HttpRequest, token_id: int) -> HttpResponse:
    services.revoke_token(
        token=get_object_or_404(AccessToken, pk=token_id, user=current_user(request))
    )
    return redirect("accounts:access_tokens")


@login_required_post
@revoke_limit
def revoke_all_access_tokens(request: HttpRequest) -> HttpResponse:
    services.revoke_all_tokens(user=current_user(request))
    messages.success(request, "All access tokens revoked.")
    return redirect("accounts:access_tokens")
