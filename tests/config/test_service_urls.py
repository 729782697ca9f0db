import pytest

from config.service_urls import build_celery_broker_url, build_mail_settings


@pytest.mark.parametrize(
    ("url", "port", "encryption"),
    [
        ("smtps://user:p%40ss@mail.example.org", 465, "EMAIL_USE_SSL"),
        ("smtp+tls://user:p%40ss@mail.example.org", 587, "EMAIL_USE_TLS"),
        ("smtp://user:p%40ss@mail.example.org", 25, None),
        ("smtps://user:p%40ss@mail.example.org:2465", 2465, "EMAIL_USE_SSL"),
    ],
)
def test_build_mail_settings_takes_encryption_and_port_from_the_scheme(url, port, encryption):
    made = build_mail_settings(url, is_production=True)
    assert made["EMAIL_BACKEND"] == "common.mail.QueuedEmailBackend"
    assert (made["EMAIL_HOST"], made["EMAIL_PORT"]) == ("mail.example.org", port)
    assert (made["EMAIL_HOST_USER"], made["EMAIL_HOST_PASSWORD"]) == ("user", "p@ss")
    assert [name for name in ("EMAIL_USE_SSL", "EMAIL_USE_TLS") if made.get(name)] == [
        encryption
    ] * bool(encryption)
    assert 0 < made["EMAIL_TIMEOUT"] <= 30


def test_build_mail_settings_without_a_url_prints_in_development_and_sends_none_in_production():
    assert "console" in build_mail_settings("", is_production=False)["EMAIL_BACKEND"]
    assert (
        build_mail_settings("", is_production=True)["EMAIL_BACKEND"]
        == "common.mail.DisabledEmailBackend"
    )


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://host:6379/2", "redis://host:6379/2"),
        ("unix:///run/valkey.sock?db=3", "redis+socket:///run/valkey.sock?virtual_host=3"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0"),
    ],
)
def test_build_celery_broker_url_translates_unix_sockets(url, broker):
    assert build_celery_broker_url(url) == broker
