"""Whether this terminal's mechanic is there. Pure."""

from mechtui.changes import NOTHING, Change
from mechtui.freshness import Freshness
from mechtui.models import Availability
from mechtui.text import SafeText


class Presence(Freshness):
    """How the mechanic said he is, on whichever of his terminals."""

    availability: str = Availability.ON

    @property
    def is_quiet(self) -> bool:
        """Whether he wants no bell for new requests."""
        return self.availability != Availability.ON

    def set_availability(self, availability: str) -> Change:
        """He is there, or no longer."""
        if availability == self.availability:
            return NOTHING
        self.availability = SafeText(availability)
        return Change(link=True)
