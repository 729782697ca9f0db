"""Which names people may show."""

import pytest

BAD = ["\u202egnp.ylimaf", "a\u2067b", "\u2800\u3164", "\u200b"]


@pytest.mark.parametrize("name", BAD)
def test_a_name_that_is_not_seen_or_turns_others_is_refused_beside_the_field(client, alice, name):
    client.force_login(alice)
    response = client.post("/settings/profile", {"display_name": name})
    assert response.status_code == 422
    assert 'id="id_display_name_error"' in response.content.decode()
    alice.refresh_from_db()
    assert alice.display_name == ""


@pytest.mark.parametrize("name", ["", "محمد", "Ana 🌻", "עברית"])
def test_other_names_are_taken(client, alice, name):
    client.force_login(alice)
    assert client.post("/settings/profile", {"display_name": name}).status_code == 302
    alice.refresh_from_db()
    assert alice.display_name == name
