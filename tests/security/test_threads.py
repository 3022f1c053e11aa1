"""One policy asked by many threads at once answers as it answers one."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

from policy import patterns
from policy.engine import Policy
from policy.patterns.automaton import Automaton

THREADS = 32
CONFIGURATION = {
    "AuthenticationEnabled": False,
    "Authorization": {
        "WebServiceRootUrl": "http://auth/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
        "UncheckedFolders": ["/app/"],
    },
}
ROLES = {
    "roles": {
        "doctor": {"permissions": ["view", "download"], "authorized_labels": ["*"]},
        "external": {"permissions": ["view", "upload"], "authorized_labels": ["x"]},
        "admin": {"permissions": ["all"], "authorized_labels": ["*"]},
    }
}
ROUTES = [
    f"{method} {path}"
    for number in range(40)
    for method, path in (
        ("GET", f"/studies/{number:08x}-00000000-00000000-00000000-00000000"),
        ("GET", f"/dicom-web/studies/1.2.{number}/series"),
        ("DELETE", f"/series/{number:08x}-00000000-00000000-00000000-00000000"),
        ("GET", f"/app/{number}.js"),
        ("POST", f"/tools/find?{number}"),
        ("GET", f"/x{number}/y"),
    )
]
SENDERS = (None, "doctor", "external", "admin", ("doctor", "external"))


def made() -> Policy:
    return Policy.from_configuration(CONFIGURATION, plugin="0.11.4", permissions=ROLES)


def answers(policy: Policy, turn: int) -> list[tuple[str, str, str]]:
    """All answers, asked in another order by each thread, told in one."""
    asked = [(route, sender) for route in ROUTES for sender in SENDERS]
    start = turn * 97 % len(asked)
    found = {}
    for route, sender in asked[start:] + asked[:start]:
        decision = policy.decide(route, sender)
        found[route, sender] = (str(decision.effect), str(decision.reason), decision.explain())
    return [found[key] for key in asked]


def test_all_threads_get_the_same_answers() -> None:
    expected = answers(made(), 0)
    assert len({effect for effect, *_ in expected}) == 3
    shared, together = made(), Barrier(THREADS)

    def ask(turn: int) -> list[tuple[str, str, str]]:
        together.wait()
        return answers(shared, turn)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # so that threads meet in the middle of everything
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            for found in pool.map(ask, range(THREADS)):
                assert expected == found
    finally:
        sys.setswitchinterval(interval)


def test_policies_made_at_once_are_alike() -> None:
    """Tables of facts and classes are prepared when they are first used, by whichever thread comes first."""
    expected = answers(made(), 0)[:50]
    with ThreadPoolExecutor(8) as pool:
        assert [expected] * 8 == [found[:50] for found in pool.map(lambda turn: answers(made(), turn), range(8))]


class _Meeting(Automaton):
    """Two threads meet while each gives a state its number, unless something keeps one of them out."""

    barrier: Barrier | None = None

    def ends(self, state: int) -> int:
        if self.barrier is not None:
            with suppress(BrokenBarrierError):
                self.barrier.wait(0.3)
        return super().ends(state)


def test_two_threads_never_give_one_state_two_numbers() -> None:
    source = patterns.compile("^/[ab]x$").positions
    assert source is not None
    automaton = _Meeting(source)
    begun = automaton.step(automaton.start, ord("/"))
    before = automaton.size
    automaton.barrier = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        reached = list(pool.map(lambda _: automaton.step(begun, ord("a")), range(2)))
    assert [before, before] == reached
    assert before + 1 == automaton.size == len(automaton.final)


def test_who_walks_in_states_that_were_given_up_ends_there() -> None:
    first = patterns.FirstMatch([patterns.compile("^/a/[0-9]+$"), patterns.compile("^/a/.*$")])
    walk = first._walk
    middle = walk.read(walk.read(walk.root, ""), "a")
    # Another thread finds the first pattern too large, and begins anew without it.
    first._large |= {0}
    first._forget(walk)
    assert (0, 1) == (walk.read(middle, "1").met.first, walk.read(middle, "x").met.first)
    assert walk is not first._walk
    assert {} == first._walk.states
    assert (0, 1, None) == (first.find("/a/1"), first.find("/a/x"), first.find("/b"))


def test_a_walk_that_another_thread_replaced_is_not_replaced_again() -> None:
    first = patterns.FirstMatch([patterns.compile("^/a$")])
    old = first._walk
    first._forget(old)
    fresh = first._walk
    assert 0 == first.find("/a")
    first._forget(old)
    assert fresh is first._walk
    assert first.size > 0
