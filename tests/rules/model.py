"""The rules of a session as a model without a database: what the store is held to. Pure."""

from dataclasses import dataclass, field

REQUEST_SECONDS = 900
FLOOR_SECONDS = 300
COMPLETED_SECONDS = 60


@dataclass
class Case:
    """One session as the rules see it. Times in seconds since the start."""

    customer: str
    type: str
    status: str = "pending"
    mechanic: str | None = None
    offered_to: str | None = None
    offers: set[str] = field(default_factory=set)
    expires: float = 0
    joined: set[str] = field(default_factory=set)
    started: float | None = None
    rating: int | None = None

    @property
    def open(self) -> bool:
        return self.status in {"pending", "waiting", "live"}

    @property
    def active(self) -> bool:
        return self.status in {"waiting", "live"}


@dataclass
class Model:
    """All sessions. Each wish returns the code of its refusal, or "" when it is granted."""

    now: float = 0
    cases: list[Case] = field(default_factory=list)

    def submit(self, customer: str, session_type: str) -> str:
        self._expire([case for case in self.cases if case.customer == customer])
        if any(case.open for case in self.cases if case.customer == customer):
            return "CUSTOMER_HAS_OPEN_SESSION"
        self.cases.append(Case(customer, session_type, expires=self.now + REQUEST_SECONDS))
        return ""

    def accept(self, mechanic: str, types: set[str], case: Case) -> str:
        if case.status == "pending" and self.now < case.expires and case.type in types:
            if any(other.active and other.mechanic == mechanic for other in self.cases):
                return "MECHANIC_HAS_ACTIVE_SESSION"
            case.status, case.mechanic = "waiting", mechanic
            return ""
        if case.active:
            return "" if case.mechanic == mechanic else "ALREADY_TAKEN"
        if case.status == "pending" and self.now < case.expires:
            return "NOT_ELIGIBLE"
        over = {"pending": "REQUEST_EXPIRED", "expired": "REQUEST_EXPIRED", "cancelled": "REQUEST_CANCELLED"}
        return over.get(case.status, "REQUEST_ENDED")

    def release(self, mechanic: str, types: set[str], case: Case) -> str:
        refusal = self._not_his(mechanic, types, case)
        if refusal:
            return refusal
        if case.status == "live":
            return "SESSION_LIVE"
        if not case.open:
            return "SESSION_ENDED"
        case.status, case.mechanic, case.joined, case.offered_to = "pending", None, set(), None
        case.expires = max(case.expires, self.now + FLOOR_SECONDS)
        return ""

    def join(self, mechanic: str | None, types: set[str], case: Case) -> str:
        """`mechanic` is None when the customer joins."""
        refusal = self._not_his(mechanic, types, case) if mechanic else ""
        if refusal:
            return refusal
        if case.status == "pending":
            return "NOT_ACCEPTED_YET"
        if not case.open:
            return "SESSION_ENDED"
        case.joined.add("mechanic" if mechanic else "customer")
        if len(case.joined) == 2 and case.status == "waiting":
            case.status, case.started = "live", self.now
        return ""

    def end(self, mechanic: str | None, types: set[str], case: Case) -> str:
        """`mechanic` is None when the customer ends."""
        refusal = self._not_his(mechanic, types, case) if mechanic else ""
        if refusal:
            return refusal
        if case.status == "pending":
            return "NOT_ACCEPTED_YET"
        if case.open:
            ran = case.started is not None and self.now - case.started >= COMPLETED_SECONDS
            case.status = "completed" if ran else "cancelled"
            case.offered_to = None
        return ""

    def offer(self, mechanic: str, types: set[str], case: Case, to: str, takes: set[str]) -> str:
        """`takes` are the types of the colleague."""
        refusal = self._not_his(mechanic, types, case) or ("" if case.open else "SESSION_ENDED")
        if refusal:
            return refusal
        if to == mechanic or case.type not in takes:
            return "COLLEAGUE_CANNOT"
        case.offered_to = to
        case.offers.add(to)
        return ""

    def withdraw(self, mechanic: str, types: set[str], case: Case) -> str:
        refusal = self._not_his(mechanic, types, case) or ("" if case.open else "SESSION_ENDED")
        if not refusal:
            case.offered_to = None
        return refusal

    def decline(self, mechanic: str, case: Case) -> str:
        if case.offered_to != mechanic:
            return self._no_offer(mechanic, case)
        case.offered_to = None
        return ""

    def take(self, mechanic: str, case: Case) -> str:
        if case.active and case.mechanic == mechanic:
            return ""
        if case.offered_to != mechanic:
            return self._no_offer(mechanic, case)
        if any(other.active and other.mechanic == mechanic for other in self.cases):
            return "MECHANIC_HAS_ACTIVE_SESSION"
        case.mechanic, case.offered_to = mechanic, None
        if case.status == "waiting":
            case.joined.discard("mechanic")
        return ""

    def _no_offer(self, mechanic: str, case: Case) -> str:
        if mechanic not in case.offers:
            return "NOT_FOUND"
        return "NO_OFFER" if case.open else "SESSION_ENDED"

    def cancel(self, case: Case) -> str:
        if case.status == "waiting" or (case.status == "pending" and self.now < case.expires):
            case.status, case.offered_to = "cancelled", None
            return ""
        over = {"cancelled": "", "live": "SESSION_LIVE", "completed": "REQUEST_ENDED"}
        return over.get(case.status, "REQUEST_EXPIRED")

    def rate(self, case: Case, rating: int) -> str:
        if case.status != "completed":
            return "NOT_COMPLETED"
        if case.rating is not None:
            return "ALREADY_RATED"
        case.rating = rating
        return ""

    def sweep(self) -> None:
        self._expire(self.cases)

    def _expire(self, cases: list[Case]) -> None:
        for case in cases:
            if case.status == "pending" and case.expires <= self.now:
                case.status = "expired"

    def _not_his(self, mechanic: str | None, types: set[str], case: Case) -> str:
        if case.mechanic == mechanic:
            return ""
        return "NOT_HELD" if case.status == "pending" and case.type in types else "NOT_FOUND"
