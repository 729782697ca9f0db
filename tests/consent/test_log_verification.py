"""`verify_log` finds whatever was changed behind the triggers' back, and says where."""

from base64 import b64encode
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from consent.models import Checkpoint, ConsentEvent, ConsentState, LogNode
from consent.transparency_log.checkpoints import sign_checkpoint
from consent.transparency_log.notes import SignerKey, sign_note
from consent.transparency_log.verification import Verification, surplus_nodes
from tests.consent.ledger import behind_the_triggers_back, fill
from tests.factories import grant, person, withdraw


@pytest.fixture
def ledger(alice) -> None:
    """300 events, signed at 1, 2, 280 and 300."""
    for total in (1, 2, 280, 300):
        fill(alice, total)
        sign_checkpoint()


def verdict(command: str = "verify_log", **options) -> str:
    out = StringIO()
    try:
        call_command(command, stdout=out, **options)
    except CommandError as error:
        return str(error)
    return out.getvalue().strip()


def set_column(column: str, expression: str, position: int) -> None:
    behind_the_triggers_back(
        f"UPDATE consent_consentevent SET {column} = {expression} WHERE position = %s", [position]
    )


def test_a_sound_log(ledger):
    assert verdict() == "valid: 300 events, 4 checkpoints"


@pytest.mark.django_db
def test_an_empty_log():
    assert verdict() == "valid: 0 events, 0 checkpoints"
    sign_checkpoint()
    assert verdict() == "valid: 0 events, 1 checkpoints"


def test_what_is_not_signed_yet_is_read_too(ledger, alice):
    fill(alice, 310)
    assert verdict() == "valid: 310 events, 4 checkpoints"
    set_column("decision", "'withdrawn'", 305)
    assert verdict().startswith("invalid:\nposition 305 was changed")


@pytest.mark.parametrize(
    ("column", "expression"),
    [
        ("subject", "gen_random_uuid()"),
        ("scope", "'account'"),
        ("post_id", "post_id + 1"),
        ("purpose", "'evaluation'"),
        ("decision", "'withdrawn'"),
        ("covers", "'everything'"),
        ("source", "'api'"),
        ("app", "'an app'"),
        ("at", "at + interval '1 microsecond'"),
        ("salt", "sha256(salt)"),
        ("leaf_hash", "sha256(leaf_hash)"),
    ],
)
def test_a_change_in_any_column_is_found(ledger, column, expression):
    if column == "scope":
        behind_the_triggers_back(
            "ALTER TABLE consent_consentevent DROP CONSTRAINT post_id_goes_with_scope_post"
        )
    set_column(column, expression, 7)
    assert verdict().startswith("invalid:\nposition 7 was changed")


def test_another_notice_is_found(ledger):
    other = withdraw(person(), "open_release").notice_id
    set_column("notice_id", str(other), 7)
    assert verdict().startswith("invalid:\nposition 7 was changed")


@pytest.mark.parametrize(
    "change", ["text = 'something milder'", "text_sha256 = sha256(text_sha256)"]
)
def test_other_words_in_a_notice_are_found(ledger, change):
    behind_the_triggers_back(f"UPDATE consent_notice SET {change}")
    assert "the text of notice pretraining/" in verdict()


def test_verify_log_finds_a_notice_that_asks_nobody_again(ledger):
    behind_the_triggers_back(
        "UPDATE consent_notice SET is_material = NOT is_material WHERE purpose = 'pretraining'"
    )
    assert "notice pretraining/1/en was changed" in verdict()


def test_verify_log_finds_two_people_whose_subjects_were_swapped(ledger, alice, bob):
    mine, other = grant(alice).subject, grant(bob).subject
    assert verdict().startswith("valid")
    behind_the_triggers_back(
        "ALTER TABLE consent_subject DROP CONSTRAINT consent_subject_user_id_key"
    )
    behind_the_triggers_back(
        "UPDATE consent_subject SET user_id = CASE id WHEN %s THEN %s ELSE %s END WHERE id IN (%s, %s)",
        [mine, bob.pk, alice.pk, mine, other],
    )
    assert f"subject {mine} was changed" in verdict()
    assert f"subject {other} was changed" in verdict()


def test_verify_log_takes_the_seals_of_an_earlier_key(ledger, bob, settings):
    settings.SIGNING_KEY = b64encode(bytes(reversed(range(32)))).decode()
    sign_checkpoint()
    grant(bob)
    assert verdict().startswith("valid")


def test_every_changed_position_is_named(ledger):
    for position in (7, 90, 290):
        set_column("decision", "'withdrawn'", position)
    assert [line.split()[1] for line in verdict().splitlines()[1:]] == ["7", "90", "290"]


@pytest.mark.parametrize("position", [0, 100, 299])
def test_a_deleted_row_is_found(ledger, position):
    behind_the_triggers_back("DELETE FROM consent_consentevent WHERE position = %s", [position])
    assert verdict().startswith(f"invalid:\nposition {position} is missing")


def test_a_deleted_end_is_found(ledger):
    behind_the_triggers_back("DELETE FROM consent_consentevent WHERE position >= 290")
    assert verdict().startswith("invalid:\npositions 290 to 299 are missing: signed")


def test_a_ledger_emptied_whole_is_found(ledger):
    behind_the_triggers_back("DELETE FROM consent_consentevent")
    assert verdict().startswith("invalid:\npositions 0 to 299 are missing: signed")


def rewrite(position: int, **changes: object) -> None:
    """Change a row and make its own hash fit, as somebody would who knows how."""
    event = ConsentEvent.objects.select_related("notice").get(position=position)
    for name, value in changes.items():
        setattr(event, name, value)
    columns = ", ".join(f"{name} = %s" for name in changes)
    behind_the_triggers_back(
        f"UPDATE consent_consentevent SET {columns}, leaf_hash = %s WHERE position = %s",
        [*changes.values(), event.expected_leaf_hash(), position],
    )


def test_a_row_rewritten_with_its_hash_is_found_between_two_checkpoints(ledger):
    rewrite(285, decision="withdrawn")
    assert (
        verdict()
        == "invalid:\npositions 280 to 299 are changed: not what the checkpoint at 300 signed"
    )


def test_two_rows_swapped_with_their_hashes_are_found_under_their_node(ledger):
    rewrite(100, post_id=101)
    rewrite(101, post_id=100)
    said = verdict().splitlines()
    assert said[1] == "node 1/0 was changed: positions 0 to 255 are beneath it"
    assert said[2] == "positions 2 to 279 are changed: not what the checkpoint at 280 signed"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("root = sha256(root)", "columns"),
        ("size = 281", "columns"),
        ("note = replace(note, '280', '281')", "wrong signature"),
        ("note = 'nonsense'", "signature"),
    ],
)
def test_a_changed_checkpoint_is_found(ledger, change, said):
    behind_the_triggers_back(f"UPDATE consent_checkpoint SET {change} WHERE size = 280")
    assert said in verdict()
    assert "the checkpoint at 28" in verdict()


def test_a_checkpoint_by_another_key_is_found(ledger):
    text = Checkpoint.objects.get(size=280).note.rpartition("\n\n")[0] + "\n"
    forged = sign_note(text, SignerKey(text.split("\n")[0], bytes(32)))
    behind_the_triggers_back("UPDATE consent_checkpoint SET note = %s WHERE size = 280", [forged])
    assert "the checkpoint at 280 was changed: no signature by a known key" in verdict()


@pytest.mark.parametrize(
    "change", ["public_key = sha256(public_key)", "name = 'elsewhere.example/log'"]
)
def test_a_changed_key_is_found(ledger, change):
    behind_the_triggers_back(f"UPDATE consent_logkey SET {change}")
    assert "the checkpoint at 1 was changed" in verdict()


def test_a_forged_node_is_found(ledger):
    behind_the_triggers_back("UPDATE consent_lognode SET hash = sha256(hash)")
    assert verdict() == "invalid:\nnode 1/0 was changed: positions 0 to 255 are beneath it"


def test_a_missing_node_is_found(ledger):
    behind_the_triggers_back("DELETE FROM consent_lognode")
    assert verdict() == "invalid:\n1 of the 1 nodes of level 1 are missing"


@pytest.mark.parametrize(("level", "index"), [(1, 1), (2, 0), (1, -1), (0, 0)])
def test_a_node_of_nothing_is_found(ledger, level, index):
    LogNode.objects.bulk_create([LogNode(level=level, index=index, hash=bytes(32))])
    assert verdict() == f"invalid:\nnode {level}/{index} is of no events"


def test_nodes_of_events_that_came_during_the_walk_are_no_problem(ledger):
    assert list(surplus_nodes(10)) == []


def test_the_walk_reads_in_batches(alice, django_assert_max_num_queries):
    fill(alice, 5000)
    sign_checkpoint()
    # The end, the notices and the sums, then three for each 2,048 events.
    with django_assert_max_num_queries(20):
        assert list(Verification().problems()) == []


def test_the_state_is_what_the_ledger_says(ledger):
    assert verdict("rebuild_consent") == "equal: the state is what the ledger says"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DELETE FROM consent_consentstate WHERE event_id = 7", ["missing"]),
        (
            "UPDATE consent_consentstate SET purpose = 'evaluation' WHERE event_id = 7",
            ["surplus", "missing"],
        ),
    ],
)
def test_a_state_that_differs_is_found_and_made_anew(ledger, change, said):
    behind_the_triggers_back(change)
    lines = verdict("rebuild_consent").splitlines()
    assert sorted(line.split(":")[0] for line in lines[1:]) == sorted(said)
    assert verdict("rebuild_consent", write=True) == "equal: the state is what the ledger says"
    assert verdict("rebuild_consent") == "equal: the state is what the ledger says"


def test_the_state_keeps_up_after_it_was_made_anew(alice):
    grant(alice)
    verdict("rebuild_consent", write=True)
    withdraw(alice)
    assert ConsentState.objects.get().event.decision == "withdrawn"
    assert verdict("rebuild_consent").startswith("equal")
