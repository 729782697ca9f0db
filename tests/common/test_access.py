"""Who may open what: each address of the site is decided upon here, for each kind of person.

A new view fails the first test until its row is written.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse

from accounts.models import AccessToken, User
from consent.models import BulkDecision, ConsentEvent, Crawler, Notice, NoticeDraft, Subject
from dataset_export.access import admin as access_admin
from dataset_export.access.terms import ensure_terms
from dataset_export.admin import ACTIONS
from dataset_export.models import (
    AccessRequest,
    AuditEntry,
    Download,
    EvaluationList,
    Recipe,
    RemovalAnnouncement,
    RemovalNotice,
    Snapshot,
)
from dataset_export.roles import sync_roles
from posts.models import Draft, Post
from tests.addresses import all_patterns
from tests.dataset_export.grants import PURPOSE, asked, granted
from tests.dataset_export.snapshots import built, in_state
from tests.factories import evaluation_list, person
from timeline.models import StaffMessage, Trend

LOGIN = "log in"
PEOPLE = ("logged out", "charlie", "bob", "alice")
OPEN = (200, 200, 200, 200)
MEMBERS = (LOGIN, 200, 200, 200)
# A page about a no; who has said yes, as alice has, is sent to the settings.
REFUSERS = (LOGIN, 200, 200, 302)
DONE = (LOGIN, 302, 302, 302)
OWNER = (LOGIN, 404, 404, 200)
TOKEN_ONLY = (401, 401, 401, 401)
VISITORS = (200, 302, 302, 302)
REPOSITORY = "datasets/commonplace/words"

# Alice owns the post, which is for followers, and the token; Bob follows her; Charlie is an outsider.
# name: [(method, path, what logged out, charlie, bob and alice get)]
SITE = {
    "favicon.ico": [("get", "/favicon.ico", (302, 302, 302, 302))],
    "manifest": [("get", "/manifest.webmanifest", OPEN)],
    "service_worker": [("get", "/service-worker.js", OPEN)],
    "offline": [("get", "/offline", OPEN)],
    "unsent": [("get", "/unsent", MEMBERS)],
    "healthz": [("get", "/healthz", OPEN)],
    "healthz-workers": [("get", "/healthz/workers", OPEN)],
    "readyz": [("get", "/readyz", OPEN)],
    "timeline:home": [("get", "/", OPEN)],
    "timeline:public": [("get", "/public", OPEN)],
    "timeline:profile": [("get", "/@alice", OPEN)],
    "timeline:profile_atom": [("get", "/@alice.atom", OPEN)],
    "timeline:profile_rss": [("get", "/@alice.rss", OPEN)],
    "timeline:hashtag_atom": [("get", "/tags/bread.atom", OPEN)],
    "timeline:hashtag_rss": [("get", "/tags/bread.rss", OPEN)],
    "timeline:sitemap": [("get", "/sitemap.xml", OPEN)],
    "timeline:sitemap_pages": [("get", "/sitemaps/pages.xml", OPEN)],
    "timeline:sitemap_users": [("get", "/sitemaps/people-0.xml", OPEN)],
    "timeline:sitemap_posts": [("get", "/sitemaps/posts-0.xml", OPEN)],
    "timeline:notifications": [("get", "/notifications", MEMBERS)],
    "timeline:unread_count": [("get", "/notifications/unread", (204, 200, 200, 200))],
    "timeline:mark_notifications_read": [("post", "/notifications/read", DONE)],
    "timeline:languages": [
        ("get", "/settings/languages", MEMBERS),
        ("post", "/settings/languages", DONE),
    ],
    "timeline:notification_settings": [
        ("get", "/settings/notifications", MEMBERS),
        ("post", "/settings/notifications", DONE),
    ],
    "timeline:profile_replies": [("get", "/@alice/replies", OPEN)],
    "timeline:profile_media": [("get", "/@alice/media", OPEN)],
    "timeline:list": [("get", "/lists/{list}", OWNER)],
    # Somebody who has nothing at home, and two who have.
    "timeline:api-home": [("get", "/api/v1/timelines/home", TOKEN_ONLY)],
    "timeline:api-public": [("get", "/api/v1/timelines/public", OPEN)],
    "timeline:api-tag": [("get", "/api/v1/timelines/tag/bread", OPEN)],
    "timeline:api-list": [("get", "/api/v1/timelines/list/{list}", TOKEN_ONLY)],
    # For followers, and a log-in is no token.
    "timeline:api-status": [("get", "/api/v1/statuses/{post}", (404, 404, 404, 404))],
    "timeline:api-context": [("get", "/api/v1/statuses/{post}/context", (404, 404, 404, 404))],
    "timeline:api-account": [("get", "/api/v1/accounts/{alice}", OPEN)],
    "timeline:api-account-lookup": [("get", "/api/v1/accounts/lookup?acct=alice", OPEN)],
    "timeline:api-account-statuses": [("get", "/api/v1/accounts/{alice}/statuses", OPEN)],
    "timeline:mark_home_read": [("post", "/home/read", DONE)],
    # What was sent is no filter.
    "posts:filters": [
        ("get", "/settings/filters", MEMBERS),
        ("post", "/settings/filters", (LOGIN, 422, 422, 422)),
    ],
    "posts:remove_filter": [("post", "/settings/filters/{filter}/remove", (LOGIN, 404, 404, 302))],
    "timeline:new_posts": [("get", "/newer", (LOGIN, 204, 200, 200))],
    "timeline:search": [("get", "/search?q=for", OPEN)],
    "timeline:explore": [("get", "/explore", OPEN)],
    "timeline:trending_hashtags": [("get", "/explore/tags", OPEN)],
    "timeline:trending_posts": [("get", "/explore/posts", OPEN)],
    "timeline:trending_links": [("get", "/explore/links", OPEN)],
    "timeline:hashtag": [("get", "/tags/garden", OPEN)],
    "timeline:follow_hashtag": [("post", "/tags/garden/follow", DONE)],
    "timeline:unfollow_hashtag": [("post", "/tags/garden/unfollow", DONE)],
    "timeline:followed_hashtags": [("get", "/settings/tags", MEMBERS)],
    "accounts:follow": [("post", "/@alice/follow", DONE)],
    "accounts:unfollow": [("post", "/@alice/unfollow", DONE)],
    "accounts:followers": [("get", "/@alice/followers", OPEN)],
    "accounts:following": [("get", "/@alice/following", OPEN)],
    "accounts:block": [
        ("get", "/@alice/block", (LOGIN, 200, 200, 404)),
        ("post", "/@alice/block", (LOGIN, 302, 302, 404)),
    ],
    "accounts:unblock": [("post", "/@alice/unblock", DONE)],
    "accounts:mute": [
        ("get", "/@alice/mute", (LOGIN, 200, 200, 404)),
        ("post", "/@alice/mute", (LOGIN, 302, 302, 404)),
    ],
    "accounts:unmute": [("post", "/@alice/unmute", DONE)],
    "accounts:blocks": [("get", "/settings/blocks", MEMBERS)],
    "accounts:mutes": [("get", "/settings/mutes", MEMBERS)],
    "accounts:follow_requests": [
        ("get", "/settings/follow-requests", MEMBERS),
        ("post", "/settings/follow-requests", DONE),
    ],
    "accounts:accept_follow_request": [
        ("post", "/settings/follow-requests/{follow_request}/accept", (LOGIN, 404, 404, 302)),
    ],
    "accounts:reject_follow_request": [
        ("post", "/settings/follow-requests/{follow_request}/reject", (LOGIN, 404, 404, 302)),
    ],
    "accounts:lists": [("get", "/lists", MEMBERS), ("post", "/lists", DONE)],
    "accounts:edit_list": [
        ("get", "/lists/{list}/edit", OWNER),
        ("post", "/lists/{list}/edit", (LOGIN, 404, 404, 302)),
    ],
    "accounts:delete_list": [
        ("get", "/lists/{list}/delete", OWNER),
        ("post", "/lists/{list}/delete", (LOGIN, 404, 404, 302)),
    ],
    "accounts:list_members": [("get", "/lists/{list}/members", OWNER)],
    "accounts:remove_list_member": [("post", "/lists/{list}/leave/@bob", (LOGIN, 404, 404, 302))],
    "accounts:list_memberships": [("get", "/@bob/lists", MEMBERS), ("post", "/@bob/lists", DONE)],
    "accounts:edit_profile": [
        ("get", "/settings/profile", MEMBERS),
        ("post", "/settings/profile", DONE),
    ],
    "posts:detail": [("get", "/@alice/{post}", (404, 404, 200, 200))],
    "posts:likes": [("get", "/@alice/{post}/likes", (404, 404, 200, 200))],
    "posts:reposts": [("get", "/@alice/{post}/reposts", (404, 404, 200, 200))],
    "posts:quotes": [("get", "/@alice/{post}/quotes", (404, 404, 200, 200))],
    "posts:bookmarks": [("get", "/bookmarks", MEMBERS)],
    "posts:liked_posts": [("get", "/likes", MEMBERS)],
    # As everyone sees it, whoever looks: this post is for followers.
    "posts:embed": [("get", "/@alice/{post}/embed", (404,) * 4)],
    "posts:oembed": [("get", "/oembed?url=http://127.0.0.1:8000/@alice/{post}", (404,) * 4)],
    "posts:compose": [
        ("get", "/compose", MEMBERS),
        ("get", "/compose?reply_to={post}", (LOGIN, 404, 200, 200)),
        ("post", "/compose?reply_to={post}", (LOGIN, 404, 302, 302)),
        ("get", "/compose?draft={draft}", OWNER),
        # For followers: nobody but its author may quote it.
        ("get", "/compose?quote_of={post}", (LOGIN, 404, 200, 200)),
        ("post", "/compose?quote_of={post}", (LOGIN, 404, 422, 302)),
    ],
    "posts:add_thread_post": [("post", "/compose/parts", MEMBERS)],
    "posts:drafts": [("get", "/drafts", MEMBERS)],
    "posts:save_draft": [("post", "/drafts/save", DONE)],
    "posts:delete_draft": [("post", "/drafts/{draft}/delete", (LOGIN, 404, 404, 302))],
    "posts:unschedule_draft": [("post", "/drafts/{draft}/unschedule", (LOGIN, 404, 404, 302))],
    "posts:edit": [
        ("get", "/posts/{post}/edit", OWNER),
        ("post", "/posts/{post}/edit", (LOGIN, 404, 404, 302)),
    ],
    "posts:history": [("get", "/posts/{post}/history", (404, 404, 200, 200))],
    "posts:pin": [("post", "/posts/{post}/pin", (LOGIN, 404, 404, 302))],
    "posts:unpin": [("post", "/posts/{post}/unpin", (LOGIN, 404, 404, 302))],
    "posts:redraft": [("post", "/posts/{post}/redraft", (LOGIN, 404, 404, 302))],
    "posts:undo_publish": [("post", "/posts/{post}/undo", (LOGIN, 404, 404, 302))],
    "posts:suggest_users": [("get", "/suggest/people?q=a", TOKEN_ONLY[:1] + MEMBERS[1:])],
    "posts:suggest_hashtags": [("get", "/suggest/tags?q=a", TOKEN_ONLY[:1] + MEMBERS[1:])],
    "posts:delete": [
        ("get", "/posts/{post}/delete", (LOGIN, 404, 404, 200)),
        ("post", "/posts/{post}/delete", (LOGIN, 404, 404, 302)),
    ],
    "posts:like": [("post", "/posts/{post}/like", (LOGIN, 404, 302, 302))],
    "posts:unlike": [("post", "/posts/{post}/unlike", (LOGIN, 404, 302, 302))],
    "posts:bookmark": [("post", "/posts/{post}/bookmark", (LOGIN, 404, 302, 302))],
    "posts:unbookmark": [("post", "/posts/{post}/unbookmark", (LOGIN, 404, 302, 302))],
    "posts:repost": [("post", "/posts/{post}/repost", (LOGIN, 404, 302, 302))],
    "posts:unrepost": [("post", "/posts/{post}/unrepost", (LOGIN, 404, 302, 302))],
    # For followers, who may vote; its author is told that it is her own.
    "posts:vote": [
        ("get", "/posts/{poll}/vote", (LOGIN, 404, 200, 200)),
        ("post", "/posts/{poll}/vote", (LOGIN, 404, 302, 422)),
    ],
    # Of the reply, who hides it is the author of the post above; of the quote, the one who is quoted detaches it.
    "posts:hide_reply": [("post", "/posts/{reply}/hide", (LOGIN, 404, 404, 302))],
    "posts:unhide_reply": [("post", "/posts/{reply}/unhide", (LOGIN, 404, 404, 302))],
    "posts:detach_quote": [("post", "/posts/{quote}/detach", (LOGIN, 404, 404, 302))],
    "posts:reattach_quote": [("post", "/posts/{quote}/attach", (LOGIN, 404, 404, 302))],
    "media": [
        ("get", "/media/{picture_file}", OPEN),
        ("get", "/media/{draft_picture}", (404, 404, 404, 200)),
    ],
    "posts:upload_media": [("post", "/pictures", (LOGIN, 422, 422, 422))],
    "posts:edit_alt_text": [
        ("get", "/pictures/{picture}", OWNER),
        ("post", "/pictures/{picture}", (LOGIN, 404, 404, 302)),
    ],
    "posts:media_list": [("get", "/posts/{post}/pictures", (404, 404, 302, 302))],
    "posts:media_status": [("get", "/pictures/{picture}/state", OWNER)],
    "consent:robots": [("get", "/robots.txt", OPEN)],
    "consent:tdmrep": [("get", "/.well-known/tdmrep.json", OPEN)],
    "consent:ai_policy": [("get", "/ai-policy", OPEN)],
    "consent:crawling": [("post", "/settings/training-crawling", DONE)],
    "consent:api-state": [("get", "/api/v1/consent/", TOKEN_ONLY)],
    "consent:api-notices": [("get", "/api/v1/consent/notices", TOKEN_ONLY)],
    "consent:api-decisions": [("get", "/api/v1/consent/decisions", TOKEN_ONLY)],
    "consent:api-receipt": [("get", "/api/v1/consent/receipts/0", TOKEN_ONLY)],
    "posts:api-training": [("get", "/api/v1/posts/{post}/training", TOKEN_ONLY)],
    "consent:onboarding": [("get", "/welcome", MEMBERS), ("post", "/welcome", DONE)],
    "consent:receipts": [("get", "/settings/data", MEMBERS)],
    "consent:receipts_export": [("get", "/settings/data/receipts.jsonl", MEMBERS)],
    "consent:receipt": [("get", "/settings/data/receipts/{position}", OWNER)],
    "consent:receipt_json": [("get", "/settings/data/receipts/{position}.json", OWNER)],
    "consent:withdraw_all": [("post", "/settings/withdraw-all", DONE)],
    "consent:log": [("get", "/log/", OPEN)],
    "consent:log_checkpoint": [("get", "/log/checkpoint", OPEN)],
    "consent:log_keys": [("get", "/log/keys", OPEN)],
    "consent:log_script": [("get", "/log/commonplace_verify.py", OPEN)],
    "consent:log_tile": [("get", "/log/tile/0/000.p/1", OPEN)],
    "dataset_export:preview": [("get", "/settings/training/pretraining/preview", MEMBERS)],
    "dataset_export:withdrawal_effects": [
        ("get", "/settings/training/pretraining/consequences", REFUSERS)
    ],
    "dataset_export:all_withdrawal_effects": [("get", "/settings/consequences", REFUSERS)],
    "dataset_export:post_outcomes": [("get", "/posts/{post}/training-use", OWNER)],
    "dataset_export:contributions": [("get", "/settings/training-use", MEMBERS)],
    "dataset_export:contributions_timeline": [("get", "/settings/training-use/timeline", MEMBERS)],
    "dataset_export:contributions_export": [("get", "/settings/training-use/export.json", MEMBERS)],
    "dataset_export:transparency": [("get", "/transparency", OPEN)],
    "posts:training": [
        ("get", "/posts/{post}/training", OWNER),
        # For followers: what was sent changes nothing, and the page says why.
        ("post", "/posts/{post}/training", OWNER),
    ],
    "posts:bulk_training": [
        ("get", "/settings/posts-training", MEMBERS),
        ("post", "/settings/posts-training", DONE),
    ],
    "posts:undo_bulk_training": [
        ("post", "/settings/posts-training/{bulk}/undo", (LOGIN, 404, 404, 302))
    ],
    "consent:training": [("get", "/settings/training", MEMBERS)],
    "consent:decide_purpose": [("post", "/settings/training/pretraining", DONE)],
    "dataset_export:catalogue": [("get", "/datasets/", OPEN)],
    "dataset_export:detail": [("get", "/datasets/words/", OPEN)],
    "dataset_export:summary": [("get", "/datasets/words/summary", OPEN)],
    "dataset_export:datasheet": [("get", "/datasets/words/datasheet", OPEN)],
    "dataset_export:revisions": [("get", "/datasets/words/revisions", OPEN)],
    "dataset_export:file": [("get", "/datasets/words/files/{file}", (LOGIN, 403, 403, 200))],
    "dataset_export:request_access": [
        # Alice has it already.
        ("get", "/datasets/words/access", (LOGIN, 200, 200, 302)),
        ("post", "/datasets/words/access", DONE),
    ],
    "dataset_export:access_requests": [("get", "/settings/access", MEMBERS)],
    "dataset_export:agree_terms": [
        ("get", "/settings/access/{access}/terms", OWNER),
        ("post", "/settings/access/{access}/terms", (LOGIN, 404, 404, 302)),
    ],
    "dataset_export:terms": [("get", "/data-terms", OPEN)],
    "dataset_export:terms_version": [("get", "/data-terms/1", OPEN)],
    "accounts:access_tokens": [
        ("get", "/settings/tokens", MEMBERS),
        ("post", "/settings/tokens", DONE),
    ],
    "accounts:revoke_all_access_tokens": [("post", "/settings/tokens/revoke", DONE)],
    "accounts:revoke_access_token": [
        ("post", "/settings/tokens/{token}/revoke", (LOGIN, 404, 404, 302))
    ],
    "dataset_export:api-signing-key": [("get", "/api/v1/signing-key", OPEN)],
    "dataset_export:api-list": [("get", "/api/v1/datasets/", TOKEN_ONLY)],
    "dataset_export:api-detail": [("get", "/api/v1/datasets/words/", TOKEN_ONLY)],
    "dataset_export:api-manifest": [("get", "/api/v1/datasets/words/manifest.json", TOKEN_ONLY)],
    "dataset_export:api-signature": [
        ("get", "/api/v1/datasets/words/manifest.json.sig", TOKEN_ONLY)
    ],
    "dataset_export:api-removals": [("get", "/api/v1/datasets/words/removals", TOKEN_ONLY)],
    "dataset_export:api-acknowledgements": [
        ("get", "/api/v1/datasets/words/acknowledgements", TOKEN_ONLY)
    ],
    "dataset_export:acknowledge": [("post", "/datasets/words/acknowledge", (LOGIN, 403, 403, 302))],
    "dataset_export:webhook": [
        ("get", "/datasets/words/webhook", (LOGIN, 403, 403, 200)),
        ("post", "/datasets/words/webhook", (LOGIN, 403, 403, 200)),
    ],
    "dataset_export:api-file": [("get", "/api/v1/datasets/words/files/{file}", TOKEN_ONLY)],
    "dataset_export:hub-whoami": [("get", "/api/whoami-v2", TOKEN_ONLY)],
    "dataset_export:hub-info": [("get", f"/api/{REPOSITORY}", OPEN)],
    "dataset_export:hub-revision": [("get", f"/api/{REPOSITORY}/revision/main", OPEN)],
    "dataset_export:hub-refs": [("get", f"/api/{REPOSITORY}/refs", OPEN)],
    "dataset_export:hub-croissant": [("get", f"/api/{REPOSITORY}/croissant", OPEN)],
    "dataset_export:hub-tree": [("get", f"/api/{REPOSITORY}/tree/main", OPEN)],
    "dataset_export:hub-tree-folder": [("get", f"/api/{REPOSITORY}/tree/main/data", OPEN)],
    # Asked by POST, as the list of paths may be long; it changes nothing.
    "dataset_export:hub-paths": [("get", f"/api/{REPOSITORY}/paths-info/main", (405,) * 4)],
    "dataset_export:hub-file": [("get", f"/{REPOSITORY}/resolve/main/README.md", TOKEN_ONLY)],
    "dataset_export:hub-page": [("get", f"/{REPOSITORY}", (302,) * 4)],
    "api-schema": [("get", "/api/schema", OPEN)],
    "account_login": [("get", "/accounts/login/", VISITORS)],
    "account_signup": [("get", "/accounts/signup/", VISITORS)],
    "account_logout": [
        ("get", "/accounts/logout/", (302, 200, 200, 200)),
        ("post", "/accounts/logout/", (302,) * 4),
    ],
    "account_inactive": [("get", "/accounts/inactive/", OPEN)],
    "account_reauthenticate": [("get", "/accounts/reauthenticate/", MEMBERS)],
    "account_email": [("get", "/accounts/email/", MEMBERS)],
    "account_email_verification_sent": [("get", "/accounts/confirm-email/", OPEN)],
    "account_confirm_email": [("get", "/accounts/confirm-email/nonsense/", OPEN)],
    "account_change_password": [("get", "/accounts/password/change/", MEMBERS)],
    "account_set_password": [("get", "/accounts/password/set/", DONE)],
    "account_reset_password": [("get", "/accounts/password/reset/", OPEN)],
    "account_reset_password_done": [("get", "/accounts/password/reset/done/", OPEN)],
    "account_reset_password_from_key": [("get", "/accounts/password/reset/key/1-nonsense/", OPEN)],
    "account_reset_password_from_key_done": [("get", "/accounts/password/reset/key/done/", OPEN)],
    "account_confirm_login_code": [
        ("get", "/accounts/login/code/confirm/", (LOGIN, 302, 302, 302))
    ],
}
FORMS = {
    "posts:vote": {"choice": "0"},
    "dataset_export:webhook": {"url": "https://example.org/removals"},
    "dataset_export:request_access": {
        "kind": "person",
        "purpose": PURPOSE,
        "agrees": "on",
        "terms": "1",
    },
    "dataset_export:agree_terms": {"agrees": "on", "terms": "1"},
    "posts:compose": {"text": "I answer."},
    "posts:edit": {"text": "Other words."},
    "posts:save_draft": {"text": "Begun.", "publish_key": "0b6f6c1e-8a53-4d0c-8a5e-2f6d3b9f6f10"},
    # Sent without its fields, as they carry the number of the picture: it has no description then.
    "posts:edit_alt_text": {"alt": "Not read"},
    "accounts:edit_profile": {"display_name": "New name"},
    "accounts:mute": {"hours": "24"},
    "accounts:lists": {"title": "Bakers", "replies": "list"},
    "accounts:edit_list": {"title": "Bakers", "replies": "none"},
    "consent:crawling": {"allows": "off"},
    "consent:decide_purpose": {"decision": "withdrawn", "notice": "pretraining/1/en"},
    "consent:onboarding": {"skip": "1"},
    "posts:training": {"training": "never"},
    "posts:bulk_training": {"tag": "garden", "training": "never"},
    "accounts:access_tokens": {"name": "laptop", "scopes": ["datasets:read"]},
}

OUTSIDE = ("logged out", "alice")
STAFF = ("plain staff", "builder", "reviewer", "access manager", "auditor", "superuser")
NOBODY = (403,) * 6
ROOT = (403, 403, 403, 403, 403, 200)
TEAM = (403, 200, 200, 403, 200, 200)
BUILDERS = (403, 200, 403, 403, 403, 200)
MANAGERS = (403, 403, 403, 200, 403, 200)
OVERSEERS = (403, 403, 403, 200, 200, 200)
AUDITORS = (403, 403, 403, 403, 200, 200)
PAGES = ("changelist", "add", "change", "delete", "history")
READ_ONLY = (ROOT, NOBODY, ROOT, NOBODY, ROOT)
# What each of the staff gets at each page of a model; nobody else gets into the admin.
ADMIN_MODELS = {
    "auth.group": (ROOT,) * 5,
    "account.emailaddress": (ROOT,) * 5,
    "accounts.user": (ROOT,) * 5,
    "posts.post": (ROOT, NOBODY, ROOT, ROOT, ROOT),
    "timeline.staffmessage": (ROOT, ROOT, ROOT, NOBODY, ROOT),
    "timeline.trend": (ROOT, NOBODY, ROOT, NOBODY, ROOT),
    "consent.consentevent": READ_ONLY,
    "consent.crawler": (ROOT,) * 5,
    "consent.noticedraft": (ROOT,) * 5,
    "consent.notice": READ_ONLY,
    "accounts.accesstoken": READ_ONLY,
    "dataset_export.evaluationlist": (TEAM, BUILDERS, TEAM, ROOT, TEAM),
    "dataset_export.recipe": (TEAM, BUILDERS, TEAM, NOBODY, TEAM),
    "dataset_export.snapshot": (TEAM, BUILDERS, TEAM, NOBODY, TEAM),
    "dataset_export.accessrequest": (OVERSEERS, NOBODY, OVERSEERS, NOBODY, OVERSEERS),
    "dataset_export.accessterms": (OVERSEERS, MANAGERS, OVERSEERS, NOBODY, OVERSEERS),
    "dataset_export.download": (OVERSEERS, NOBODY, OVERSEERS, NOBODY, OVERSEERS),
    "dataset_export.removalnotice": (OVERSEERS, NOBODY, OVERSEERS, NOBODY, OVERSEERS),
    "dataset_export.auditentry": (AUDITORS, NOBODY, AUDITORS, NOBODY, AUDITORS),
}
ALL_STAFF = (200,) * 6
ADMIN_OTHERS = {
    "admin:index": ("/admin/", ALL_STAFF),
    "admin:jsi18n": ("/admin/jsi18n/", ALL_STAFF),
    "admin:password_change": ("/admin/password_change/", ALL_STAFF),
    "admin:password_change_done": ("/admin/password_change/done/", ALL_STAFF),
    "admin:autocomplete": ("/admin/autocomplete/?app_label=x&model_name=y&field_name=z", NOBODY),
    "admin:view_on_site": ("/admin/r/0/0/", (404,) * 6),
    "admin:app_list": ("/admin/dataset_export/", (404, 200, 200, 200, 200, 200)),
    "admin:auth_user_password_change": ("/admin/accounts/user/{alice}/password/", ROOT),
    "admin:dataset_export_snapshot_body": ("/admin/dataset_export/snapshot/{snapshot}/body/", TEAM),
    "admin:dataset_export_snapshot_status": (
        "/admin/dataset_export/snapshot/{snapshot}/standing/",
        TEAM,
    ),
    "admin:dataset_export_snapshot_rows": ("/admin/dataset_export/snapshot/{snapshot}/rows/", TEAM),
}
# Decided elsewhere: the acts below, log-in and log-out by Django, and the two that only redirect.
ADMIN_ELSEWHERE = {
    "admin:dataset_export_snapshot_act",
    "admin:dataset_export_snapshot_leave_out",
    "admin:dataset_export_accessrequest_act",
    "admin:login",
    "admin:logout",
    "admin:<path:object_id>/",
    "admin:(?P<url>.*)$",
}

BUILDING, APPROVING = (403, 302, 403, 403, 403, 302), (403, 403, 302, 403, 403, 302)
# act: the state it begins in, what each of the staff gets, the state it ends in
SNAPSHOT_ACTS = {
    "start": ("draft", BUILDING, "building"),
    "pause": ("building", BUILDING, "paused"),
    "resume": ("failed", BUILDING, "building"),
    "cancel": ("draft", BUILDING, "cancelled"),
    "approve": ("in_review", APPROVING, "published"),
    "reject": ("in_review", APPROVING, "cancelled"),
    "withdraw": ("published", APPROVING, "withdrawn"),
}
DECIDING = (403, 403, 403, 302, 403, 302)
ACCESS_ACTS = {
    "grant": (asked, DECIDING, "granted"),
    "refuse": (asked, DECIDING, "refused"),
    "revoke": (granted, DECIDING, "revoked"),
}


def test_every_address_is_decided_upon():
    names = {name for name, _ in all_patterns()}
    models = {
        f"admin:{model.replace('.', '_')}_{page}"
        for model in ADMIN_MODELS
        for page in PAGES
        if f"admin:{model.replace('.', '_')}_{page}" in names
    }
    decided = {*SITE, *ADMIN_OTHERS, *ADMIN_ELSEWHERE, *models}
    assert names == decided


def test_every_model_in_the_admin_is_decided_upon():
    assert {model._meta.label_lower for model in admin.site._registry} == set(ADMIN_MODELS)


def test_every_act_is_decided_upon():
    assert set(ACTIONS) == set(SNAPSHOT_ACTS)
    assert set(access_admin.ACTS) == set(ACCESS_ACTS)


ROWS = [
    (name, method, path, expected) for name, rows in SITE.items() for method, path, expected in rows
]


def test_the_site(world):
    """One test for all rows, as the world in which they are asked takes longer than the asking."""
    got, decided, browsers = {}, {}, list(clients(PEOPLE))
    for name, method, path, expected in ROWS:
        decided[method, path] = dict(zip(PEOPLE, expected, strict=True))
        got[method, path] = {}
        for someone, client in browsers if method == "get" else clients(PEOPLE):
            with undone():
                form = FORMS.get(name) if method == "post" else None
                got[method, path][someone] = outcome(
                    getattr(client, method)(path.format(**world), form)
                )
    assert got == decided


def test_what_changes_something_is_not_done_by_a_link(world):
    (_, client), before = *clients(["alice"]), counts()
    for name, rows in SITE.items():
        if all(method == "post" for method, *_ in rows):
            assert client.get(rows[0][1].format(**world)).status_code == 405, name
    assert counts() == before


def test_no_form_is_taken_without_the_csrf_token(world):
    client, before = Client(enforce_csrf_checks=True), counts()
    client.force_login(User.objects.get(username="alice"))
    for name, method, path, _ in ROWS:
        if method == "post":
            assert client.post(path.format(**world), FORMS.get(name)).status_code == 403, name
    assert counts() == before


# Where the limit is asked inside; and where there is nothing to write.
LIMITED_ELSEWHERE = {"posts:upload_media", "account_logout"}


def test_whoever_writes_is_held_to_a_limit():
    written = {name: path.partition("?")[0] for name, method, path, _ in ROWS if method == "post"}
    views = {name: resolve(re.sub(r"{\w+}", "1", path)).func for name, path in written.items()}
    assert {
        name for name, view in views.items() if not hasattr(view, "is_rate_limited")
    } == LIMITED_ELSEWHERE


ROLES = {
    "staff": None,
    "builder": "Snapshot builders",
    "reviewer": "Snapshot reviewers",
    "manager": "Access managers",
    "auditor": "Auditors",
}


@pytest.fixture
def staff(world) -> None:
    sync_roles()
    for name, group in ROLES.items():
        someone = person(name, is_staff=True)
        if group:
            someone.groups.add(Group.objects.get(name=group))
    person("root", is_staff=True, is_superuser=True)


def test_the_admin_of_each_model(staff):
    got, decided, browsers = {}, {}, list(clients((*OUTSIDE, *STAFF)))
    for model, rows in ADMIN_MODELS.items():
        for page, codes in zip(PAGES, rows, strict=True):
            path = admin_path(model, page)
            decided[path] = dict.fromkeys(OUTSIDE, LOGIN) | dict(zip(STAFF, codes, strict=True))
            got[path] = {someone: outcome(client.get(path)) for someone, client in browsers}
    assert got == decided


def test_the_rest_of_the_admin(staff, world):
    got, decided, browsers = {}, {}, list(clients((*OUTSIDE, *STAFF)))
    for pattern, codes in ADMIN_OTHERS.values():
        path = pattern.format(**world)
        decided[path] = dict.fromkeys(OUTSIDE, LOGIN) | dict(zip(STAFF, codes, strict=True))
        got[path] = {someone: outcome(client.get(path)) for someone, client in browsers}
    assert got == decided


def test_the_acts_on_a_snapshot(staff):
    for act, (before, codes, after) in SNAPSHOT_ACTS.items():
        made = in_state(before, f"for-{act}")
        path = f"/admin/dataset_export/snapshot/{made.pk}/act/{act}/"
        form = {"manifest_sha256": made.manifest_sha256, "reason": "Too little"}
        allowed = dict.fromkeys(OUTSIDE, LOGIN) | dict(zip(STAFF, codes, strict=True))
        got, states = {}, {}
        for someone, client in clients((*OUTSIDE, *STAFF)):
            with undone():
                got[someone] = outcome(client.post(path, form))
                made.refresh_from_db()
                states[someone] = made.state
            assert outcome(client.get(path)) in (405, LOGIN)
        assert got == allowed, act
        assert states == {who: after if code == 302 else before for who, code in allowed.items()}, (
            act
        )


def test_an_act_that_does_not_exist_is_not_found(staff):
    made = built("acted-upon")
    client = dict(clients(["superuser"]))["superuser"]
    assert client.post(f"/admin/dataset_export/snapshot/{made.pk}/act/delete/").status_code == 404
    assert client.post("/admin/dataset_export/snapshot/0/act/start/").status_code == 404


def test_the_acts_on_a_request(staff):
    for act, (make, codes, after) in ACCESS_ACTS.items():
        request = make(person(), f"for-{act}")
        path, before = f"/admin/dataset_export/accessrequest/{request.pk}/act/{act}/", request.state
        allowed = dict.fromkeys(OUTSIDE, LOGIN) | dict(zip(STAFF, codes, strict=True))
        got, states = {}, {}
        for someone, client in clients((*OUTSIDE, *STAFF)):
            with undone():
                got[someone] = outcome(client.post(path, {"reason": "Too little"}))
                request.refresh_from_db()
                states[someone] = request.state
            assert outcome(client.get(path)) in (405, LOGIN)
        assert got == allowed, act
        assert states == {who: after if code == 302 else before for who, code in allowed.items()}, (
            act
        )


USERNAMES = {"plain staff": "staff", "access manager": "manager", "superuser": "root"}


def clients(people) -> Iterator[tuple[str, Client]]:
    """Yield a browser for each of the people."""
    for someone in people:
        client = Client()
        if someone != "logged out":
            client.force_login(User.objects.get(username=USERNAMES.get(someone, someone)))
        yield someone, client


@contextmanager
def undone() -> Iterator[None]:
    """Take back what the block changes in the database; views may begin their own transaction within, as in a test."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


def outcome(response) -> object:
    """Return the status, or that the answer sends to a log-in page."""
    if response.status_code == 302 and re.match(r"/(accounts|admin)/login/", response["Location"]):
        return LOGIN
    return response.status_code


def counts() -> tuple:
    """Count all that a form could have changed, and note what it could have rewritten."""
    tables = (Post, Draft, ConsentEvent, AccessToken, Snapshot, AccessRequest, AuditEntry)
    rewritten = (
        (Subject, "allows_crawling"),
        (BulkDecision, "undone_at"),
        (AccessToken, "revoked_at"),
        (User, "display_name"),
        (Post, "like_count"),
        (Post, "text"),
        (Post, "pinned_at"),
    )
    return (
        *(table.objects.count() for table in tables),
        *(
            list(table.objects.order_by("pk").values_list(column, flat=True))
            for table, column in rewritten
        ),
        User.objects.get(username="alice").followed_by.count(),
    )


def admin_path(model: str, page: str) -> str:
    name = f"admin:{model.replace('.', '_')}_{page}"
    if page in ("changelist", "add"):
        return reverse(name)
    return reverse(name, args=[existing(model).pk])


def removal_notice() -> RemovalNotice:
    snapshot = Snapshot.objects.order_by("pk").last()
    announcement, _ = RemovalAnnouncement.objects.get_or_create(
        snapshot=snapshot, revision=1, rows=1
    )
    access = AccessRequest.objects.order_by("pk").last()
    whom = {"announcement": announcement, "user": access.user, "access": access}
    return RemovalNotice.objects.get_or_create(**whom, defaults={"due_at": announcement.at})[0]


def existing(model: str):
    """Return a row of a model, made where the world has none."""
    found = {
        "auth.group": lambda: Group.objects.get_or_create(name="Readers")[0],
        "account.emailaddress": lambda: User.objects.get(
            username="alice"
        ).emailaddress_set.get_or_create(email="alice@example.org")[0],
        "accounts.user": lambda: User.objects.get(username="alice"),
        "posts.post": lambda: Post.objects.order_by("pk").last(),
        "timeline.staffmessage": lambda: StaffMessage.objects.get_or_create(
            recipient=User.objects.get(username="alice"), text="Welcome."
        )[0],
        "consent.consentevent": lambda: ConsentEvent.objects.order_by("pk").last(),
        "consent.crawler": lambda: Crawler.objects.get_or_create(
            user_agent="SomeBot", operator="Somebody", purpose="training", is_blocked=True
        )[0],
        "consent.noticedraft": lambda: NoticeDraft.objects.get_or_create(
            purpose="pretraining", language="en", text="New words."
        )[0],
        "consent.notice": lambda: Notice.objects.order_by("pk").last(),
        "accounts.accesstoken": lambda: AccessToken.objects.order_by("pk").last(),
        "dataset_export.evaluationlist": lambda: (
            EvaluationList.objects.order_by("pk").first() or evaluation_list()
        ),
        "dataset_export.recipe": lambda: Recipe.objects.order_by("pk").last(),
        "dataset_export.snapshot": lambda: Snapshot.objects.order_by("pk").last(),
        "dataset_export.accessrequest": lambda: AccessRequest.objects.order_by("pk").last(),
        "dataset_export.accessterms": ensure_terms,
        "dataset_export.download": lambda: Download.objects.get_or_create(
            access=AccessRequest.objects.order_by("pk").last(),
            snapshot=Snapshot.objects.order_by("pk").last(),
            path="data/x",
            bytes_asked=1,
            status=200,
        )[0],
        "dataset_export.removalnotice": removal_notice,
        "timeline.trend": lambda: Trend.objects.get_or_create(
            kind="link", url="https://example.org/"
        )[0],
        "dataset_export.auditentry": lambda: AuditEntry.objects.order_by("pk").last(),
    }
    return found[model]()
