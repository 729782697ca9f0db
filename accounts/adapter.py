from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import AccessToken
from accounts.reserved_names import is_reserved
from accounts.services.log_in_limits import TooManyFailuresError, begin_log_in, count_as_success
from common.mail import DISABLED
from common.ratelimits import client_network
from common.redirects import page_of_this_site
from common.security_log import log_security_event


@dataclass(frozen=True, slots=True)
class Site:
    """The site's name in emails. Django's `RequestSite` would use the Host header of the
    request.
    """

    name: str
    domain: str


class AccountAdapter(DefaultAccountAdapter):
    def post_login(
        self,
        request: HttpRequest,
        user: AbstractBaseUser,
        *,
        signup: bool,
        redirect_url: str | None,
        **more: Any,
    ) -> HttpResponse:
        """Send new users to the consent page first, then to the page they wanted."""
        if signup and redirect_url:
            asked = resolve_url(settings.ACCOUNT_SIGNUP_REDIRECT_URL)
            redirect_url = f"{asked}?{urlencode({'next': redirect_url})}"
        return super().post_login(request, user, signup=signup, redirect_url=redirect_url, **more)

    def is_safe_url(self, url: str | None) -> bool:
        """Tell whether `next` is a page of this site; django-allauth's own check raises on some
        invalid URLs.
        """
        return page_of_this_site(self.request, url or "") is not None

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Reject reserved names, ignoring case, underscores and digits that stand for letters.

        Django-allauth also calls this for names that it generates.
        """
        if is_reserved(username):
            raise ValidationError(
                "This name is reserved. Choose another one.", code="username_blacklisted"
            )
        return str(super().clean_username(username, shallow))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Check a password within our limits on failed log-ins; django-allauth's limit by name is
        off.
        """
        name = credentials.get("email") or credentials.get("username") or ""
        try:
            uses = begin_log_in(name=str(name), network=client_network(request))
        except TooManyFailuresError as late:
            log_security_event("login.limited", user_id=None)
            raise ValidationError(str(late), code="too_many_login_attempts") from late
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None:
            count_as_success(uses)
        return user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        site = Site("Commonplace", urlsplit(settings.SITE_URL).netloc)
        super().send_mail(template_prefix, email, {"current_site": site, **context})
        if settings.EMAIL_BACKEND == DISABLED and (request := context.get("request")):
            messages.warning(
                request, _("This site cannot send mail. Ask the people who run it for help.")
            )

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Notify a user of an account change, even if an administrator set the email address."""
        address = (
            email or EmailAddress.objects.get_primary_email(user) or getattr(user, "email", "")
        )
        super().send_notification_mail(template_prefix, user, context, address or None)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Redirect to the list of access tokens, if there are any."""
        if AccessToken.objects.not_ended().filter(user=request.user.pk).exists():
            return f"{reverse('accounts:access_tokens')}?password-changed"
        return super().get_password_change_redirect_url(request)
