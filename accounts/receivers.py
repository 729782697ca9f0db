"""Handlers of django-allauth's signals."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_added
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User


@receiver(email_added)
def tell_of_added_address(
    request: HttpRequest, user: User, email_address: EmailAddress, **kwargs: Any
) -> None:
    """Tell the existing address that another was added: it may not have been the user."""
    get_adapter(request).send_notification_mail(
        "accounts/email/address_added", user, {"added_email": email_address.email}
    )
