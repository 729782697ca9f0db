from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url


class AccountAdapter(DefaultAccountAdapter):
    def post_login(
        self, request: HttpRequest, user: AbstractBaseUser, *, signup: bool, redirect_url: str | None, **more: Any
    ) -> HttpResponse:
        """Ask who signs up the question of all before the page they came for."""
        if signup and redirect_url:
            asked = resolve_url(settings.ACCOUNT_SIGNUP_REDIRECT_URL)
            redirect_url = f"{asked}?{urlencode({'next': redirect_url})}"
        return super().post_login(request, user, signup=signup, redirect_url=redirect_url, **more)
