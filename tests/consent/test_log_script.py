"""The script for outsiders: real receipts and checkpoints are valid, altered ones are not."""

import base64
import importlib.util
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from consent.models import ConsentEvent
from consent.receipts import PREFIX, build_receipt, canonical_json
from consent.transparency_log import merkle
from consent.transparency_log.checkpoints import sign_checkpoint
from consent.transparency_log.keys import signing_key
from consent.transparency_log.notes import SignerKey, base64_text, sign_note
from consent.transparency_log.tiles import database_subtree
from tests.consent.ledger import fill
from tests.factories import grant, post

SCRIPT = Path(__file__).resolve().parents[2] / "verify" / "commonplace_verify.py"
OTHER_KEY = base64.b64encode(bytes(range(7, 39))).decode()


@pytest.fixture(scope="module")
def script():
    """The script as a module, for checks by the thousand."""
    spec = importlib.util.spec_from_file_location("commonplace_verify", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    # Its dataclasses look for their module here.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def verify(*arguments: object) -> tuple[int, str]:
    """Run the script the way an outsider does: another process, away from this project."""
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd="/",
        timeout=60,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.strip()


def saved(folder: Path, content: object, name: str = "receipt.json") -> Path:
    file = folder / name
    file.write_text(
        content if isinstance(content, str) else json.dumps(content, indent=2, ensure_ascii=False)
    )
    return file


def receipt_at(position: int) -> dict:
    return build_receipt(
        ConsentEvent.objects.select_related("notice").get(position=position), "alice"
    )


def our_key() -> str:
    return str(signing_key().verifier)


def test_a_receipt_is_valid(alice, tmp_path):
    fill(alice, 300)
    code, said = verify(saved(tmp_path, receipt_at(123)), "--key", our_key())
    assert (code, said.split(",")[0]) == (0, f"valid: position 123 of {signing_key().name}")


def test_a_receipt_about_a_post_and_from_an_app_is_valid(alice, tmp_path):
    written = post(alice)
    grant(alice, post_id=written.pk)
    event = ConsentEvent.objects.select_related("notice").get()
    event.pk, event.app, event.decision = None, "Café ☕", "cleared"
    event.seal().save(force_insert=True)
    code, said = verify(saved(tmp_path, receipt_at(1)))
    assert code == 0, said
    assert f"cleared pretraining for post {written.pk}" in said
    assert "compare it with one from elsewhere" in said


def test_the_downloads_are_valid(client, alice, tmp_path):
    fill(alice, 12)
    client.force_login(alice)
    one = saved(tmp_path, client.get("/settings/data/receipts/3.json").content.decode())
    assert verify(one, "--key", our_key())[0] == 0
    everything = saved(
        tmp_path, b"".join(client.get("/settings/data/receipts.jsonl")).decode(), "receipts.jsonl"
    )
    assert verify(everything, "--key", our_key()) == (0, "valid: 12 receipts")
    lines = everything.read_text().splitlines()
    lines[4] = lines[4].replace('"granted"', '"withdrawn"')
    code, said = verify(saved(tmp_path, "\n".join(lines) + "\n", "receipts.jsonl"))
    assert (code, said.split(": ")[1]) == (1, "line 5")


def test_no_flipped_bit_passes(alice, script, tmp_path):
    fill(alice, 20)
    content = saved(tmp_path, receipt_at(5)).read_bytes()
    trusted = [script.read_key(our_key())]
    assert script.check_receipt(content.decode(), trusted)
    chosen = random.Random(7)
    for byte in range(len(content)):
        altered = bytearray(content)
        altered[byte] ^= 1 << chosen.randrange(8)
        with pytest.raises((script.VerificationError, UnicodeError)):
            script.check_receipt(altered.decode(), trusted)


def test_a_flipped_bit_in_the_process_of_an_outsider(alice, tmp_path):
    grant(alice)
    content = bytearray(saved(tmp_path, receipt_at(0)).read_bytes())
    content[content.index(b"granted")] ^= 1
    (tmp_path / "receipt.json").write_bytes(content)
    assert verify(tmp_path / "receipt.json") == (
        1,
        "invalid: the receipt's signature is wrong: something in it was changed",
    )


def signed_anew(receipt: dict, **changes: object) -> dict:
    """What an operator could hand out who changes a receipt and signs it again."""
    changed = {**receipt, **changes}
    changed.pop("signature")
    return {
        **changed,
        "signature": base64_text(signing_key().sign(PREFIX + canonical_json(changed))),
    }


def test_the_operator_cannot_sign_another_past(alice, script):
    fill(alice, 20)
    receipt = receipt_at(5)
    event = {**receipt["event"], "decision": "withdrawn"}
    record = json.loads(json.dumps(receipt["dpv:hasRecordOfActivity"]))
    record["dpv:hasConsentStatus"]["@type"][0] = "dpv:ConsentWithdrawn"
    other = receipt_at(6)
    for changes, reason in [
        ({"event": event}, "not what was logged"),
        ({"position": 6}, "another position"),
        ({"salt": "00" * 32}, "not what was logged"),
        ({"entry": "00" * 32}, "not what was logged"),
        ({"leafHash": "00" * 32}, "not that of the entry"),
        ({"proof": other["proof"]}, "another position"),
        ({"proof": other["proof"], "position": 6}, "not in the log"),
        ({"proof": receipt["proof"].replace("index 5", "index 05")}, "not a decimal"),
        ({"dpv:hasRecordOfActivity": record}, "the decision in the record"),
        ({"dpv:hasRecordOfActivity": {}}, "not whole"),
        ({"event": None}, "no event"),
    ]:
        with pytest.raises(script.VerificationError, match=reason):
            script.check_receipt(json.dumps(signed_anew(receipt, **changes)), [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"a": 1, "a": 1}',
        '{"a": 1.5}',
        '{"a": NaN}',
        "{" * 5000,
        '{"key": "a+b+c"}',
    ],
)
def test_what_is_no_receipt_is_invalid(script, text):
    with pytest.raises(script.VerificationError):
        script.check_receipt(text, [])


def test_old_receipts_stay_valid_when_the_key_changes(alice, tmp_path, settings):
    grant(alice)
    old_key = our_key()
    old = saved(tmp_path, receipt_at(0), "old.json")
    settings.SIGNING_KEY = OTHER_KEY
    new = saved(tmp_path, receipt_at(0), "new.json")
    assert our_key() != old_key
    assert verify(old, "--key", old_key)[0] == 0
    assert verify(new, "--key", our_key())[0] == 0
    assert verify(old, "--key", old_key, "--key", our_key())[0] == 0
    assert "not a key that you trust" in verify(new, "--key", old_key)[1]


@pytest.mark.parametrize(("old", "new"), [(1, 300), (255, 300), (256, 300), (0, 5), (3, 3)])
def test_a_log_that_grew(alice, tmp_path, old, new):
    proof = []
    if old == 0:
        first = sign_checkpoint().note
    else:
        fill(alice, old)
        first = sign_checkpoint().note
    fill(alice, new)
    second = sign_checkpoint().note
    if 0 < old < new:
        proof = merkle.consistency_proof(old, new, database_subtree())
    files = [saved(tmp_path, first, "old"), saved(tmp_path, second, "new")]
    hashes = saved(tmp_path, "\n".join(map(base64_text, proof)) + "\n", "proof")
    assert verify(*files, "--key", our_key(), "--proof", hashes)[0] == 0
    if proof:
        hashes = saved(tmp_path, "\n".join(map(base64_text, proof[:-1])) + "\n", "proof")
        assert verify(*files, "--key", our_key(), "--proof", hashes)[0] == 1


def forged(size: int, root: bytes, key: SignerKey | None = None) -> str:
    signer = key or signing_key()
    return sign_note(f"{signer.name}\n{size}\n{base64_text(root)}\n", signer)


def test_a_log_that_did_not_grow_out_of_the_other(alice, tmp_path):
    fill(alice, 3)
    true = saved(tmp_path, sign_checkpoint().note, "true")
    stranger = SignerKey(signing_key().name, bytes(32))
    elsewhere = SignerKey("elsewhere.example/log", signing_key().seed)
    for note, reason, key in [
        (forged(3, bytes(32)), "contradict each other", our_key()),
        (forged(2, bytes(32)), "the newer one", our_key()),
        (forged(9, bytes(32), stranger), "not signed by a key that you trust", our_key()),
        (forged(9, bytes(32)), "needs --proof FILE or --log URL", our_key()),
        ("nonsense", "text, an empty line and signatures", our_key()),
        (forged(9, bytes(32), elsewhere), "two logs", str(elsewhere.verifier)),
    ]:
        code, said = verify(true, saved(tmp_path, note, "other"), "--key", our_key(), "--key", key)
        assert (code, reason in said) == (1, True), said
    assert "name the key" in verify(true, true)[1]


@pytest.mark.django_db(transaction=True)
def test_against_the_tiles_of_a_running_site(live_server, client, tmp_path, alice, settings):
    log = f"{live_server.url}/log"
    fill(alice, 5)
    old = saved(tmp_path, sign_checkpoint().note, "old")
    fill(alice, 700)
    settings.SIGNING_KEY = OTHER_KEY
    new = saved(tmp_path, sign_checkpoint().note, "new")
    code, said = verify(old, new, "--log", log)
    assert (code, said.split(";")[0]) == (
        0,
        "valid: the log of 5 events is the beginning of the log of 700",
    )
    other = saved(tmp_path, forged(5, bytes(32)), "other")
    assert "is not the beginning" in verify(other, new, "--log", log)[1]
    assert (
        "cannot be fetched"
        in verify(old, saved(tmp_path, forged(900, bytes(32)), "more"), "--log", log)[1]
    )
