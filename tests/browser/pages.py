"""Every page of the site, and a world in which each has something to show, hostile texts among it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone
from playwright.sync_api import BrowserContext, Route

from accounts.models import FollowRequest, User, UserList
from accounts.services import block, create_list, create_token, follow, mute, set_list_memberships
from consent.models import ConsentEvent
from dataset_export.access.log import log_download
from dataset_export.access.services import refuse_access, revoke_access
from dataset_export.access.terms import publish_terms
from dataset_export.erasure.services import erase_revoked
from dataset_export.models import (
    AccessRequest,
    EvaluationList,
    RemovalAnnouncement,
    RemovalNotice,
    Snapshot,
    Webhook,
)
from posts.models import Hashtag, LinkPreview, Post
from posts.services import (
    ComposerState,
    PollDraft,
    PostContent,
    PostInput,
    bookmark_post,
    delete_post,
    edit_post,
    follow_tag,
    like_post,
    pin_post,
    publish_post,
    repost,
    save_draft,
    vote,
)
from posts.services.filters import keep_filter
from posts.text.entities import TAG_LENGTH, tags_in
from tests.dataset_export.grants import asked, granted
from tests.dataset_export.snapshots import built, published
from tests.factories import evaluation_list, grant, person, post, snapshot, withdraw
from tests.pictures import developed, gif, jpeg
from timeline.event_handlers import dispatch_outbox
from timeline.models import Trend
from timeline.notifications.services import send_staff_message
from timeline.trends.daily_usage import count_tag_days

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4
WIDE_NAME = "W" * 60
TEXTS = [
    LONG_WORD[:300],
    "مرحبا بالعالم، هذا نص طويل من اليمين إلى اليسار مع https://example.org/" + "path/" * 30,
    "https://example.org/" + "a" * 300,
    "🧑‍🚀" * 120,
    "文字" * 200,
    "\n\n\n".join(["one", "two", "three"]),
    "<b>not bold</b> & <script>nothing()</script>",
    "@" + "m" * 30 + " " + "\u202e turned around",
]


@dataclass
class World:
    """Who reads, and what there is to read."""

    reader: User
    wide: User
    staff: User
    post: Post
    reply: Post
    left_out: Post
    pictured: Post
    snapshot: Snapshot
    in_review: Snapshot
    failed: Snapshot
    draft: Snapshot
    decision: ConsentEvent
    people_list: UserList
    access: list[AccessRequest]


def make_world() -> World:
    reader = person("alice", display_name="🌻", bio="مرحبا " + LONG_WORD)
    wide = person("w" * 30, display_name=WIDE_NAME, bio=LONG_WORD[:500])
    for number, text in enumerate(TEXTS * 2):
        post(reader if number % 2 else wide, text)
    first = post(wide, "Bread rises slowly.")
    talk(reader, [post(wide, "#bread #butter"), first])
    reply = post(reader, LONG_WORD[:300], reply_to=first)
    post(wide, "An answer to the answer.", reply_to=reply)
    for text in TEXTS:
        edit_post(post=reply, words=PostContent(text, warning=text[:100], is_sensitive=True))
    pin_post(post=reply)
    pin_post(post=first)
    pictured = with_pictures(reader)
    post(reader, "Among us.", visibility="followers", authorship="assisted")
    for text in TEXTS:
        save_draft(author=reader, written=ComposerState(uuid4(), {"text": text}, first))
    for _ in range(25):
        follow(follower=person(), followed=reader)
    follow(follower=reader, followed=wide)
    follow(follower=wide, followed=reader)
    quotes_and_reposts(reader, wide, first)
    people_list = keep_people(reader, wide)
    grant(wide)
    grant(reader, "evaluation")
    left_out = Post.objects.get(
        pk=built("exam", purpose="evaluation").dropped_posts.latest("post_id").post_id
    )
    downloaded(Snapshot.objects.get(name="exam"))
    withdraw(reader, "evaluation")
    erase_revoked()
    decision = withdraw(reader)
    create_token(user=reader, name=LONG_WORD[:60])
    staff = person("root", is_staff=True, is_superuser=True)
    like_post(user=wide, post=reply)
    send_staff_message(recipient=reader, text=LONG_WORD[:300], sent_by=staff)
    dispatch_outbox()
    evaluation_list()
    words, more_words = published("words"), built("more-words")
    failed = built("words-that-failed")
    failed.tasks.filter(stage="write").update(
        done_at=None,
        attempts=3,
        error="OSError: " + LONG_WORD,
        worker="far-away, process 12",
        failed_at=failed.built_at,
    )
    Snapshot.objects.filter(pk=failed.pk).update(
        state="failed", stage="write", error="Write shards: OSError"
    )
    draft = snapshot("words-to-come")
    snapshots = (words, more_words, failed, draft)
    people = (decision, people_list, requests(reader, wide))
    return World(reader, wide, staff, first, reply, left_out, pictured, *snapshots, *people)


def quotes_and_reposts(reader: User, wide: User, first: Post) -> None:
    """Have posts be quoted, shown and no longer, brought by others, liked, kept and hidden."""
    post(reader, LONG_WORD[:300], quote_of=first)
    repost(user=wide, post=first)
    like_post(user=wide, post=first)
    like_post(user=reader, post=first)
    bookmark_post(user=reader, post=first)
    answers = (LONG_WORD[:50], "W" * 50, "مرحبا", "x")
    for hides_results in (False, True):
        post(
            wide,
            "Which of these?",
            poll=PollDraft(answers, hours=1, is_multiple=True, hides_results=hides_results),
        )
    own = post(reader, "And of these?", poll=PollDraft(answers, hours=1, hides_results=True))
    vote(user=wide, post=own, choices=[1])
    post(wide, "Vote on it.", poll=PollDraft(answers, hours=1))
    Post.objects.filter(pk=post(reader, "Out of sight.", reply_to=first).pk).update(
        is_hidden_reply=True
    )
    quoted = post(wide, TEXTS[1])
    post(reader, "A quote of a quote.", quote_of=post(reader, LONG_WORD[:300], quote_of=quoted))
    post(reader, "What it quoted is gone.", quote_of=(gone := post(wide, "Soon gone.")))
    delete_post(post=gone)
    detached = post(reader, "What it quoted was taken out.", quote_of=quoted)
    Post.objects.filter(pk=detached.pk).update(quote_state=Post.Quote.DETACHED)
    repost(user=wide, post=quoted)
    restricted = post(
        wide, "Few may answer or quote this.", reply_policy="mentioned", quote_policy="nobody"
    )
    repost(user=reader, post=restricted)


def keep_people(reader: User, wide: User) -> UserList:
    """Have the reader keep a list, block and mute people, and be asked to be followed."""
    people_list = create_list(owner=reader, title=LONG_WORD[:35], replies="none", is_exclusive=True)
    set_list_memberships(owner=reader, member=wide, lists=[people_list.pk])
    keep_filter(user=reader, phrase=LONG_WORD[:100], is_whole_word=False, action="warn")
    block(blocker=reader, blocked=person("b" * 30, display_name=WIDE_NAME))
    mute(
        muter=reader,
        muted=person("u" * 30, display_name=WIDE_NAME),
        until=timezone.now() + timedelta(days=1),
    )
    FollowRequest.objects.create(
        follower=person("v" * 30, display_name=WIDE_NAME, bio=LONG_WORD[:500]), followed=reader
    )
    return people_list


def talk(reader: User, posts: list[Post]) -> None:
    """Have a tag, posts and links be talked about, with admins' leave."""
    for name in ("bread", tags_in(f"#{LONG_WORD}")[0][:TAG_LENGTH]):
        follow_tag(user=reader, name=name, label=name)
    trends = [Trend(kind="tag", tag=tag) for tag in Hashtag.objects.order_by("pk")]
    trends += [Trend(kind="post", post=one) for one in posts]
    trends += [Trend(kind="link", url=f"https://example.org/{path}") for path in ("", "a" * 300)]
    for trend in trends:
        trend.score, trend.people, trend.state, trend.decided_at = (
            5000,
            5,
            "allowed",
            posts[0].created_at,
        )
    Trend.objects.bulk_create(trends)
    count_tag_days(posts[0].created_at.date())


def with_pictures(author: User) -> Post:
    """Publish a post of each number of pictures, described at length or not at all, and one with a link's card."""
    for number in range(1, 5):
        kinds = [jpeg(900, 600), jpeg(200, 900), gif(3), jpeg(20, 20)][:number]
        rows = [
            developed(author, kind, alt=LONG_WORD * place, focus_y=1)
            for place, kind in enumerate(kinds)
        ]
        ids = tuple(row.pk for row in rows)
        made = publish_post(
            author=author,
            draft=PostInput(f"{number} pictures", media_ids=ids, is_sensitive=number == 3),
        )
    words = {
        "title": WIDE_NAME,
        "description": LONG_WORD,
        "site_name": LONG_WORD[:100],
        "author_name": WIDE_NAME,
    }
    post(author, "See https://example.org/card")
    LinkPreview.objects.filter(url="https://example.org/card").update(state="ready", **words)
    return made


def downloaded(exam: Snapshot) -> None:
    """Note that somebody with much to say about it had all files."""
    had = granted(person(), "exam", organisation=LONG_WORD[:120], purpose=TEXTS[1] * 3)
    for shard in exam.shards.order_by("pk"):
        log_download(
            grant=had,
            token=None,
            snapshot=exam,
            path=shard.path,
            bytes_asked=shard.size,
            status=200,
        )


def requests(reader: User, wide: User) -> list[AccessRequest]:
    """Make the reader's requests, one in each state, and return an open one of hers and the newest of the others'."""
    published("fresh")
    who = {"organisation": LONG_WORD[:120], "organisation_url": "https://example.org/" + "a" * 170}
    refuse_access(request=asked(reader, "refused", **who), by=wide, reason=LONG_WORD[:300])
    revoke_access(request=granted(reader, "revoked"), by=wide, reason="It was passed on.")
    ended = granted(reader, "ended")
    AccessRequest.objects.filter(pk=ended.pk).update(granted_until=ended.decided_at)
    outdated = granted(reader, "outdated")
    publish_terms(text="New words, for {days} days.", by=None)
    owe_removals(granted(reader, "words", purpose=LONG_WORD[:300]))
    waiting = asked(reader, "waiting", purpose=TEXTS[1] * 3, **who)
    return [outdated, waiting]


def owe_removals(access: AccessRequest) -> None:
    """Have rows removed from what somebody downloaded, and a webhook that nobody answers."""
    words = Snapshot.objects.get(name=access.dataset)
    change = RemovalAnnouncement.objects.create(snapshot=words, revision=1, rows=1234)
    RemovalNotice.objects.create(
        announcement=change, user=access.user, access=access, due_at=change.at
    )
    address = {
        "url": "https://example.org/" + "a" * 400,
        "error": "The response status was 500.",
        "failures": 12,
    }
    Webhook.objects.create(user=access.user, dataset=words.name, disabled_at=change.at, **address)


Path = Callable[[World], str]
VISITOR, MEMBER = "visitor", "member"
BOTH = (VISITOR, MEMBER)

PAGES: dict[str, tuple[tuple[str, ...], list[Path]]] = {
    "unsent": ((MEMBER,), [lambda world: "/unsent"]),
    "offline": (BOTH, [lambda world: "/offline"]),
    "timeline:home": (BOTH, [lambda world: "/"]),
    "timeline:public": (BOTH, [lambda world: "/public"]),
    "timeline:profile": (BOTH, [lambda world: f"/@{world.wide.username}", lambda world: "/@alice"]),
    "timeline:profile_replies": (BOTH, [lambda world: "/@alice/replies"]),
    "timeline:profile_media": (BOTH, [lambda world: f"/@{world.wide.username}/media"]),
    "timeline:list": ((MEMBER,), [lambda world: f"/lists/{world.people_list.pk}"]),
    "timeline:languages": ((MEMBER,), [lambda world: "/settings/languages"]),
    "posts:filters": ((MEMBER,), [lambda world: "/settings/filters"]),
    "timeline:notifications": (
        (MEMBER,),
        [
            lambda world: "/notifications",
            lambda world: "/notifications?kinds=follows&from=followed",
        ],
    ),
    "timeline:notification_settings": ((MEMBER,), [lambda world: "/settings/notifications"]),
    "timeline:search": (
        BOTH,
        [
            lambda world: "/search",
            lambda world: "/search?q=bread",
            lambda world: "/search?q=www&tab=people",
            lambda world: "/search?q=bread&tab=tags",
            lambda world: "/search?q=nothing-of-that-sort",
        ],
    ),
    "timeline:explore": (BOTH, [lambda world: "/explore"]),
    "timeline:trending_hashtags": (BOTH, [lambda world: "/explore/tags"]),
    "timeline:trending_posts": (BOTH, [lambda world: "/explore/posts"]),
    "timeline:trending_links": (BOTH, [lambda world: "/explore/links"]),
    "timeline:hashtag": (BOTH, [lambda world: "/tags/bread", lambda world: "/tags/bread+butter"]),
    "timeline:followed_hashtags": ((MEMBER,), [lambda world: "/settings/tags"]),
    "accounts:followers": (BOTH, [lambda world: "/@alice/followers"]),
    "accounts:following": (BOTH, [lambda world: "/@alice/following"]),
    "accounts:edit_profile": ((MEMBER,), [lambda world: "/settings/profile"]),
    "accounts:block": ((MEMBER,), [lambda world: f"/@{world.wide.username}/block"]),
    "accounts:mute": ((MEMBER,), [lambda world: f"/@{world.wide.username}/mute"]),
    "accounts:blocks": ((MEMBER,), [lambda world: "/settings/blocks"]),
    "accounts:mutes": ((MEMBER,), [lambda world: "/settings/mutes"]),
    "accounts:follow_requests": ((MEMBER,), [lambda world: "/settings/follow-requests"]),
    "accounts:lists": ((MEMBER,), [lambda world: "/lists"]),
    "accounts:edit_list": ((MEMBER,), [lambda world: f"/lists/{world.people_list.pk}/edit"]),
    "accounts:delete_list": ((MEMBER,), [lambda world: f"/lists/{world.people_list.pk}/delete"]),
    "accounts:list_members": ((MEMBER,), [lambda world: f"/lists/{world.people_list.pk}/members"]),
    "accounts:list_memberships": ((MEMBER,), [lambda world: f"/@{world.wide.username}/lists"]),
    "posts:vote": (
        (MEMBER,),
        [lambda world: f"/posts/{Post.objects.get(text='Vote on it.').pk}/vote"],
    ),
    "posts:likes": (BOTH, [lambda world: f"{world.post.get_absolute_url()}/likes"]),
    "posts:reposts": (BOTH, [lambda world: f"{world.post.get_absolute_url()}/reposts"]),
    "posts:quotes": (BOTH, [lambda world: f"{world.post.get_absolute_url()}/quotes"]),
    "posts:bookmarks": ((MEMBER,), [lambda world: "/bookmarks"]),
    "posts:liked_posts": ((MEMBER,), [lambda world: "/likes"]),
    "posts:embed": (BOTH, [lambda world: f"{world.post.get_absolute_url()}/embed"]),
    "posts:drafts": ((MEMBER,), [lambda world: "/drafts"]),
    "posts:edit": (
        (MEMBER,),
        [
            lambda world: f"/posts/{world.reply.pk}/edit",
            lambda world: f"/posts/{world.pictured.pk}/edit",
        ],
    ),
    "posts:history": (BOTH, [lambda world: f"/posts/{world.reply.pk}/history"]),
    "posts:detail": (
        BOTH,
        [
            lambda world: world.reply.get_absolute_url(),
            lambda world: world.pictured.get_absolute_url(),
        ],
    ),
    "posts:compose": (
        (MEMBER,),
        [lambda world: "/compose", lambda world: f"/compose?reply_to={world.post.pk}"],
    ),
    "posts:edit_alt_text": (
        (MEMBER,),
        [lambda world: f"/pictures/{world.pictured.media.earliest('position').pk}"],
    ),
    "posts:delete": ((MEMBER,), [lambda world: f"/posts/{world.reply.pk}/delete"]),
    "consent:training": ((MEMBER,), [lambda world: "/settings/training"]),
    "consent:onboarding": ((MEMBER,), [lambda world: "/welcome"]),
    "consent:receipts": ((MEMBER,), [lambda world: "/settings/data"]),
    "consent:receipt": (
        (MEMBER,),
        [lambda world: f"/settings/data/receipts/{world.decision.position}"],
    ),
    "consent:log": (BOTH, [lambda world: "/log/"]),
    "posts:training": ((MEMBER,), [lambda world: f"/posts/{world.reply.pk}/training"]),
    "posts:bulk_training": ((MEMBER,), [lambda world: "/settings/posts-training"]),
    "dataset_export:preview": ((MEMBER,), [lambda world: "/settings/training/pretraining/preview"]),
    "dataset_export:withdrawal_effects": (
        (MEMBER,),
        [lambda world: "/settings/training/pretraining/consequences"],
    ),
    "dataset_export:all_withdrawal_effects": ((MEMBER,), [lambda world: "/settings/consequences"]),
    "dataset_export:post_outcomes": (
        (MEMBER,),
        [
            lambda world: f"/posts/{world.reply.pk}/training-use",
            lambda world: f"/posts/{world.left_out.pk}/training-use",
        ],
    ),
    "dataset_export:contributions": ((MEMBER,), [lambda world: "/settings/training-use"]),
    "dataset_export:contributions_timeline": (
        (MEMBER,),
        [lambda world: "/settings/training-use/timeline"],
    ),
    "dataset_export:transparency": (BOTH, [lambda world: "/transparency"]),
    "consent:ai_policy": (BOTH, [lambda world: "/ai-policy"]),
    "dataset_export:catalogue": (BOTH, [lambda world: "/datasets/"]),
    "dataset_export:detail": (BOTH, [lambda world: "/datasets/words/"]),
    "dataset_export:summary": (BOTH, [lambda world: "/datasets/words/summary"]),
    "dataset_export:datasheet": (BOTH, [lambda world: "/datasets/words/datasheet"]),
    "dataset_export:revisions": (BOTH, [lambda world: "/datasets/words/revisions"]),
    "dataset_export:request_access": ((MEMBER,), [lambda world: "/datasets/fresh/access"]),
    "dataset_export:access_requests": ((MEMBER,), [lambda world: "/settings/access"]),
    "dataset_export:webhook": ((MEMBER,), [lambda world: "/datasets/words/webhook"]),
    "dataset_export:agree_terms": (
        (MEMBER,),
        [lambda world: f"/settings/access/{world.access[0].pk}/terms"],
    ),
    "dataset_export:terms": (BOTH, [lambda world: "/data-terms"]),
    "dataset_export:terms_version": (BOTH, [lambda world: "/data-terms/1"]),
    "accounts:access_tokens": ((MEMBER,), [lambda world: "/settings/tokens"]),
    "account_login": ((VISITOR,), [lambda world: "/accounts/login/"]),
    "account_signup": ((VISITOR,), [lambda world: "/accounts/signup/"]),
    "account_logout": ((MEMBER,), [lambda world: "/accounts/logout/"]),
    "account_inactive": ((VISITOR,), [lambda world: "/accounts/inactive/"]),
    "account_reauthenticate": ((MEMBER,), [lambda world: "/accounts/reauthenticate/"]),
    "account_email": ((MEMBER,), [lambda world: "/accounts/email/"]),
    "account_email_verification_sent": ((VISITOR,), [lambda world: "/accounts/confirm-email/"]),
    "account_confirm_email": ((VISITOR,), [lambda world: "/accounts/confirm-email/nonsense/"]),
    "account_change_password": ((MEMBER,), [lambda world: "/accounts/password/change/"]),
    "account_reset_password": ((VISITOR,), [lambda world: "/accounts/password/reset/"]),
    "account_reset_password_done": ((VISITOR,), [lambda world: "/accounts/password/reset/done/"]),
    "account_reset_password_from_key": (
        (VISITOR,),
        [lambda world: "/accounts/password/reset/key/1-nonsense/"],
    ),
    "account_reset_password_from_key_done": (
        (VISITOR,),
        [lambda world: "/accounts/password/reset/key/done/"],
    ),
}
ADMIN_PAGES: list[Path] = [
    lambda world: f"/admin/dataset_export/snapshot/{world.in_review.pk}/change/",
    lambda world: f"/admin/dataset_export/snapshot/{world.snapshot.pk}/change/",
    lambda world: f"/admin/dataset_export/snapshot/{world.in_review.pk}/rows/?words=b",
    lambda world: f"/admin/dataset_export/accessrequest/{world.access[1].pk}/change/",
    lambda world: f"/admin/dataset_export/snapshot/{world.failed.pk}/change/",
    lambda world: f"/admin/dataset_export/snapshot/{world.draft.pk}/change/",
    lambda world: f"/admin/dataset_export/recipe/{world.snapshot.recipe_id}/change/",
    lambda world: f"/admin/dataset_export/recipe/add/?from={world.snapshot.recipe_id}",
    lambda world: "/admin/dataset_export/evaluationlist/add/",
    lambda world: f"/admin/dataset_export/evaluationlist/{EvaluationList.objects.get().pk}/change/",
]
ACTS = {
    "posts:upload_media",
    "accounts:follow",
    "accounts:unfollow",
    "timeline:mark_notifications_read",
    "timeline:mark_home_read",
    "posts:remove_filter",
    "timeline:follow_hashtag",
    "timeline:unfollow_hashtag",
    "consent:crawling",
    "consent:decide_purpose",
    "consent:withdraw_all",
    "posts:undo_bulk_training",
    "accounts:revoke_all_access_tokens",
    "accounts:revoke_access_token",
    "posts:like",
    "posts:unlike",
    "posts:add_thread_post",
    "posts:save_draft",
    "posts:delete_draft",
    "posts:unschedule_draft",
    "posts:bookmark",
    "posts:unbookmark",
    "posts:repost",
    "posts:unrepost",
    "posts:hide_reply",
    "posts:unhide_reply",
    "posts:detach_quote",
    "posts:reattach_quote",
    "accounts:unblock",
    "accounts:unmute",
    "accounts:accept_follow_request",
    "accounts:reject_follow_request",
    "accounts:remove_list_member",
    "posts:pin",
    "posts:unpin",
    "posts:redraft",
    "posts:undo_publish",
    "dataset_export:acknowledge",
}
FOR_PROGRAMS = {
    "timeline:new_posts",
    "timeline:api-home",
    "timeline:api-public",
    "timeline:api-tag",
    "timeline:api-list",
    "timeline:api-status",
    "timeline:api-context",
    "timeline:api-account",
    "timeline:api-account-lookup",
    "timeline:api-account-statuses",
    "media",
    "posts:media_status",
    "posts:media_list",
    "consent:api-decisions",
    "consent:api-notices",
    "consent:api-receipt",
    "consent:api-state",
    "consent:log_checkpoint",
    "consent:log_keys",
    "consent:log_script",
    "consent:log_tile",
    "consent:receipt_json",
    "consent:receipts_export",
    "consent:robots",
    "consent:tdmrep",
    "posts:api-training",
    "posts:oembed",
    "timeline:profile_atom",
    "timeline:profile_rss",
    "timeline:sitemap",
    "timeline:sitemap_pages",
    "timeline:sitemap_users",
    "timeline:sitemap_posts",
    "timeline:hashtag_atom",
    "timeline:hashtag_rss",
    "timeline:unread_count",
    "posts:suggest_users",
    "posts:suggest_hashtags",
    "healthz",
    "manifest",
    "service_worker",
    "healthz-workers",
    "readyz",
    "api-schema",
    "favicon.ico",
    "dataset_export:api-acknowledgements",
    "dataset_export:api-detail",
    "dataset_export:api-file",
    "dataset_export:api-list",
    "dataset_export:api-manifest",
    "dataset_export:api-removals",
    "dataset_export:api-signature",
    "dataset_export:api-signing-key",
    "dataset_export:file",
    "dataset_export:contributions_export",
    "dataset_export:hub-croissant",
    "dataset_export:hub-file",
    "dataset_export:hub-info",
    "dataset_export:hub-page",
    "dataset_export:hub-paths",
    "dataset_export:hub-refs",
    "dataset_export:hub-revision",
    "dataset_export:hub-tree",
    "dataset_export:hub-tree-folder",
    "dataset_export:hub-whoami",
}
# Both send everyone elsewhere: everybody has a password, and nobody logs in by a code.
ONLY_REDIRECT = {"account_set_password", "account_confirm_login_code"}
FAILURES = ["400", "403", "403_csrf", "404", "410", "429", "500"]


def paths_for(who: str, world: World) -> list[str]:
    return [path(world) for kinds, paths in PAGES.values() if who in kinds for path in paths]


def serve_failures(context: BrowserContext) -> list[str]:
    """Make the pages for what went wrong reachable at addresses of their own, and return these."""
    request = RequestFactory().get("/")
    request.user = AnonymousUser()

    def answer(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        html = render_to_string(f"{name}.html", request=None if name == "500" else request)
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    context.route("**/went-wrong/*", answer)
    return [f"/went-wrong/{name}" for name in FAILURES]
