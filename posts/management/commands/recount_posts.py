from typing import Any

from django.core.management.base import BaseCommand

from posts.services import recount


class Command(BaseCommand):
    help = "Count the likes, replies, reposts, quotes and votes of all posts again, and put right what is wrong."

    def handle(self, *args: Any, **options: Any) -> str:
        return f"{recount()} counts were wrong."
