"""Settling what becomes of every old row."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from mechtui.models import ACTIVE, ENDED, FILE_BYTES_LIMIT, FILES_LIMIT, Status
from mechtui.server.legacy.case import Case, OldFile, made_id, make
from mechtui.server.legacy.damage_accepts import twins_of
from mechtui.server.legacy.kinds import Damage, Fate
from mechtui.server.legacy.links import Links
from mechtui.server.legacy.looking import findings
from mechtui.server.legacy.plan import Becomes, NewCustomer, NewMechanic, Plan, Verdict
from mechtui.server.legacy.shape import UnclearError
from mechtui.server.legacy.source import Source
from mechtui.server.legacy.tables import Old, Ref, Row

_SETTLED_LAST = {10, 11}
"""Kinds about having too many open: who stays open is known only when all cases are made."""
_FURTHEST = {Status.LIVE: 3, Status.WAITING: 2, Status.PENDING: 1}
_OF_A_SESSION = (
    "session_assignments",
    "session_events",
    "session_summaries",
    "session_reviews",
    "session_extensions",
    "session_files",
)
_LEFT = {
    "mechanic_earnings": "earnings are derived here, never stored",
    "service_plans": "no session has this plan",
    "vehicles": "no intake names it",
}
_NOBODY = "not on record"


def plan_of_import(old: Old, source: Source, now: datetime) -> Plan:
    """Settle what becomes of every row."""
    planner = _Planner(Damage(old, Links(old), now), source)
    planner.set_guesses_aside()
    planner.make_cases()
    planner.settle("several sessions in hand, and which one would be a guess", _in_hand_of)
    planner.settle("the customer has another open session, and that one stays", _open_of)
    planner.gather_people()
    planner.close_the_books()
    return planner.plan


def _in_hand_of(case: Case) -> str | None:
    return case.shape.mechanic_id if case.shape.status in ACTIVE else None


def _open_of(case: Case) -> str | None:
    return None if case.shape.status in ENDED else case.customer_id


class _Planner:
    """The plan as it comes about, step by step."""

    def __init__(self, damage: Damage, source: Source) -> None:
        self.d, self.old = damage, damage.old
        self._source = source
        self.plan = Plan(damage.now, unknown=dict(damage.old.unknown))
        self._cases: dict[str, Case] = {}
        self._merged: dict[str, Row] = {}
        """By the id of the session that stays: the one that is merged into it."""
        self._merged_into: dict[str, str] = {}
        self._intakes_taken: set[str] = set()

    def _aside(self, refs: Iterable[Ref], why: str) -> None:
        for ref in refs:
            self.plan.verdicts.setdefault(ref, Verdict(Becomes.QUARANTINED, why))

    def _is_aside(self, row: Row) -> bool:
        return row.ref in self.plan.verdicts

    def set_guesses_aside(self) -> None:
        """Rows that cannot be read, and those of whom doctor says that anything would be a guess."""
        for ref, why in self.old.unreadable.items():
            self._aside([ref], f"cannot be read: {why}")
        self.plan.findings = list(findings(self.old, self.d.now))
        for found in self.plan.findings:
            if found.fate == Fate.QUARANTINED and found.kind.number not in _SETTLED_LAST:
                self._aside(found.rows, f"K{found.kind.number}: {found.kind.words}")

    def make_cases(self) -> None:
        """A case for each session, and for each request that never had one."""
        for session in self.old.all("sessions"):
            twins = twins_of(self.d, session)
            if len(twins) == 1 and not self._is_aside(session) and not self._is_aside(twins[0]):
                self._merged[session.id] = twins[0]
                self._merged_into[twins[0].id] = session.id
        for session in self.old.all("sessions"):
            if not self._is_aside(session) and session.id not in self._merged_into:
                self._make(session, self._requests_of(session))
        attached = {ref for case in self._cases.values() for ref in case.rows}
        for request in self.old.all("session_requests"):
            if not self._is_aside(request) and request.ref not in attached:
                self._make_of_request(request)

    def _requests_of(self, session: Row) -> list[Row]:
        own = [r for r in self.d.links.requests_of(session) if not self._is_aside(r)]
        wanted = [self.old.get("session_requests", r) for r in self.d.links.wanted_by.get(session.id, [])]
        sole = [r for r in wanted if r is not None and self.d.links.sole_candidate(r) is session]
        return own + [r for r in sole if not self._is_aside(r)]

    def _make_of_request(self, request: Row) -> None:
        linked = self.d.links.session_of(request)
        if linked is not None:
            self._aside([request.ref], f"its session {linked.id} is set aside")
        else:
            self._make(None, [request])

    def _make(self, session: Row | None, requests: list[Row]) -> None:
        row = session or requests[0]
        twin = self._merged.get(row.id)
        intake = self._intake_of(twin or session)
        intake_id = self._intake_id(intake, row)
        rows = [r.ref for r in (*requests, *([session] if session else []), *([twin] if twin else []))]
        try:
            case = make(self.d, session, requests, intake, intake_id)
        except UnclearError as error:
            self._aside(rows, str(error))
            return
        case = self._with_files_there(case)
        self._cases[case.id] = replace(case, rows=(*case.rows, *([twin.ref] if twin else [])))

    def _intake_of(self, session: Row | None) -> Row | None:
        return self.old.get("intakes", session["intake_id"]) if session else None

    def _intake_id(self, intake: Row | None, row: Row) -> str:
        """The intake's own id, unless another session has it already: then it is a copy, with an id of its own."""
        if intake is None or intake.id in self._intakes_taken:
            return made_id("intake", row.id)
        self._intakes_taken.add(intake.id)
        return intake.id

    def _with_files_there(self, case: Case) -> Case:
        """The case with those files whose content can be moved; the others are set aside."""
        there: list[OldFile] = []
        aside, rows = dict(case.aside), list(case.rows)
        for file in case.files:
            why = self._why_not(file) if len(there) < FILES_LIMIT else f"more than {FILES_LIMIT} files"
            if not why:
                there.append(file)
                rows += [file.ref] if file.ref else []
            elif file.ref is not None:
                aside[file.ref] = why
            else:
                self.plan.files_missing += 1
        return replace(case, files=tuple(there), rows=tuple(rows), aside=aside)

    def _why_not(self, file: OldFile) -> str:
        content = content_of(self._source, file)
        if content is None:
            return "its content is not in the export, under files/"
        return "" if len(content) <= FILE_BYTES_LIMIT else "it is larger than a file may be here"

    def settle(self, why: str, whose: Callable[[Case], str | None]) -> None:
        """Where somebody has several open cases: the one that is furthest stays, the others are set aside.

        Of several that are equally far the newest stays if they are requests; of sessions in hand none does.
        """
        of_one: dict[str, list[Case]] = defaultdict(list)
        for case in self._cases.values():
            if (owner := whose(case)) is not None:
                of_one[owner].append(case)
        for cases in of_one.values():
            stays = _stays(cases)
            for case in cases:
                if case is not stays:
                    del self._cases[case.id]
                    self._aside((ref for ref in case.rows if ref.table.startswith("session")), why)

    def gather_people(self) -> None:
        """All mechanics and customers there are, and those that sessions name and nobody knows."""
        for row in self.old.all("mechanics"):
            self._mechanic(row)
        for row in self.old.all("profiles"):
            if row["role"] in {None, "customer"}:
                self._customer(row.id, row, row["full_name"] or "Customer", row.at("created_at"))
        for case in self._cases.values():
            profile = self.old.get("profiles", case.customer_id)
            self._customer(case.customer_id, profile, case.customer_name, case.shape.created)
            held = case.shape.mechanic_id
            if held is not None and held not in self.plan.mechanics:
                name = f"Mechanic {held[:8]} ({_NOBODY})"
                self.plan.mechanics[held] = NewMechanic(held, name, case.shape.created, revoked=True)
        self.plan.cases = sorted(self._cases.values(), key=lambda case: (case.shape.created, case.id))

    def _mechanic(self, row: Row) -> None:
        told = (row["can_accept_sessions"], row["application_status"], row["account_status"])
        works = told == (True, "approved", "active")
        name = (row["name"] or row["email"] or f"Mechanic {row.id[:8]}")[:500]
        made = row.at("created_at") or self.d.now
        self.plan.mechanics[row.id] = NewMechanic(row.id, name, made, revoked=not works)
        self.plan.verdicts[row.ref] = Verdict(Becomes.MOVED, f"mechanic {row.id}")

    def _customer(self, customer_id: str, row: Row | None, name: str, made: datetime | None) -> None:
        if customer_id in self.plan.customers:
            return
        email, phone = (row["email"], row["phone"]) if row else (None, None)
        made = made or self.d.now
        self.plan.customers[customer_id] = NewCustomer(customer_id, name[:500], email, phone, made)
        if row is not None:
            self.plan.verdicts[row.ref] = Verdict(Becomes.MOVED, f"customer {customer_id}")

    # --- every row has its verdict ----------------------------------------------------------------------------

    def close_the_books(self) -> None:
        """Rows of cases, rows that go with them, and what nothing refers to."""
        for case in self.plan.cases:
            for ref, why in case.aside.items():
                self.plan.verdicts[ref] = Verdict(Becomes.QUARANTINED, why)
            for ref in case.rows:
                self.plan.verdicts.setdefault(ref, Verdict(Becomes.MOVED, f"session {case.id}"))
            self._plan_row_of(case)
        for table in self.old.rows:
            for row in self.old.all(table):
                self.plan.verdicts.setdefault(row.ref, self._of_the_rest(table, row))

    def _plan_row_of(self, case: Case) -> None:
        row = self.old.get("service_plans", case.plan.code)
        if row is not None:
            self.plan.verdicts.setdefault(row.ref, Verdict(Becomes.MOVED, f"plan {row.id}"))

    def _of_the_rest(self, table: str, row: Row) -> Verdict:
        if table in _OF_A_SESSION:
            return self._with_its_session(row["session_id"])
        if table == "profiles":
            return Verdict(Becomes.LEFT, f"a {row['role']}, no customer")
        if table in _LEFT:
            return Verdict(Becomes.LEFT, _LEFT[table])
        if table == "intakes":
            return Verdict(Becomes.QUARANTINED, "no session that is moved has this intake")
        return Verdict(Becomes.QUARANTINED, "nothing that is moved refers to it")

    def _with_its_session(self, session_id: str | None) -> Verdict:
        into = self._merged_into.get(session_id or "", session_id)
        if into in self._cases:
            return Verdict(Becomes.MOVED, f"session {into}")
        session = self.old.get("sessions", session_id)
        if session is None:
            return Verdict(Becomes.QUARANTINED, "its session is not there")
        return Verdict(Becomes.QUARANTINED, f"its session {session_id} is set aside")


def _stays(cases: list[Case]) -> Case | None:
    if len(cases) == 1:
        return cases[0]
    far = max(_FURTHEST[case.shape.status] for case in cases)
    furthest = [case for case in cases if _FURTHEST[case.shape.status] == far]
    if len(furthest) > 1 and far > _FURTHEST[Status.PENDING]:
        return None
    return max(furthest, key=lambda case: (case.shape.created, case.id))


def content_of(source: Source, file: OldFile) -> bytes | None:
    """What is in a file, or nothing when that is not in the export."""
    if file.path is not None and (content := source.content(file.path)) is not None:
        return content
    return file.words.encode() if file.words else None
