"""The ten jobs done most, by their keys: a page of docs/ is made from them, and a test presses them.

A key of the table of actions is named by its action, so that the page says the key there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mechtui.actions import BY_ID
from mechtui.key_names import key_name


@dataclass(frozen=True)
class Do:
    """The first key of an action."""

    action: str


@dataclass(frozen=True)
class Press:
    """A key that a panel names in its last line."""

    key: str


@dataclass(frozen=True)
class Type:
    """A text, key by key."""

    text: str


Step = Do | Press | Type


@dataclass(frozen=True)
class Job:
    """A job in the words of those who do it, where it begins, its keys, and what comes of them."""

    id: str
    name: str
    begins: str
    steps: tuple[Step, ...]
    comes: str


JOBS = (
    Job("take", "Take the most urgent request and open its page", "Incoming", (Do("accept"),),
        "The cursor stands on it already. The browser opens; over SSH the address is shown, to be clicked or copied."),
    Job("read", "Read an intake without taking it, and go back", "Incoming", (Do("intake"), Press("escape")),
        "Colleagues see meanwhile that you read it."),
    Job("next", "Somebody was faster: take the next one", "Incoming", (Do("accept"), Do("accept")),
        "You are told who has it, and the cursor goes on by itself."),
    Job("before", "Was this car here before?", "any row", (Do("earlier"),),
        "Earlier sessions of this vehicle and this customer, with what was found."),
    Job("end", "End a session and write its summary", "Active",
        (Do("end"), Press("enter"), Type("Starter ground corroded."), Press("tab"), Type("Cleaned it."), Press("tab"),
         Press("tab"), Type("Replace the strap."), Press("ctrl+s")),
        "The form opens by itself. What is typed is kept on disk until it is sent."),
    Job("report", "A PDF for the customer of the last session", "anywhere",
        (Do("completed"), Do("report"), Press("enter")), "It is saved with your downloads."),
    Job("find", "Find last week's Ford with P0420", "anywhere",
        (Do("history"), Do("search"), Type("last week make:ford code:P0420"), Press("enter")),
        "The list follows as you type; what matched is marked."),
    Job("pass", "Leave a request to the others with a reason, and take that back", "Incoming",
        (Do("pass"), Press("1"), Do("undo")), "It leaves your queue and comes back to its place in it."),
    Job("month", "What the month was like", "anywhere", (Do("stats"), Press("right")),
        "The last 30 days; Enter on a line lists its sessions."),
    Job("export", "History as a spreadsheet", "anywhere", (Do("history"), Do("export"), Press("enter")),
        "All that the filter finds, as CSV with your downloads."),
)  # fmt: skip


OPENING = """
What a mechanic does most, and how many keys it takes; a test presses them. *Words like these* are typed, and end
wherever they are enough. All keys: [keys.md](keys.md); others instead of them:
[configuration.md](configuration.md#keys).
""".strip().replace("\n", " ")


def presses(steps: Sequence[Step]) -> list[str]:
    """The keys to press, one after the other, as the terminal library calls them."""
    return [key for step in steps for key in _presses(step)]


def _presses(step: Step) -> list[str]:
    match step:
        case Do(action):
            return [BY_ID[action].keys[0]]
        case Press(key):
            return [key]
        case Type(text):
            return [_SIGNS.get(character, character) for character in text]


_SIGNS = {" ": "space", ".": "full_stop", ":": "colon"}


def rows() -> list[tuple[str, str, str, str, str]]:
    """A line of the page for each job: its name, where it begins, its keys, how many, what comes of it."""
    return [(job.name, job.begins, " ".join(map(_shown, job.steps)), _count(job.steps), job.comes) for job in JOBS]


def _shown(step: Step) -> str:
    match step:
        case Type(text):
            return f"*{text}*"
        case _:
            return f"`{_NAMES.get(_presses(step)[0], key_name(_presses(step)[0]))}`"


_NAMES = {"tab": "Tab", "ctrl+s": "Ctrl+S"}


def _count(steps: Sequence[Step]) -> str:
    keys = sum(not isinstance(step, Type) for step in steps)
    return f"{keys} and the words" if keys < len(steps) else f"{keys}"
