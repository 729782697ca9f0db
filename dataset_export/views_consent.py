"""What a decision about training means for data sets: beforehand, and afterwards."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.views import signed_in
from common.consistent_reads import consistent_read
from common.pagination import paginate
from common.ratelimits import is_within_limit, too_many_requests
from consent.models import ConsentEvent
from consent.notices import current_notice
from consent.purposes import Purpose
from consent.selectors import purposes_of_single_posts, standing_of
from consent.services import attest_adult, decide, subject_of
from dataset_export.authors_view import downloads, removals
from dataset_export.selectors import exportable_posts, snapshots_with
from dataset_export.training_use import built_snapshots, fates
from posts.models import Post
from posts.training import mark_of

SAMPLE = 20
PREVIEWS, SECONDS = 30, 300
MOST_DOWNLOADS = 50
Covers = ConsentEvent.Covers


@login_required
@require_safe
def preview(request: HttpRequest, purpose: str) -> HttpResponseBase:
    """Show which posts a yes would share, asked of the one gate itself."""
    if purpose not in Purpose.values:
        raise Http404("No such purpose.")
    if not is_within_limit("preview", str(request.user.pk), limit=PREVIEWS, seconds=SECONDS):
        return too_many_requests(request, SECONDS)
    covers = Covers.FROM_NOW if request.GET.get("covers") == Covers.FROM_NOW else Covers.EVERYTHING
    count, sample = would_share(signed_in(request), purpose, covers)
    context = {"purpose": Purpose(purpose), "covers": covers, "count": count, "sample": sample}
    return render(request, "dataset_export/preview.html", context)


@transaction.atomic
def would_share(user: User, purpose: str, covers: str) -> tuple[int, list[Any]]:
    """Say yes, ask the gate, and take it back before anybody sees: the answer cannot differ from the real one."""
    attest_adult(user=user)
    decide(
        user=user,
        purpose=purpose,
        decision=ConsentEvent.Decision.GRANTED,
        covers=covers,
        notice=current_notice(purpose),
        source=ConsentEvent.Source.SETTINGS,
    )
    posts = exportable_posts(purpose).filter(author=user)
    answer = posts.count(), list(posts.select_related("author").order_by("-pk")[:SAMPLE])
    transaction.set_rollback(True)
    return answer


@login_required
@require_safe
def training_use(request: HttpRequest, post_id: int) -> HttpResponse:
    """Show the author of a post in which data sets it is, and why not in others."""
    post = get_object_or_404(Post.objects.originals().select_related("author"), pk=post_id, author=signed_in(request))
    subject = subject_of(post.author).pk
    with consistent_read():
        page = paginate(built_snapshots(), request)
        standing = standing_of(post.author_id, [post.pk])
        context = {
            "post": post,
            "mark": mark_of(post, standing),
            "page": page,
            "fates": fates(post, page.items),
            "downloads": downloads(subject, post_id=post.pk, most=MOST_DOWNLOADS),
            "removals": removals(subject, post_id=post.pk, most=MOST_DOWNLOADS),
        }
    return render(request, "dataset_export/training_use.html", context)


@login_required
@require_safe
def consequences(request: HttpRequest, purpose: str) -> HttpResponse:
    if purpose not in Purpose.values:
        raise Http404("No such purpose.")
    return consequences_page(request, Purpose(purpose).label, [purpose])


@login_required
@require_safe
def all_consequences(request: HttpRequest) -> HttpResponse:
    return consequences_page(request, "All purposes", Purpose.values)


def consequences_page(request: HttpRequest, what: str, purposes: list[str]) -> HttpResponse:
    """Say what a no does; whoever has said yes since is shown the settings instead."""
    subject = subject_of(request.user)
    standing = standing_of(signed_in(request).pk)
    if any(standing.counts(standing.account.get(purpose)) for purpose in purposes):
        return redirect("consent:training")
    context = {
        "what": what,
        "snapshots": snapshots_with(subject.pk).filter(purpose__in=purposes),
        "single_posts": bool(purposes_of_single_posts(subject).intersection(purposes)),
    }
    return render(request, "dataset_export/consequences.html", context)
