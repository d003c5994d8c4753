"""For any sequence of requests, refusals and good answers: never sooner than the pace, never while a host rests."""

import contextlib
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from harvest.commands import arguments
from harvest.errors import BadInput, Cancelled, Resting, Stopped
from harvest.http.throttle import (
    BURST,
    DEFAULT_PACE,
    FIRST_REST,
    MAX_CONNECTIONS,
    MAX_REST,
    PATIENCE,
    StopSignal,
    Throttle,
    connections,
)
from harvest.http.url import Mirror
from harvest.source import KEYED
from harvest.sources import wikiart
from tests.harvest.fakes import Clock, WatchedThrottle

PACES = {"quick": 0.0, "steady": 1.0, "slow": 7.5}
DEFAULT = 0.25
HOSTS = st.sampled_from([*PACES, "unnamed"])
A_HAIR = 1e-6  # seconds: what floats lose at 1.8e9


class AnyVisitor(RuleBasedStateMachine):
    """A visitor who asks several hosts, and hosts that answer as they like, late or never."""

    @initialize(seed=st.integers(0, 100))
    def open(self, seed: int) -> None:
        self.clock = Clock()
        self.throttle = Throttle(PACES, DEFAULT, self.clock.now, self.clock.wait)
        self.throttle.rng.seed(seed)
        self.pace = {**PACES, "unnamed": DEFAULT}
        self.in_flight: dict[str, list[float]] = {host: [] for host in self.pace}
        self.last = dict.fromkeys(self.pace, float("-inf"))
        self.rests_until = dict.fromkeys(self.pace, 0.0)
        self.refused_at = dict.fromkeys(self.pace, float("-inf"))
        self.since: dict[str, float | None] = dict.fromkeys(self.pace)
        self.refusals = dict.fromkeys(self.pace, 0)
        self.stopped = False

    @rule(host=HOSTS)
    def ask(self, host: str) -> None:
        if self.rests_until[host] > self.clock.now():
            with pytest.raises(Resting), self.throttle.slot(host):
                pass
            self.throttle.rest(host)
        with self.throttle.slot(host) as asked_at:
            assert asked_at == self.clock.now()
        assert asked_at >= self.last[host] + self.pace[host] - A_HAIR
        assert asked_at >= self.rests_until[host] - A_HAIR
        self.last[host] = asked_at
        self.in_flight[host].append(asked_at)

    @rule(seconds=st.floats(0.0, 1000.0))
    def let_time_pass(self, seconds: float) -> None:
        self.clock.wait(seconds)

    @rule(host=HOSTS, seconds=st.floats(0.0, 20.0))
    def slow_down(self, host: str, seconds: float) -> None:
        self.throttle.slow_down(host, seconds)
        self.pace[host] = max(self.pace[host], seconds)

    @precondition(lambda self: any(self.in_flight.values()))
    @rule(choice=st.data())
    def answer_well(self, choice: st.DataObject) -> None:
        host, asked_at = self._answered(choice)
        self.throttle.succeeded(host, asked_at)
        if asked_at > self.refused_at[host]:
            self.refusals[host], self.since[host] = 0, None

    @precondition(lambda self: any(self.in_flight.values()) and not self.stopped)
    @rule(choice=st.data(), wanted=st.none() | st.floats(0.1, 1.1 * PATIENCE), hangs_up=st.booleans())
    def refuse(self, choice: st.DataObject, wanted: float | None, *, hangs_up: bool) -> None:
        host, asked_at = self._answered(choice)
        wanted = None if hangs_up else wanted
        now, is_news = self.clock.now(), asked_at > self.refused_at[host]
        if is_news:
            self.refusals[host] += 1
            self.refused_at[host] = now
            self.since[host] = now if self.since[host] is None else self.since[host]
        try:
            rest = (
                self.throttle.disconnected(host, asked_at)
                if hangs_up
                else self.throttle.rejected(host, asked_at, wanted)
            )
        except Stopped as stop:
            self.stopped = "go on in" in str(stop)
            self.rests_until[host] = now + self.throttle.resting()[host]
            return
        backoff = min(MAX_REST, FIRST_REST * 2.0 ** (self.refusals[host] - 1)) if is_news else 0.0
        named = max(wanted or 0.0, self.rests_until[host] - now)
        assert max(backoff, named) - A_HAIR <= rest <= max(1.25 * backoff, named) + A_HAIR
        self.rests_until[host] = max(self.rests_until[host], now + rest)
        since = self.since[host]
        assert self.rests_until[host] - (now if since is None else since) <= PATIENCE + A_HAIR
        if hangs_up and self.refusals[host] >= BURST:
            self.pace[host] = max(self.pace[host], min(60.0, 2 * self.pace[host]))

    def _answered(self, choice: st.DataObject) -> tuple[str, float]:
        host = choice.draw(st.sampled_from([host for host, times in self.in_flight.items() if times]))
        return host, self.in_flight[host].pop(choice.draw(st.integers(0, len(self.in_flight[host]) - 1)))


AnyVisitor.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None, derandomize=True)
test_no_sequence_of_answers_makes_a_visitor_rude = AnyVisitor.TestCase


def test_answers_of_one_moment_are_one_event(throttle: Throttle) -> None:
    """Also where no time at all passes between them."""
    asked = []
    for _ in range(8):
        with throttle.slot("host") as asked_at:
            asked.append(asked_at)
    rests = [throttle.rejected("host", asked_at) for asked_at in asked]
    assert len(set(rests)) == 1
    assert FIRST_REST <= rests[0] <= 1.25 * FIRST_REST


def test_a_late_good_answer_does_not_end_a_row_of_refusals(throttle: Throttle) -> None:
    with throttle.slot("host") as early, throttle.slot("host") as other:
        throttle.rejected("host", early)
    throttle.succeeded("host", other)
    throttle.rest("host")
    with throttle.slot("host") as later:
        assert throttle.rejected("host", later) >= 2 * FIRST_REST


def test_a_host_that_always_refuses_ends_the_run_within_an_hour(throttle: Throttle, clock: Clock) -> None:
    def ask_a_thousand_times() -> None:
        for _ in range(1000):
            throttle.rest("host")
            with throttle.slot("host") as asked_at:
                throttle.rejected("host", asked_at)

    with pytest.raises(Stopped, match=r"host asks for patience: go on in \d+ minutes, with the same command"):
        ask_a_thousand_times()
    assert clock.passed <= PATIENCE + 1.25 * MAX_REST


@pytest.mark.parametrize(("wanted", "stops"), [(3600.0, False), (3601.0, True), (8 * 3600.0, True)])
def test_a_host_that_wants_more_than_an_hour_ends_the_run(throttle: Throttle, *, wanted: float, stops: bool) -> None:
    expected = pytest.raises(Stopped, match="go on in") if stops else contextlib.nullcontext()
    with throttle.slot("host") as asked_at, expected:
        assert throttle.rejected("host", asked_at, wanted) == wanted


def test_a_burst_of_resets_slows_the_pace_itself_down(clock: Clock) -> None:
    throttle = WatchedThrottle({"host": 0.5}, 0.0, clock.now, clock.wait)
    for _ in range(BURST):
        with throttle.slot("host") as asked_at:
            throttle.disconnected("host", asked_at)
        throttle.rest("host")
    throttle.let.clear()
    for _ in range(3):
        with throttle.slot("host") as asked_at:
            throttle.succeeded("host", asked_at)
    assert throttle.least_gap("host") == pytest.approx(1.0)


@pytest.mark.parametrize("pace", [0.0, 0.01, 0.2, 0.4, 1.0, 30.0])
@pytest.mark.parametrize("slowed", [0.0, 0.5, 2.0])
def test_no_more_connections_are_open_than_the_pace_is_worth(clock: Clock, pace: float, slowed: float) -> None:
    throttle = WatchedThrottle({"host": pace}, 0.0, clock.now, clock.wait)
    throttle.slow_down("host", slowed)
    lock, most, inside = threading.Lock(), 0, 0

    def visit() -> None:
        nonlocal most, inside
        for _ in range(5):
            with throttle.slot("host"):
                with lock:
                    inside += 1
                    most = max(most, inside)
                threading.Event().wait(0.001)  # the others get their chance to come in, too
                with lock:
                    inside -= 1

    threads = [threading.Thread(target=visit) for _ in range(2 * MAX_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most <= connections(max(pace, slowed))
    assert len(throttle.let["host"]) == 5 * 2 * MAX_CONNECTIONS
    assert throttle.least_gap("host") >= max(pace, slowed) - A_HAIR


@pytest.mark.parametrize(("pace", "worth"), [(0.0, 8), (0.0125, 8), (0.125, 8), (0.3, 3), (0.5, 2), (1.0, 1), (9.0, 1)])
def test_a_pace_is_worth_as_many_connections_as_requests_a_second(pace: float, worth: int) -> None:
    assert connections(pace) == worth


def test_nobody_asks_any_more_once_the_run_ends(throttle: Throttle, clock: Clock) -> None:
    """Not even where the pace would let them through at once, or where they wait for a connection."""
    with contextlib.ExitStack() as stack:
        for _ in range(MAX_CONNECTIONS):
            stack.enter_context(throttle.slot("host"))
        clock.set()
        for host in ("host", "other"):
            with pytest.raises(Cancelled), throttle.slot(host):
                pass


def test_a_stop_signal_ends_the_waiting() -> None:
    stop_signal = StopSignal()
    stop_signal.wait(0.0)
    stop_signal.set()
    with pytest.raises(Cancelled):
        stop_signal.wait(1e6)


@given(st.lists(st.tuples(st.sampled_from([*wikiart.PACE, "elsewhere.org"]), st.floats(0.0, 3600.0)), max_size=4))
def test_an_option_never_makes_a_host_quicker_than_its_source_allows(paces: list[tuple[str, float]]) -> None:
    asked = [f"{host}={seconds!r}" for host, seconds in paces]
    opened = arguments._throttle(wikiart, None, asked, StopSignal())  # type: ignore[arg-type]
    for host, seconds in paces:
        assert opened.pace[host] >= max(seconds, wikiart.PACE.get(host, DEFAULT_PACE))
    assert all(opened.pace.get(host, opened.default) >= floor for host, floor in wikiart.PACE.items())
    assert opened.default == DEFAULT_PACE


def test_only_a_mirror_on_this_machine_has_no_floor() -> None:
    own, far = (Mirror.at(url) for url in ("http://127.0.0.1:8080", "http://mirror.example.org"))
    assert arguments._throttle(wikiart, own, ["www.wikiart.org=0.5"], StopSignal()).pace == {"www.wikiart.org": 0.5}  # type: ignore[arg-type]
    floor = {**wikiart.PACE, KEYED: wikiart.KEYED_API.pace}
    assert arguments._throttle(wikiart, far, ["www.wikiart.org=0.5"], StopSignal()).pace == floor  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["host", "=1", "host=", "host=-1", "host=nan", "host=inf", "host=1e9", "host=1=2"])
def test_a_pace_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"expected HOST=SECONDS"):
        arguments._throttle(wikiart, None, [text], StopSignal())  # type: ignore[arg-type]
