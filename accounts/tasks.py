from celery import shared_task

from accounts.models import Portrait
from accounts.portraits import develop_portrait as develop
from common.sending import send_later

# In one sweep; the next takes the others.
SWEPT = 100


@shared_task
def develop_portrait(pk: int) -> None:
    """Develop a person's picture, and show it from then on."""
    develop(pk)


@shared_task(expires=30)
def develop_waiting() -> None:
    """Send again what a killed worker or an emptied broker left undeveloped."""
    for pk in Portrait.objects.due().order_by("pk").values_list("pk", flat=True)[:SWEPT]:
        send_later(develop_portrait.name, pk)
