"""Mailed codes and links: one use, one transaction, alive from hand-over on."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.one_time_codes import service
from idp.foundation.one_time_codes.service import IssuedCode, Peeked, Purpose, Redeemed
from idp.foundation.one_time_codes.spacing import Allowed, Wait, may_send
from idp.foundation.results import Refused
from tests.flows.foundation.ground import OpenContext
from tests.parts.application import on_both_databases

pytestmark = on_both_databases

UNLOCK = Purpose.UNLOCK


def _issue(
    ctx: Context,
    transaction_id: str = "tab-1",
    purpose: Purpose = UNLOCK,
    subject: str = "account-1",
    *,
    is_handed_over: bool = True,
) -> IssuedCode:
    with writing(ctx.db):
        issued = service.issue(ctx, purpose, transaction_id=transaction_id, subject=subject)
        if is_handed_over:
            assert service.start_life(ctx, issued.id)
    return issued


def _enter(ctx: Context, code: str, transaction_id: str = "tab-1") -> Redeemed | Refused:
    with writing(ctx.db):
        return service.redeem_code(ctx, UNLOCK, transaction_id=transaction_id, code=code)


def _follow(ctx: Context, token: str, purpose: Purpose = UNLOCK) -> Redeemed | Refused:
    with writing(ctx.db):
        return service.redeem_link(ctx, purpose, token)


def _wrong(issued: IssuedCode, number: int = 1) -> str:
    return f"{(int(issued.code) + number) % 10**8:08}"


def test_a_code_is_eight_digits_and_works_as_people_type_it(ctx: Context) -> None:
    issued = _issue(ctx)
    assert len(issued.code) == 8
    assert issued.code.isdigit()
    typed = f" {issued.code[:4]} - {issued.code[4:]}\n"
    assert _enter(ctx, typed) == Redeemed("account-1", issued.id, "tab-1")


def test_RC_02_a_code_works_once_and_takes_its_link_along(ctx: Context) -> None:
    issued = _issue(ctx)
    assert isinstance(_enter(ctx, issued.code), Redeemed)
    assert _enter(ctx, issued.code) == service.NOT_ACCEPTED
    assert _follow(ctx, issued.link_token) == service.NOT_ACCEPTED


def test_RC_02_a_link_works_once_and_takes_its_code_along(ctx: Context) -> None:
    issued = _issue(ctx)
    assert isinstance(_follow(ctx, issued.link_token), Redeemed)
    assert _follow(ctx, issued.link_token) == service.NOT_ACCEPTED
    assert _enter(ctx, issued.code) == service.NOT_ACCEPTED


def test_RG_11_looking_at_a_link_consumes_nothing(ctx: Context) -> None:
    issued = _issue(ctx)
    for _ in range(10):
        peeked = service.peek_link(ctx, UNLOCK, issued.link_token)
        assert peeked == Peeked("account-1", "tab-1", issued.id, ctx.now())
    assert isinstance(_follow(ctx, issued.link_token), Redeemed)
    assert service.peek_link(ctx, UNLOCK, issued.link_token) is None


def test_RC_02_only_the_newest_code_of_a_transaction_works(ctx: Context) -> None:
    older, newer = _issue(ctx), _issue(ctx)
    assert _enter(ctx, older.code) == service.NOT_ACCEPTED
    assert _follow(ctx, older.link_token) == service.NOT_ACCEPTED
    assert isinstance(_enter(ctx, newer.code), Redeemed)


def test_RC_02_a_success_ends_what_other_transactions_asked_for(ctx: Context) -> None:
    here, elsewhere = _issue(ctx, "tab-1"), _issue(ctx, "tab-2")
    another_person = _issue(ctx, "tab-3", subject="account-2")
    assert isinstance(_enter(ctx, here.code), Redeemed)
    assert _enter(ctx, elsewhere.code, "tab-2") == service.NOT_ACCEPTED
    assert isinstance(_enter(ctx, another_person.code, "tab-3"), Redeemed)


def test_a_code_works_in_its_own_transaction_and_for_its_own_purpose_only(ctx: Context) -> None:
    issued = _issue(ctx)
    assert _enter(ctx, issued.code, "tab-2") == service.NOT_ACCEPTED
    with writing(ctx.db):
        other = service.redeem_code(
            ctx, Purpose.PASSWORD_RESET, transaction_id="tab-1", code=issued.code
        )
    assert other == service.NOT_ACCEPTED
    assert _follow(ctx, issued.link_token, Purpose.PASSWORD_RESET) == service.NOT_ACCEPTED
    assert service.peek_link(ctx, Purpose.PASSWORD_RESET, issued.link_token) is None
    assert isinstance(_enter(ctx, issued.code), Redeemed)


def test_five_wrong_tries_void_the_code_and_leave_the_link(ctx: Context) -> None:
    issued = _issue(ctx)
    for number in range(1, 6):
        assert _enter(ctx, _wrong(issued, number)) == service.NOT_ACCEPTED
    assert _enter(ctx, issued.code) == service.NOT_ACCEPTED
    assert isinstance(_follow(ctx, issued.link_token), Redeemed)


def test_tries_elsewhere_and_what_cannot_be_a_code_do_not_count(ctx: Context) -> None:
    issued = _issue(ctx)
    for number in range(1, 10):
        _enter(ctx, _wrong(issued, number), "tab-of-a-stranger")
        _enter(ctx, issued.code[:7])
        _enter(ctx, "١٢٣٤٥٦٧٨")
        _enter(ctx, "1" * 1_000_000)
    assert isinstance(_enter(ctx, issued.code), Redeemed)


def test_a_code_of_another_transaction_gets_its_own_five_tries(ctx: Context) -> None:
    mine, theirs = _issue(ctx, "tab-1"), _issue(ctx, "tab-2")
    for number in range(1, 6):
        _enter(ctx, _wrong(theirs, number), "tab-2")
    assert isinstance(_enter(ctx, mine.code), Redeemed)


def test_RC_02_of_parallel_redemptions_one_wins(ctx: Context, open_context: OpenContext) -> None:
    issued = _issue(ctx)
    ctx.db.rollback()

    def redeem(number: int) -> bool:
        with open_context() as own:
            answer = _enter(own, issued.code) if number % 2 else _follow(own, issued.link_token)
            return isinstance(answer, Redeemed)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(redeem, range(16))) == 1


def test_parallel_guesses_are_all_counted(ctx: Context, open_context: OpenContext) -> None:
    issued = _issue(ctx)
    ctx.db.rollback()

    def guess(number: int) -> None:
        with open_context() as own:
            _enter(own, _wrong(issued, number + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(guess, range(8)))
    assert ctx.db.scalar(text("SELECT tries FROM one_time_code")) == 5
    assert _enter(ctx, issued.code) == service.NOT_ACCEPTED


def test_RC_10_code_and_link_end_by_the_servers_clock(ctx: Context, clock: FixedClock) -> None:
    at_the_end, after_it = _issue(ctx, "tab-1"), _issue(ctx, "tab-2", subject="account-2")
    clock.advance(599)
    assert isinstance(_enter(ctx, at_the_end.code), Redeemed)
    clock.advance(1)
    assert _enter(ctx, after_it.code, "tab-2") == service.NOT_ACCEPTED
    assert _follow(ctx, after_it.link_token) == service.NOT_ACCEPTED
    assert service.peek_link(ctx, UNLOCK, after_it.link_token) is None


def test_the_link_of_a_registration_outlives_its_code(ctx: Context, clock: FixedClock) -> None:
    purpose = Purpose.EMAIL_VERIFICATION
    issued = _issue(ctx, purpose=purpose)
    clock.advance(3600)
    with writing(ctx.db):
        entered = service.redeem_code(ctx, purpose, transaction_id="tab-1", code=issued.code)
    assert entered == service.NOT_ACCEPTED
    clock.advance(23 * 3600 - 1)
    assert isinstance(_follow(ctx, issued.link_token, purpose), Redeemed)


def test_ML_02_life_starts_at_hand_over_and_not_at_the_request(
    ctx: Context, clock: FixedClock
) -> None:
    issued = _issue(ctx, is_handed_over=False)
    assert _enter(ctx, issued.code) == service.NOT_ACCEPTED
    assert _follow(ctx, issued.link_token) == service.NOT_ACCEPTED
    clock.advance(3000)
    with writing(ctx.db):
        assert service.start_life(ctx, issued.id)
    clock.advance(599)
    assert isinstance(_enter(ctx, issued.code), Redeemed)


def test_ML_02_a_dead_code_does_not_come_to_life(ctx: Context) -> None:
    replaced = _issue(ctx, is_handed_over=False)
    used = _issue(ctx)
    assert isinstance(_enter(ctx, used.code), Redeemed)
    with writing(ctx.db):
        assert not service.start_life(ctx, replaced.id)
        assert not service.start_life(ctx, used.id)
        assert not service.start_life(ctx, "unknown")


def test_DB_01_neither_code_nor_link_is_stored(ctx: Context) -> None:
    issued = _issue(ctx)
    kept = str(ctx.db.execute(text("SELECT * FROM one_time_code")).one())
    assert issued.code not in kept
    assert issued.link_token not in kept


def test_codes_that_can_no_longer_matter_are_purged(ctx: Context, clock: FixedClock) -> None:
    _issue(ctx)
    with writing(ctx.db):
        may_send(ctx, Purpose.UNLOCK, "ana@example.org")
    assert service.purge(ctx) == 0
    clock.advance(3 * 86400)
    assert service.purge(ctx) == 1
    assert ctx.db.scalar(text("SELECT count(*) FROM code_mail_count")) == 0


def _ask(ctx: Context, address: str, purpose: Purpose = Purpose.UNLOCK) -> Allowed | Wait:
    with writing(ctx.db):
        return may_send(ctx, purpose, address)


def test_RC_12_mails_to_one_address_are_spaced_and_bounded(ctx: Context, clock: FixedClock) -> None:
    address = "ana@example.org"
    assert _ask(ctx, address) == Allowed()
    assert _ask(ctx, address) == Wait(30)
    for wait in (30, 60, 120, 120):
        clock.advance(wait - 1)
        assert _ask(ctx, address) == Wait(1)
        clock.advance(1)
        assert _ask(ctx, address) == Allowed()
    clock.advance(600)
    assert _ask(ctx, address) == Wait(3600 - 330 - 600), "five in an hour"


def test_RC_12_a_day_has_twenty_mails(ctx: Context, clock: FixedClock) -> None:
    allowed = 0
    for _ in range(24 * 60):
        allowed += isinstance(_ask(ctx, "ana@example.org"), Allowed)
        clock.advance(59)
    assert allowed == 20


def test_RG_04_tags_dots_and_case_are_one_mailbox(ctx: Context) -> None:
    assert _ask(ctx, "Ana.Lopez+a@Gmail.com") == Allowed()
    assert _ask(ctx, "analopez@gmail.com") == Wait(30)
    assert _ask(ctx, "ana.lopez+other@gmail.com ") == Wait(30)
    assert _ask(ctx, "ana.lopez@example.org") == Allowed()
    assert _ask(ctx, "analopez@example.org") == Allowed(), "elsewhere a dot makes a difference"


def test_LG_05_registrations_by_strangers_use_up_no_mail_that_unlocks(
    ctx: Context, clock: FixedClock
) -> None:
    for _ in range(5):
        assert _ask(ctx, "ana@example.org", Purpose.EMAIL_VERIFICATION) == Allowed()
        clock.advance(120)
    assert isinstance(_ask(ctx, "ana@example.org", Purpose.EMAIL_VERIFICATION), Wait)
    assert _ask(ctx, "ana@example.org", Purpose.UNLOCK) == Allowed()


def test_parallel_requests_cause_one_mail(ctx: Context, open_context: OpenContext) -> None:
    def ask(_: int) -> bool:
        with open_context() as own:
            return isinstance(_ask(own, "ana@example.org"), Allowed)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1
