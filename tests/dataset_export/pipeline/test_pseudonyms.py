import hmac
from hashlib import sha256
from uuid import UUID

import pytest

from dataset_export.pipeline.pseudonyms import KeyedHash, Pseudonyms, consent_reference

from .factories import PSEUDONYMS


@pytest.mark.parametrize("message", [b"", b"x", b"a longer message " * 20])
@pytest.mark.parametrize("key", [b"", b"k" * 32, bytes(range(64))])
def test_codes_are_hmac_sha256(key, message):
    assert KeyedHash(key).digest(message) == hmac.digest(key, message, "sha256")


def test_a_key_longer_than_a_block_is_refused():
    with pytest.raises(ValueError, match="64 bytes"):
        KeyedHash(bytes(65))


def test_they_repeat_for_one_secret_and_differ_for_another():
    again = Pseudonyms(b"a secret of one snapshot")
    other = Pseudonyms(b"the secret of another snapshot")
    assert again.row(5) == PSEUDONYMS.row(5) != other.row(5)
    assert again.salt(5) == PSEUDONYMS.salt(5) != other.salt(5)


def test_each_kind_is_a_world_of_its_own():
    number = 12345
    names = {
        PSEUDONYMS.row(number),
        PSEUDONYMS.thread(number),
        PSEUDONYMS.author(UUID(int=number)),
        PSEUDONYMS.handle(str(number)),
        PSEUDONYMS.consent(number),
        PSEUDONYMS.consent_salt(number).hex(),
        PSEUDONYMS.order_key.hex()[:32],
        PSEUDONYMS.salt(number).hex(),
        PSEUDONYMS.conversation_salt(number).hex(),
    }
    assert len({name[:12] for name in names}) == 9
    assert sorted(map(len, names)) == [12, *[32] * 8]


def test_a_reference_to_a_decision_can_be_shown_to_be_it():
    salt = PSEUDONYMS.consent_salt(73894)
    assert PSEUDONYMS.consent(73894) == sha256(salt + (73894).to_bytes(8, "big")).hexdigest()[:32]
    assert (
        consent_reference(salt, 73894)
        == PSEUDONYMS.consent(73894)
        != consent_reference(salt, 73895)
    )
    assert Pseudonyms(b"the secret of another snapshot").consent(73894) != PSEUDONYMS.consent(73894)


def test_handles_have_no_case():
    assert PSEUDONYMS.handle("Ana@Social.Example") == PSEUDONYMS.handle("ana@social.example")


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="16 bytes"):
        Pseudonyms(b"short")
