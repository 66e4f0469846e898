"""``send``: what it asks for, and what the journey does about a message that was late, refused or in doubt."""

from datetime import timedelta

from journey.effects import SendMessage
from journey.load import check, load
from tests.journey.folders import folder, journey
from tests.journey.player import BEGAN, Player


def asked(player: Player) -> SendMessage:
    """The message that is asked for."""
    effect = player.state.asked
    assert isinstance(effect, SendMessage)
    return effect


def test_a_plain_send_never_goes_out_of_date() -> None:
    message = asked(Player(journey("  - send: a\n")))
    assert (message.message, message.not_after, message.dedupe) == ("a", None, None)
    assert not message.ask_when_stale and not message.alert


def test_the_last_useful_moment_counts_from_when_the_step_is_reached_and_keeps_pace() -> None:
    steps = "  - wait: 1 day\n  - {send: a, stale_after: 2 days, dedupe: 30 days}\n"
    player = Player(journey(steps), pace=86_400.0)
    player.wake("1 second")
    assert asked(player).not_after == BEGAN + timedelta(seconds=3)
    assert asked(player).dedupe == 30.0


def test_another_text_takes_the_place_of_one_that_is_out_of_date_once() -> None:
    player = Player(journey("  - {send: a, stale_after: 1 day, when_stale: send b}\n"))
    player.answer("expired", at="2 days", reason="it was due until yesterday")
    instead = asked(player)
    assert (instead.message, instead.id, instead.not_after) == ("b", "send-a/1/1", None)
    said = [decision.text for decision in player.turn.decisions]
    assert said == ['The message "a" was out of date and not sent (it was due until yesterday); "b" is sent instead.']
    player.answer("expired", at="3 days")
    assert player.state.ended is not None and player.state.ended.outcome == "completed"


def test_what_is_out_of_date_is_skipped_unless_somebody_is_to_be_asked() -> None:
    assert not asked(Player(journey("  - {send: a, stale_after: 1 day}\n"))).ask_when_stale
    assert asked(Player(journey("  - {send: a, stale_after: 1 day, when_stale: ask}\n"))).ask_when_stale
    player = Player(journey("  - {send: a, stale_after: 1 day}\n  - send: b\n"))
    player.answer("expired", at="2 days")
    assert asked(player).message == "b"


def test_a_message_in_doubt_ends_the_journey_only_where_it_says_so() -> None:
    going, stopping = (Player(journey(f"  - {{send: a{more}}}\n  - send: b\n")) for more in ("", ", on_unknown: stop"))
    going.answer("unknown")
    stopping.answer("unknown")
    assert asked(going).message == "b"
    assert stopping.state.ended is not None and stopping.state.ended.outcome == "unknown"
    assert "the journey ends" in stopping.turn.decisions[0].text
    assert asked(Player(journey("  - {send: a, on_unknown: alert}\n"))).alert


def test_a_message_that_was_refused_does_not_end_a_journey_that_stops_at_doubts() -> None:
    player = Player(journey("  - {send: a, on_unknown: stop}\n  - send: b\n"))
    player.answer("refused", reason="no such mailbox")
    assert asked(player).message == "b"


def test_the_text_that_takes_the_place_is_looked_up_and_counts_as_used() -> None:
    steps = "".join(f"  - {{send: {a}, stale_after: 1 day, when_stale: send {b}}}\n" for a, b in ("ab", "cx"))
    found = [(problem.rule, problem.place.file) for problem in check(folder(steps))[1]]
    assert found == [("message-unused", "messages/d.md"), ("unknown-message", "story.yaml")]


def test_a_pinned_message_is_asked_for_by_the_hash_of_its_text_and_any_other_by_its_name() -> None:
    steps = "  - {send: a, pin: true, stale_after: 1 day, when_stale: send b}\n  - send: c\n"
    story = journey(steps)
    assert story.pinned.keys() == {"a", "b"}
    player = Player(story)
    assert asked(player).text == story.pinned["a"]
    player.answer("expired", at="2 days")
    assert asked(player).text == story.pinned["b"]
    player.answer("accepted", at="2 days")
    assert (asked(player).message, asked(player).text) == ("c", "")


def test_a_changed_text_makes_a_new_version_only_of_journeys_that_pin_it() -> None:
    def hashes(step: str) -> set[str]:
        found = (load(folder(f"  - {step}\n", a=f"---\nsubject: A\n---\n{word}\n")) for word in ("one", "two"))
        return {library.journeys["story"].hash for library in found}

    assert len(hashes("send: a")) == 1
    assert len(hashes("{send: a, pin: true}")) == 2


def test_nobody_writes_what_is_pinned() -> None:
    problems = check(folder("  - send: a\n", "pinned: {a: x}\n"))[1]
    assert ("unknown-key", '"pinned" is not known here.') in [(one.rule, one.message) for one in problems]
