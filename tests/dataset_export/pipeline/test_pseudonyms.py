import hmac
from uuid import UUID

import pytest

from dataset_export.pipeline.pseudonyms import Pseudonyms, _Code

from .factories import PSEUDONYMS


@pytest.mark.parametrize("message", [b"", b"x", b"a longer message " * 20])
@pytest.mark.parametrize("key", [b"", b"k" * 32, bytes(range(64))])
def test_codes_are_hmac_sha256(key, message):
    assert _Code(key).digest(message) == hmac.digest(key, message, "sha256")


def test_a_key_longer_than_a_block_is_refused():
    with pytest.raises(ValueError, match="64 bytes"):
        _Code(bytes(65))


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
        PSEUDONYMS.salt(number).hex(),
        PSEUDONYMS.conversation_salt(number).hex(),
    }
    assert len({name[:12] for name in names}) == 6
    assert sorted(map(len, names)) == [12, 32, 32, 32, 32, 32]


def test_handles_have_no_case():
    assert PSEUDONYMS.handle("Ana@Social.Example") == PSEUDONYMS.handle("ana@social.example")


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="16 bytes"):
        Pseudonyms(b"short")
