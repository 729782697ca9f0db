from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.views import signed_in
from common.pagination import Page, paginate
from common.rendering import render_page_or_part
from posts.cards import complete
from posts.crawling import about_posts
from posts.models import Post
from posts.training import mark_own_posts
from timeline.explore import people_worth_meeting
from timeline.models import Trend
from timeline.selectors import found_posts, public_timeline
from timeline.tags import Days, days_of
from timeline.trends.selectors import trending_links, trending_posts, trending_tags
from timeline.views import feed

FEW, SOME = 5, 10


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    tags = list(trending_tags()[:FEW])
    trends = list(trending_posts(request.user)[:FEW])
    posts = cards(request, trends)
    newest = feed(request, public_timeline(request.user), size=SOME).items if not posts else []
    about_posts(request, [*posts, *newest])
    context = {
        "tags": with_days(tags),
        "posts": posts,
        "newest": Page(newest, None, True),
        "links": trending_links()[:FEW],
        "people": people_worth_meeting(request.user, FEW),
    }
    return render(request, "timeline/explore.html", context)


def with_days(trends: list[Trend]) -> list[tuple[Trend, Days | None]]:
    days = days_of([trend.tag_id for trend in trends if trend.tag_id], timezone.now().date())
    return [(trend, days.get(trend.tag_id or 0)) for trend in trends]


def cards(request: HttpRequest, trends: list[Trend]) -> list[Post]:
    """Return the cards of trends of posts, in their order."""
    ids = [trend.post_id for trend in trends if trend.post_id]
    rows = found_posts(ids, request.user)
    posts = complete([rows[pk] for pk in ids if pk in rows], request.user)
    if any(post.author_id == request.user.pk for post in posts):
        mark_own_posts(posts, signed_in(request))
    return posts


@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    page = paginate(trending_tags(), request, key="place")
    return render(request, "timeline/trending_tags.html", {"page": page, "tags": with_days(page.items)})


@require_safe
def posts(request: HttpRequest) -> HttpResponse:
    page = paginate(trending_posts(request.user), request, key="place")
    shown = Page(cards(request, page.items), page.next_url, page.is_first)
    about_posts(request, shown.items)
    return render_page_or_part(request, "timeline/trending_posts.html", "timeline/_feed.html", {"page": shown})


@require_safe
def links(request: HttpRequest) -> HttpResponse:
    page = paginate(trending_links(), request, key="place")
    return render(request, "timeline/trending_links.html", {"page": page, "links": page.items})
