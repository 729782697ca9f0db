"""What somebody wrote survives an expired form and a session that has ended, and goes out under no other account."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from common.lost_words import SESSION_KEY
from posts.models import Post
from tests.factories import PASSWORD, post

WORDS = "Bread & <b>butter</b>, at length"
ESCAPED = "Bread &amp; &lt;b&gt;butter&lt;/b&gt;, at length"
LONG_FORMS = {
    "/compose": {
        "text": WORDS,
        "visibility": "unlisted",
        "part-1-text": "Second part",
        "parts_count": "1",
    },
    "/drafts/save": {"text": WORDS},
    "/posts/{post}/edit": {"text": WORDS},
    "/settings/profile": {"display_name": "Alice", "bio": WORDS},
    "/settings/filters": {"phrase": WORDS},
    "/lists": {"title": WORDS},
}


@pytest.fixture
def forms(alice) -> dict[str, dict[str, str]]:
    made = post(alice, "Made before")
    return {
        path.format(post=made.pk): {**form, "written_by": str(alice.pk)}
        for path, form in LONG_FORMS.items()
    }


def strict(user=None) -> Client:
    client = Client(enforce_csrf_checks=True)
    if user:
        client.force_login(user)
    return client


def again(page: str) -> dict[str, str]:
    """Return the fields of the form with which the words are sent again."""
    form = re.search(
        r'<form class="form" method="post" action="([^"]*)".*?</form>', page, re.DOTALL
    )
    assert form is not None
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    return {
        **hidden,
        **dict(re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', form[0])),
    }


def test_the_writer_gets_an_expired_form_to_send_again(alice, forms):
    for path, form in forms.items():
        page = strict(alice).post(path, {**form, "csrfmiddlewaretoken": "a" * 64})
        assert page.status_code == 403
        html = page.content.decode()
        assert f'action="{path}"' in html
        assert f">{ESCAPED}</textarea>" in html, path
        assert "readonly" not in html
        sent = again(html)
        assert set(form) <= set(sent)
        assert len(sent["csrfmiddlewaretoken"]) == 64
        assert sent["csrfmiddlewaretoken"] != "a" * 64


def test_it_goes_out_as_it_was_written(alice, forms):
    client = strict(alice)
    page = client.post(
        "/compose", {**forms["/compose"], "csrfmiddlewaretoken": "a" * 64}
    ).content.decode()
    answer = client.post("/compose", {**again(page), "text": "Bread", "part-1-text": "Second part"})
    assert answer.status_code == 302
    assert list(Post.objects.order_by("pk").values_list("text", "visibility")[1:]) == [
        ("Bread", "unlisted"),
        ("Second part", "unlisted"),
    ]


@pytest.mark.parametrize("who", ["bob", None])
@pytest.mark.parametrize("mark", [True, False])
def test_others_get_words_to_copy_and_no_way_to_send_them(alice, bob, forms, who, mark):
    form = forms["/compose"] if mark else {"text": WORDS}
    page = strict(bob if who else None).post("/compose", form).content.decode()
    assert re.search(rf"<textarea [^>]*readonly>{re.escape(ESCAPED)}</textarea>", page)
    assert 'action="/compose"' not in page[page.index("lost-words") :]
    assert Post.objects.count() == 1


def test_a_form_that_another_site_sent_is_not_shown(alice, forms):
    answer = strict(alice).post(
        "/compose", forms["/compose"], headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert "butter" not in answer.content.decode()


def test_passwords_are_not_shown(db):
    form = {
        "login": "alice",
        "password": "my secret phrase of many words",
        "password1": "another phrase of words",
    }
    for path in ("/accounts/login/", "/accounts/signup/", "/compose"):
        page = strict().post(path, {**form, "text": "Words"}).content.decode()
        assert "phrase" not in page


def test_pictures_have_to_be_added_again_and_the_page_says_so(alice, forms):
    file = SimpleUploadedFile("bread.png", b"x", content_type="image/png")
    page = strict(alice).post("/compose", {**forms["/compose"], "pictures": file}).content.decode()
    assert "Add them again" in page


def log_in(client: Client, name: str, location: str):
    form = {
        "login": name,
        "password": PASSWORD,
        "next": location.partition("next=")[2].replace("%2F", "/"),
    }
    return client.post("/accounts/login/", form, follow=True).content.decode()


def test_words_come_back_after_the_log_in_that_a_form_asked_for(client, alice, forms):
    for path, form in forms.items():
        asked = client.post(path, form)
        assert asked.status_code == 302
        assert asked["Location"].startswith("/accounts/login/?next=")
        assert "Your text is kept" in client.get(asked["Location"]).content.decode()
        page = log_in(client, "alice", asked["Location"])
        assert f'action="{path}"' in page
        assert f">{ESCAPED}</textarea>" in page
        client.post("/accounts/logout/")
    assert Post.objects.count() == 1


def test_the_next_person_at_the_same_browser_reads_nothing_of_it(client, alice, bob, forms):
    asked = client.post("/compose", forms["/compose"])
    assert "butter" not in log_in(client, "bob", asked["Location"])
    assert "butter" not in client.get("/unsent").content.decode()
    client.post("/accounts/logout/")
    assert "butter" not in log_in(client, "alice", "next=%2Funsent")


def test_few_forms_are_kept_for_one_address(client, alice, forms):
    kept = [SESSION_KEY in browser_after(forms).session for _ in range(21)]
    assert kept == [*[True] * 20, False]


def browser_after(forms) -> Client:
    browser = Client()
    browser.post("/compose", forms["/compose"])
    return browser


def test_words_without_a_writer_are_there_to_copy_once(client, alice, bob):
    asked = client.post("/compose", {"text": WORDS})
    page = log_in(client, "bob", asked["Location"])
    assert re.search(rf"<textarea [^>]*readonly>{re.escape(ESCAPED)}</textarea>", page)
    assert 'action="/compose"' not in page[page.index("lost-words") :]
    assert "butter" not in client.get("/unsent").content.decode()
    assert not Post.objects.exists()


@pytest.mark.parametrize("path", ["/posts/1/like", "/@alice/follow"])
def test_acts_without_words_ask_for_the_log_in_as_before(client, alice, path):
    assert "unsent" not in client.post(path)["Location"]
    assert not client.session.keys()
