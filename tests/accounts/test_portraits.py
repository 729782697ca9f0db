"""Pictures of people: shown once they are developed, one at a time, and gone when they are taken down."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import tasks
from accounts.models import ProfileImage, User
from accounts.services.profile_images import (
    process_profile_image,
    remove_profile_images,
    upload_profile_image,
)
from common.images import services
from common.images.models import CLAIM_TIMEOUT
from common.task_names import TaskName
from tests.factories import post
from tests.pictures import jpeg


def shown(user: User, content: bytes | None = None, place: str = "avatar") -> ProfileImage:
    portrait = upload_profile_image(user=user, place=place, file=io.BytesIO(content or jpeg()))
    process_profile_image(portrait.pk)
    user.refresh_from_db()
    return portrait


def files() -> set[str]:
    root = Path(settings.MEDIA_ROOT)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_a_picture_is_shown_once_it_is_ready(alice, client):
    made = post(alice)
    portrait = upload_profile_image(user=alice, place="avatar", file=io.BytesIO(jpeg()))
    assert "avatar__image" not in client.get(made.get_absolute_url()).content.decode()
    process_profile_image(portrait.pk)
    alice.refresh_from_db()
    assert alice.avatar_url in client.get(made.get_absolute_url()).content.decode()
    assert alice.large_avatar_url in client.get("/@alice").content.decode()
    assert client.get(alice.avatar_url).status_code == 200


def test_a_new_picture_takes_the_place_of_the_old_one_and_its_files(alice):
    old = shown(alice)
    new = shown(alice)
    services.delete_orphaned_files()
    assert alice.avatar == new.folder
    assert not {name for name in files() if name.startswith(old.folder)}
    assert {f"{new.folder}/96.webp", f"{new.folder}/400.webp"} <= files()


def test_of_two_that_wait_the_newer_one_stays_whichever_is_ready_first(alice):
    first, second = (
        upload_profile_image(user=alice, place="avatar", file=io.BytesIO(jpeg())) for _ in range(2)
    )
    process_profile_image(second.pk)
    process_profile_image(first.pk)
    alice.refresh_from_db()
    assert alice.avatar == second.folder


def test_one_that_cannot_be_used_leaves_the_one_before(alice):
    before = shown(alice)
    client = Client()
    client.force_login(alice)
    shown(alice, b"GIF89a nothing")
    assert alice.avatar == before.folder
    assert (
        "could not be used. The file is damaged" in client.get("/settings/profile").content.decode()
    )


def test_taking_it_down(alice):
    portrait, header = shown(alice), shown(alice, place="header")
    waiting = upload_profile_image(user=alice, place="avatar", file=io.BytesIO(jpeg()))
    remove_profile_images(user=alice, place="avatar")
    process_profile_image(waiting.pk)
    services.delete_orphaned_files()
    alice.refresh_from_db()
    assert (alice.avatar, alice.header) == ("", header.folder)
    assert not {name for name in files() if name.startswith((portrait.folder, waiting.source))}


def test_files_go_with_the_account(alice):
    portrait = shown(alice)
    alice.delete()
    services.delete_orphaned_files()
    assert not {name for name in files() if name.startswith(portrait.folder)}


def test_the_sweep_finds_what_a_killed_worker_left(alice, monkeypatch):
    portrait, sent = upload_profile_image(user=alice, place="avatar", file=io.BytesIO(jpeg())), []
    monkeypatch.setattr(tasks, "enqueue_task", lambda name, pk: sent.append((name, pk)))
    ProfileImage.objects.claim(portrait.pk)
    tasks.retry_pending_profile_images()
    assert sent == []
    ProfileImage.objects.update(claimed_at=timezone.now() - CLAIM_TIMEOUT)
    tasks.retry_pending_profile_images()
    assert sent == [(TaskName.PROFILE_IMAGES_PROCESS, portrait.pk)]


@pytest.fixture
def browser(alice) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def test_the_form_takes_both_pictures(browser, alice):
    pictures = {place: SimpleUploadedFile("a.jpg", jpeg()) for place in ("avatar", "header")}
    form = {"display_name": "Ana", **pictures}
    assert browser.post("/settings/profile", form).status_code == 302
    assert set(alice.portraits.values_list("place", flat=True)) == {"avatar", "header"}
    for portrait in alice.portraits.order_by("pk"):
        process_profile_image(portrait.pk)
    page = browser.get("/@alice").content.decode()
    alice.refresh_from_db()
    assert alice.header_url in page
    assert (
        browser.post(
            "/settings/profile", {"remove_avatar": "on", "remove_header": "on"}
        ).status_code
        == 302
    )
    alice.refresh_from_db()
    assert (alice.avatar, alice.header) == ("", "")


def test_what_is_no_picture_is_refused_beside_its_field_and_nothing_is_saved(browser, alice):
    form = {"display_name": "New", "avatar": SimpleUploadedFile("a.svg", b"<svg/>")}
    answer = browser.post("/settings/profile", form)
    assert answer.status_code == 422
    assert "a.svg is no JPEG, PNG, WebP, GIF or AVIF picture." in answer.content.decode()
    alice.refresh_from_db()
    assert alice.display_name == ""


@pytest.mark.parametrize("place", ["avatar", "header"])
def test_a_picture_of_somebody_who_left_is_gone_however_it_is_asked_for(alice, bob, client, place):
    portrait = shown(alice, place=place)
    url = alice.avatar_url if place == "avatar" else alice.header_url
    answer = client.get(url)
    assert (answer.status_code, answer["Cache-Control"]) == (
        200,
        "public, max-age=300, must-revalidate",
    )
    asked = [{}, {"If-None-Match": answer["ETag"]}]
    User.objects.filter(pk=alice.pk).update(suspended_at=timezone.now())
    client.force_login(bob)
    assert [client.get(url, headers=headers).status_code for headers in asked] == [404, 404]
    alice.delete()
    assert [client.get(url, headers=headers).status_code for headers in asked] == [404, 404]
    services.delete_orphaned_files()
    assert [client.get(url, headers=headers).status_code for headers in asked] == [404, 404]
    assert not {name for name in files() if name.startswith(portrait.folder)}
