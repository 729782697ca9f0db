"""Signed notes as other programs write and read them."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.transparency_log.notes import (
    MalformedNoteError,
    SignerKey,
    UnverifiedNoteError,
    VerifierKey,
    is_key_name,
    open_note,
    parse_key,
    parse_note,
    sign_note,
)

KEY = SignerKey("example.org/log", bytes(range(32)))
OTHER = SignerKey("example.org/log", bytes(range(1, 33)))
TEXT = "example.org/log\n3\nAAAA\n"


def test_a_note_opens_with_the_key_that_signed_it():
    assert open_note(sign_note(TEXT, KEY), [KEY.verifier]) == TEXT


def test_a_second_signature_by_a_stranger_changes_nothing():
    note = sign_note(TEXT, KEY) + sign_note(TEXT, OTHER).rpartition("\n\n")[2]
    assert len(parse_note(note).signatures) == 2
    assert open_note(note, [KEY.verifier]) == TEXT


def test_a_note_of_a_stranger_does_not_open():
    with pytest.raises(UnverifiedNoteError, match="no signature"):
        open_note(sign_note(TEXT, OTHER), [KEY.verifier])


def test_one_wrong_signature_by_a_known_key_spoils_the_note():
    wrong = sign_note("example.org/log\n4\nAAAA\n", OTHER).rpartition("\n\n")[2]
    with pytest.raises(UnverifiedNoteError, match="wrong"):
        open_note(sign_note(TEXT, KEY) + wrong, [KEY.verifier, OTHER.verifier])


@settings(deadline=None)
@given(st.data())
def test_a_note_with_one_flipped_bit_does_not_open(data):
    note = sign_note(TEXT, KEY).encode()
    bit = data.draw(st.integers(0, len(note) * 8 - 1))
    changed = (int.from_bytes(note, "big") ^ (1 << bit)).to_bytes(len(note), "big")
    # Bytes that are not UTF-8 are refused by a ValueError as well.
    with pytest.raises(ValueError):
        open_note(changed.decode(), [KEY.verifier])


def test_a_key_survives_its_one_line_form():
    assert parse_key(str(KEY.verifier)) == KEY.verifier


@pytest.mark.parametrize(
    "line", ["", "name", "name+00000000", "na me+00000000+AQ==", str(KEY.verifier)[:-1]]
)
def test_what_is_no_key_is_refused(line):
    with pytest.raises(MalformedNoteError):
        parse_key(line)


@pytest.mark.parametrize("text", ["no newline", "a tab\t\n", "carriage return\r\n"])
def test_only_clean_text_is_signed(text):
    with pytest.raises(MalformedNoteError):
        sign_note(text, KEY)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [("example.org/log", True), ("", False), ("a b", False), ("a+b", False), ("a\u00a0b", False)],
)
def test_names_of_keys(name, allowed):
    assert is_key_name(name) is allowed


@pytest.fixture
def vectors(shared_data) -> dict:
    return json.loads((shared_data / "conformance" / "signed-note.json").read_text())


@pytest.fixture
def keys(vectors) -> dict[str, VerifierKey]:
    return {name: parse_key(line) for name, line in vectors["verifier_keys"].items()}


@pytest.mark.shared
def test_published_notes_open(vectors, keys):
    for case in vectors["valid"]:
        assert open_note(case["msg"], [keys[name] for name in case["known"]]) == vectors["text"]


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["unverified", "invalid_signature"])
def test_published_notes_that_nobody_known_signed_stay_shut(vectors, keys, kind):
    for case in vectors[kind]:
        with pytest.raises(ValueError):
            open_note(case["msg"], [keys[name] for name in case["known"]])


@pytest.mark.shared
def test_published_malformed_notes_are_refused(vectors, keys):
    for case in vectors["malformed"]:
        with pytest.raises(ValueError):
            parse_note(case["msg"] if "msg" in case else bytes.fromhex(case["msg_hex"]).decode())


@pytest.mark.shared
def test_published_bad_keys_are_refused(vectors):
    for case in vectors["bad_verifier_keys"]:
        with pytest.raises(MalformedNoteError):
            parse_key(case["key"])


@pytest.mark.shared
def test_we_sign_as_published(vectors):
    name, seed = (
        vectors["signer_key_test_only"].split("+")[2],
        vectors["signer_key_test_only"].split("+", 4)[4],
    )
    key = SignerKey(name, base64.b64decode(seed)[1:])
    assert sign_note(vectors["text"], key) == vectors["valid"][0]["msg"]
