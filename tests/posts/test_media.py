"""Pictures of posts: sent, developed, attached once, shown, and gone with their post."""

import io
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services import follow
from common.images import services
from common.images.models import CLAIM_TIMEOUT, MAX_PROCESSING_ATTEMPTS
from common.models import PendingFileDeletion
from posts import tasks
from posts.forms.media import UPLOADS
from posts.models import Draft, Media, Post
from posts.presentation.hydrate import hydrate_posts
from posts.services import PostInput, PublishError, delete_post, media, publish_post
from tests.factories import person, post
from tests.pictures import developed, gif, jpeg, png_of_zeros, sent
from tests.workers import celery_worker, kill, wait_until


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(content: bytes | None = None, name: str = "cat.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content if content is not None else jpeg(), "image/jpeg")


def files() -> set[str]:
    root = Path(settings.MEDIA_ROOT)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def files_of(row: Media) -> set[str]:
    return {name for name in files() if name.startswith((row.folder, row.source or row.folder))}


def test_a_picture_is_developed_and_its_source_goes(alice):
    row = sent(alice)
    assert files_of(row) == {row.source}
    source = row.source
    media.process_media(row.pk)
    row.refresh_from_db()
    assert (row.state, row.width, row.height, row.source) == ("ready", 300, 200, "")
    services.delete_orphaned_files()
    assert source not in files()
    assert files_of(row) == {f"{row.folder}/300.webp"}
    assert not PendingFileDeletion.objects.exists()


def test_what_is_no_picture_says_why_and_keeps_nothing(alice):
    row = sent(alice, png_of_zeros(60_000, 60_000))
    media.process_media(row.pk)
    row.refresh_from_db()
    assert row.state == "failed"
    assert "60000 × 60000" in row.reason
    services.delete_orphaned_files()
    assert files_of(row) == set()


def test_a_message_that_comes_twice_does_nothing_the_second_time(alice, monkeypatch):
    row = developed(alice)
    monkeypatch.setattr(services, "process_image", pytest.fail)
    media.process_media(row.pk)
    claimed = sent(alice)
    Media.objects.claim(claimed.pk)
    media.process_media(claimed.pk)


def test_a_worker_that_was_killed_is_followed_by_another(alice):
    row = sent(alice)
    Media.objects.claim(row.pk)
    assert row.pk not in Media.objects.due().values_list("pk", flat=True)
    Media.objects.update(claimed_at=timezone.now() - CLAIM_TIMEOUT)
    assert row.pk in Media.objects.due().values_list("pk", flat=True)
    media.process_media(row.pk)
    assert Media.objects.get(pk=row.pk).is_ready


def test_what_kills_its_workers_is_given_up(alice):
    row = sent(alice)
    Media.objects.update(attempts=MAX_PROCESSING_ATTEMPTS)
    media.process_media(row.pk)
    row.refresh_from_db()
    assert row.state == "failed"
    assert "too much memory or time" in row.reason


def test_a_file_that_never_arrived(alice):
    row = Media.objects.create(owner=alice, source="incoming/nothing")
    media.process_media(row.pk)
    assert "did not arrive" in Media.objects.get(pk=row.pk).reason


def test_a_picture_deleted_while_it_is_developed_leaves_no_file(alice, monkeypatch):
    row, real = sent(alice), services.store_files

    def keep_and_lose(*args: object) -> None:
        Media.objects.all().delete()
        services.delete_orphaned_files()
        real(*args)

    monkeypatch.setattr(services, "store_files", keep_and_lose)
    media.process_media(row.pk)
    services.delete_orphaned_files()
    assert files_of(row) == set()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_pictures_come_out_of_a_worker_and_a_killed_one_loses_none(alice, tmp_path):
    with celery_worker(tmp_path, "first") as worker:
        rows = [sent(alice, gif(60, 400, 300)) for _ in range(3)]
        wait_until(lambda: Media.objects.filter(claimed_at__isnull=False), "the worker has begun")
        kill(worker)
    Media.objects.waiting().update(claimed_at=timezone.now() - CLAIM_TIMEOUT)
    with celery_worker(tmp_path, "second", beat=True):
        wait_until(
            lambda: Media.objects.ready().count() == 3, "the second worker has developed them"
        )
        wait_until(lambda: not PendingFileDeletion.objects.exists(), "what was sent is removed")
    for row in Media.objects.filter(pk__in=[row.pk for row in rows]):
        assert files_of(row) == {f"{row.folder}/400.webp", f"{row.folder}/still.webp"}


# Publishing


def test_a_post_has_its_pictures_in_order(alice):
    second, first = developed(alice), sent(alice)
    made = publish_post(author=alice, draft=PostInput("Look", media_ids=(first.pk, second.pk)))
    assert made.has_media
    assert list(made.media.order_by("position").values_list("pk", flat=True)) == [
        first.pk,
        second.pk,
    ]


@pytest.mark.parametrize("what", ["of another", "used", "gone", "failed", "twice", "five"])
def test_pictures_that_a_post_cannot_have(alice, bob, what):
    mine = developed(alice)
    ids = {
        "of another": lambda: (mine.pk, developed(bob).pk),
        "used": lambda: (
            publish_post(author=alice, draft=PostInput("First", media_ids=(mine.pk,))) and mine.pk,
        ),
        "gone": lambda: (mine.pk, 999_999),
        "failed": lambda: (developed(alice, b"GIF89a nothing").pk,),
        "twice": lambda: (mine.pk, mine.pk),
        "five": lambda: tuple(developed(alice).pk for _ in range(5)),
    }[what]()
    before = Post.objects.count()
    with pytest.raises(PublishError):
        publish_post(author=alice, draft=PostInput("Look", media_ids=ids))
    assert Post.objects.count() == before


def test_deleting_a_post_deletes_its_files(alice):
    rows = [developed(alice), sent(alice)]
    made = publish_post(
        author=alice, draft=PostInput("Look", media_ids=tuple(row.pk for row in rows))
    )
    before = [files_of(row) for row in rows]
    assert all(before)
    delete_post(post=made)
    services.delete_orphaned_files()
    assert not files() & set().union(*before)


def test_a_picture_of_a_post_that_is_written_anew_is_kept(alice):
    row = developed(alice)
    made = publish_post(author=alice, draft=PostInput("Look", media_ids=(row.pk,)))
    assert media.detach_media(made) == [row.pk]
    delete_post(post=made)
    again = publish_post(author=alice, draft=PostInput("Refresh", media_ids=(row.pk,)))
    assert again.media.get() == row


def test_what_nobody_used_goes_after_a_day(alice):
    used, old, young = developed(alice), developed(alice), developed(alice)
    publish_post(author=alice, draft=PostInput("Look", media_ids=(used.pk,)))
    Media.objects.exclude(pk=young.pk).update(created_at=timezone.now() - timedelta(hours=25))
    tasks.delete_orphaned_media_task()
    services.delete_orphaned_files()
    assert set(Media.objects.all()) == {used, young}
    assert files_of(old) == set()
    assert files_of(used)


@pytest.mark.parametrize(
    "value", ["²", "9" * 5000, "-1", "x"], ids=["superscript", "long", "negative", "letter"]
)
def test_what_is_no_picture_in_a_draft_keeps_no_orphan(alice, value):
    Media.objects.create(owner=alice, created_at=timezone.now() - timedelta(hours=25))
    Draft.objects.create(author=alice, key=uuid.uuid4(), fields={"media": value})
    tasks.delete_orphaned_media_task()
    assert not Media.objects.exists()


def test_pictures_come_with_the_cards(alice, django_assert_num_queries):
    sent = [tuple(developed(alice).pk for _ in range(2)) for _ in range(5)]
    for ids in sent:
        publish_post(author=alice, draft=PostInput("Look", media_ids=ids))
    post(alice)
    with django_assert_num_queries(1):
        *looked, plain = hydrate_posts(
            list(Post.objects.with_card_data(alice).order_by("pk")), alice
        )
    assert [tuple(picture.pk for picture in each.pictures) for each in looked] == sent
    assert plain.pictures == ()


# The composer


def test_a_post_with_pictures_without_javascript(alice):
    client = browser(alice)
    asked = client.post(
        "/compose", {"text": "Look", "pictures": [upload(), upload(name="dog.jpg")]}
    )
    assert asked.status_code == 200
    assert not Post.objects.exists()
    page = asked.content.decode()
    assert "Some images have no alt text" in page
    assert "Look</textarea>" in page
    first, second = Media.objects.order_by("pk")
    form = {"text": "Look", "media": [first.pk, second.pk], "reminded": "1"}
    form |= {
        f"picture-{first.pk}-alt": "A cat",
        f"picture-{first.pk}-focus_x": "-0.5",
        f"picture-{second.pk}-alt": "",
    }
    assert client.post("/compose", form).status_code == 302
    first.refresh_from_db()
    assert (first.alt, first.focus_x, first.focus_y, first.post.text) == ("A cat", -0.5, 0, "Look")


def test_the_reminder_can_be_switched_off_and_does_not_come_where_all_is_described(alice):
    client = browser(alice)
    row = developed(alice)
    form = {"text": "Look", "media": [row.pk], f"picture-{row.pk}-alt": "A cat"}
    assert client.post("/compose", form).status_code == 302
    User.objects.update(warns_about_alt_text=False)
    assert client.post("/compose", {"text": "Look", "pictures": [upload()]}).status_code == 302
    assert Post.objects.filter(has_media=True).count() == 2


def test_a_picture_can_be_left_out_again(alice):
    row = developed(alice)
    browser(alice).post("/compose", {"text": "Look", "media": [row.pk], "remove": [row.pk]})
    assert not Post.objects.get().has_media


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (
            {"pictures": [SimpleUploadedFile("a.svg", b"<svg/>")]},
            "a.svg is no JPEG, PNG, WebP, GIF or AVIF picture.",
        ),
        ({"pictures": [SimpleUploadedFile("a.jpg", b"")]}, "a.jpg is empty."),
        ({"pictures": [upload() for _ in range(5)]}, "A post can have 4 pictures at the most."),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_posted(alice, form, words):
    answer = browser(alice).post("/compose", {"text": "Look", **form})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Look</textarea>" in answer.content.decode()
    assert not Post.objects.exists()


def test_a_file_that_is_too_large(alice, settings):
    settings.MAX_IMAGE_BYTES = 1000
    answer = browser(alice).post("/compose", {"text": "Look", "pictures": [upload()]})
    assert answer.status_code == 422
    assert "cat.jpg is too large" in answer.content.decode()


def test_a_request_that_is_too_large_is_not_read(alice, settings):
    settings.MAX_REQUEST_BYTES = 1000
    answer = browser(alice).post("/compose", {"text": "Look", "pictures": [upload()]})
    assert answer.status_code == 422
    assert "too large" in answer.content.decode()
    assert not Media.objects.exists()
    assert not Post.objects.exists()


def test_a_picture_that_failed_is_named_and_can_be_left_out(alice):
    row = developed(alice, b"GIF89a nothing")
    answer = browser(alice).post("/compose", {"text": "Look", "media": [row.pk], "reminded": "1"})
    assert answer.status_code == 422
    assert "The file is damaged" in answer.content.decode()


@pytest.mark.parametrize(
    "values", [{"alt": "a" * 1501}, {"focus_x": "1.5"}, {"focus_y": "nan"}, {"focus_x": "x"}]
)
def test_descriptions_and_places_within_bounds(alice, values):
    row = developed(alice)
    form = {"text": "Look", "media": [row.pk], f"picture-{row.pk}-alt": "A cat"}
    form |= {f"picture-{row.pk}-{name}": value for name, value in values.items()}
    assert browser(alice).post("/compose", form).status_code == 422
    assert not Post.objects.exists()


@pytest.mark.parametrize("ids", [["x"], ["-1"], ["9" * 30], ["\u0663"]])
def test_ids_that_are_none(alice, ids):
    assert browser(alice).post("/compose", {"text": "Look", "media": ids}).status_code == 302
    assert not Post.objects.get().has_media


def test_the_picture_of_another_is_not_shown_in_ones_composer(alice, bob):
    row = developed(bob, alt="Private")
    answer = browser(alice).post(
        "/compose", {"text": "", "media": [row.pk], f"picture-{row.pk}-alt": "Mine now"}
    )
    assert "Private" not in answer.content.decode()
    row.refresh_from_db()
    assert row.alt == "Private"


def test_one_picture_at_a_time(alice):
    client = browser(alice)
    answer = client.post("/pictures", {"picture": upload(), "prefix": "part-1-"})
    row = Media.objects.get()
    assert answer.status_code == 200
    assert f'name="part-1-media" value="{row.pk}"' in answer.content.decode()
    assert client.post("/pictures", {"picture": upload(b"<svg/>")}).status_code == 422
    assert client.post("/pictures", {}).status_code == 422
    assert (
        '"><script'
        not in client.post(
            "/pictures", {"picture": upload(), "prefix": '"><script'}
        ).content.decode()
    )


def test_pictures_are_sent_so_often_and_no_oftener(alice, bob):
    client = browser(alice)
    for _ in range(UPLOADS):
        assert client.post("/pictures", {"picture": upload()}).status_code == 200
    answer = client.post("/pictures", {"picture": upload()})
    assert answer.status_code == 422
    assert "Try again in half an hour" in answer.content.decode()
    assert client.post("/compose", {"text": "Look", "pictures": [upload()]}).status_code == 422
    assert browser(bob).post("/pictures", {"picture": upload()}).status_code == 200


def test_a_description_is_changed_by_its_owner_alone(alice, bob):
    row = developed(alice)
    publish_post(author=alice, draft=PostInput("Look", media_ids=(row.pk,)))
    form = {f"picture-{row.pk}-alt": "A cat", f"picture-{row.pk}-focus_x": "0.3"}
    assert browser(bob).post(f"/pictures/{row.pk}", form).status_code == 404
    assert browser(bob).get(f"/pictures/{row.pk}/state").status_code == 404
    assert (
        browser(alice)
        .post(f"/pictures/{row.pk}", {f"picture-{row.pk}-alt": "a" * 1501})
        .status_code
        == 422
    )
    assert browser(alice).post(f"/pictures/{row.pk}", form).status_code == 302
    row.refresh_from_db()
    assert (row.alt, row.focus_x) == ("A cat", 0.3)


# What readers see


def test_a_card_knows_all_sizes_and_what_is_waiting(alice, bob):
    ready, waiting = developed(alice, alt="A <cat>", focus_x=-1), sent(alice)
    failed = sent(alice, b"GIF89a nothing")
    ids = (ready.pk, waiting.pk, failed.pk)
    made = publish_post(author=alice, draft=PostInput("Look", media_ids=ids))
    media.process_media(failed.pk)
    page = browser(bob).get(made.get_absolute_url()).content.decode()
    assert 'width="300" height="200" loading="lazy" decoding="async" alt="A &lt;cat&gt;"' in page
    assert "focus-x-0 focus-y-5" in page
    assert f'srcset="/media/{ready.folder}/300.webp 300w"' in page
    assert "being processed" in page
    assert "left out" not in page
    own = browser(alice).get(made.get_absolute_url()).content.decode()
    assert "only you see this: The file is damaged" in own


def test_sensitive_pictures_are_behind_a_summary(alice, client):
    row = developed(alice)
    made = publish_post(
        author=alice, draft=PostInput("Look", media_ids=(row.pk,), is_sensitive=True)
    )
    assert (
        '<details class="sensitive-overlay">'
        in client.get(made.get_absolute_url()).content.decode()
    )


def test_all_of_a_post_with_a_warning_is_behind_it(alice, client):
    row = developed(alice)
    made = publish_post(
        author=alice, draft=PostInput("Look", media_ids=(row.pk,), warning="Spiders")
    )
    page = client.get(made.get_absolute_url()).content.decode()
    behind = page[page.index('<details class="post__cw">') :]
    assert "media-grid" in behind[: behind.index("</details>")]
    assert "sensitive-overlay" not in page


def published(author: User, **draft: object) -> Media:
    row = developed(author)
    publish_post(author=author, draft=PostInput("Look", media_ids=(row.pk,), **draft))
    row.refresh_from_db()
    return row


def test_a_picture_is_served_for_some_minutes(alice, client, django_assert_num_queries):
    row = published(alice)
    with django_assert_num_queries(1):
        answer = client.get(row.url)
    assert answer.status_code == 200
    assert answer.content[8:12] == b"WEBP"
    assert answer["Content-Type"] == "image/webp"
    assert answer["Cache-Control"] == "public, max-age=300, must-revalidate"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not answer.has_header("Vary")
    again = client.get(row.url, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again["Cache-Control"], again["ETag"]) == (
        304,
        answer["Cache-Control"],
        answer["ETag"],
    )
    assert client.get(row.url, headers={"If-None-Match": f"W/{answer['ETag']}"}).status_code == 304
    assert client.head(row.url)["Content-Length"] == answer["Content-Length"]


ASKED = {
    "plainly": lambda name: {},
    "by validator": lambda name: {"If-None-Match": f'"{name}"'},
    "by any validator": lambda name: {"If-None-Match": "*"},
    "by date": lambda name: {"If-Modified-Since": "Fri, 27 Nov 2099 12:00:00 GMT"},
    "in part": lambda name: {"Range": "bytes=0-10"},
}


def statuses_of(client: Client, row: Media) -> set[int]:
    """Return how the files of a picture are answered, however they are asked for."""
    name = f"{row.folder}/300.webp"
    return {
        getattr(client, method)(f"/media/{name}", headers=headers(name)).status_code
        for method in ("get", "head")
        for headers in ASKED.values()
    }


@pytest.mark.parametrize("are_files_removed", [True, False], ids=["and swept", "not yet swept"])
def test_a_picture_of_a_deleted_post_is_gone_however_it_is_asked_for(alice, are_files_removed):
    row = published(alice)
    delete_post(post=row.post)
    if are_files_removed:
        services.delete_orphaned_files()
    assert statuses_of(Client(), row) == statuses_of(browser(alice), row) == {404}


def test_a_picture_whose_file_is_lost_or_that_never_was_is_not_there(alice):
    row = published(alice)
    assert statuses_of(Client(), Media(folder="00/" + "0" * 32)) == {404}
    services.delete_path(row.folder)
    assert statuses_of(Client(), row) == {404}


def test_a_picture_that_an_edit_took_out_is_gone(alice):
    row = published(alice)
    media.replace_media(row.post, [])
    assert statuses_of(Client(), row) == statuses_of(browser(alice), row) == {404}


def test_a_picture_of_a_suspended_or_deleted_author_is_gone(alice):
    row = published(alice)
    User.objects.filter(pk=alice.pk).update(suspended_at=timezone.now())
    assert statuses_of(Client(), row) == {404}
    alice.delete()
    assert statuses_of(Client(), row) == {404}


@pytest.mark.parametrize(
    ("visibility", "readers"), [("followers", "alice bob"), ("direct", "alice dora")]
)
def test_a_picture_that_is_not_for_everyone_is_for_the_readers_of_its_post(
    alice, bob, visibility, readers
):
    people = {"alice": alice, "bob": bob, "dora": person("dora"), "eve": person("eve")}
    follow(follower=bob, followed=alice)
    row = developed(alice)
    made = publish_post(
        author=alice,
        draft=PostInput(
            "@dora" * (visibility == "direct"), visibility=visibility, media_ids=(row.pk,)
        ),
    )
    assert client_statuses(people, row.url) == {
        name: 200 if name in readers.split() else 404 for name in people
    }
    assert Client().get(row.url).status_code == 404
    answer = browser(alice).get(row.url)
    assert answer["Cache-Control"] == "private, no-cache"
    again = browser(alice).get(row.url, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again["Cache-Control"]) == (304, "private, no-cache")
    assert statuses_of(Client(), row) == statuses_of(browser(people["eve"]), row) == {404}
    delete_post(post=made)
    assert statuses_of(browser(alice), row) == {404}


def client_statuses(people: dict[str, User], url: str) -> dict[str, int]:
    return {name: browser(person).get(url).status_code for name, person in people.items()}


def test_a_picture_in_no_post_is_for_whoever_sent_it(alice, bob):
    row = developed(alice)
    assert client_statuses({"alice": alice, "bob": bob}, row.url) == {"alice": 200, "bob": 404}
    assert Client().get(row.url).status_code == 404
    assert browser(alice).get(row.url)["Cache-Control"] == "private, no-cache"


def test_nothing_else_is_served(alice, client):
    row = sent(alice)
    default_storage.save("ab/note.txt", io.BytesIO(b"private"))
    names = [
        row.source,
        "ab/note.txt",
        row.folder,
        f"{row.folder}/300.webp",
        "../settings.py",
        "ab/../ab/note.txt",
        "",
    ]
    for name in [*names, f"{row.folder}/300.webp/", "%2e%2e/x.webp", f"{row.folder}/..%2f300.webp"]:
        assert client.get(f"/media/{name}").status_code == 404, name


# Shown once they are ready


def part_of(client: Client, made: Post, waiting: int):
    return client.get(
        f"/posts/{made.pk}/pictures?waiting={waiting}", headers={"HX-Request": "true"}
    )


def test_a_card_asks_for_pictures_until_they_are_ready(alice):
    rows = [sent(alice), sent(alice)]
    made = publish_post(
        author=alice, draft=PostInput("Look", media_ids=tuple(row.pk for row in rows))
    )
    client = Client()
    page = client.get(made.get_absolute_url()).content.decode()
    assert f'data-poll-image="/posts/{made.pk}/pictures?waiting=2"' in page
    assert ">Refresh</a>" in page
    assert part_of(client, made, 2).status_code == 204
    media.process_media(rows[0].pk)
    answer = part_of(client, made, 2)
    assert answer.status_code == 200
    assert f'data-poll-image="/posts/{made.pk}/pictures?waiting=1"' in answer.content.decode()
    media.process_media(rows[1].pk)
    assert "data-poll-image" not in part_of(client, made, 1).content.decode()
    assert "data-poll-image" not in client.get(made.get_absolute_url()).content.decode()
    assert client.get(f"/posts/{made.pk}/pictures")["Location"] == made.get_absolute_url()


def test_the_author_is_told_in_their_place_of_what_failed(alice, bob):
    row = sent(alice, b"GIF89a nothing")
    made = publish_post(author=alice, draft=PostInput("Look", media_ids=(row.pk,)))
    media.process_media(row.pk)
    assert "The file is damaged" in part_of(browser(alice), made, 1).content.decode()
    assert "The file is damaged" not in part_of(browser(bob), made, 1).content.decode()


def test_pictures_for_followers_are_answered_to_nobody_else(alice, bob):
    made = publish_post(
        author=alice, draft=PostInput("Look", media_ids=(sent(alice).pk,), visibility="followers")
    )
    assert part_of(browser(bob), made, 5).status_code == 404
    assert part_of(Client(), made, 5).status_code == 404
    assert part_of(browser(alice), made, 5).status_code == 200
