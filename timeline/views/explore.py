from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.views.profile import current_user
from common.htmx import render_partial
from common.pagination import Page, paginate
from posts.models import Post
from posts.presentation.content_owners import set_content_owners_from_posts
from posts.presentation.hydrate import hydrate_posts
from posts.presentation.training_status import annotate_training_status
from timeline.explore import users_worth_following
from timeline.hashtags import HashtagUsage, usage_by_day
from timeline.models import Trend
from timeline.selectors import posts_for_results, public_timeline
from timeline.trends.selectors import trending_links, trending_posts, trending_tags
from timeline.views.timelines import feed

TEASER_SIZE, LIST_SIZE = 5, 10


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    tags = list(trending_tags()[:TEASER_SIZE])
    trends = list(trending_posts(request.user)[:TEASER_SIZE])
    posts = _cards(request, trends)
    newest = feed(request, public_timeline(request.user), size=LIST_SIZE).items if not posts else []
    set_content_owners_from_posts(request, [*posts, *newest])
    context = {
        "tags": with_days(tags),
        "posts": posts,
        "newest": Page(newest, None, True),
        "links": trending_links()[:TEASER_SIZE],
        "people": users_worth_following(request.user, TEASER_SIZE),
    }
    return render(request, "timeline/explore.html", context)


def with_days(trends: list[Trend]) -> list[tuple[Trend, HashtagUsage | None]]:
    days = usage_by_day([trend.tag_id for trend in trends if trend.tag_id], timezone.now().date())
    return [(trend, days.get(trend.tag_id or 0)) for trend in trends]


def _cards(request: HttpRequest, trends: list[Trend]) -> list[Post]:
    """Return the cards of trends of posts, in their order."""
    ids = [trend.post_id for trend in trends if trend.post_id]
    rows = posts_for_results(ids, request.user)
    posts = hydrate_posts([rows[pk] for pk in ids if pk in rows], request.user)
    if any(post.author_id == request.user.pk for post in posts):
        annotate_training_status(posts, current_user(request))
    return posts


@require_safe
def explore_hashtags(request: HttpRequest) -> HttpResponse:
    page = paginate(trending_tags(), request, key="place")
    return render(
        request, "timeline/trending_hashtags.html", {"page": page, "tags": with_days(page.items)}
    )


@require_safe
def explore_posts(request: HttpRequest) -> HttpResponse:
    page = paginate(trending_posts(request.user), request, key="place")
    shown = Page(_cards(request, page.items), page.next_url, page.is_first)
    set_content_owners_from_posts(request, shown.items)
    return render_partial(
        request, "timeline/trending_posts.html", "timeline/_feed.html", {"page": shown}
    )


@require_safe
def explore_links(request: HttpRequest) -> HttpResponse:
    page = paginate(trending_links(), request, key="place")
    return render(request, "timeline/trending_links.html", {"page": page, "links": page.items})
