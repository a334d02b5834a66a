"""The plain page a session's address leads to in the demo: it says which session this is, and nothing else."""

from collections.abc import Mapping
from html import escape

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.125rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.5rem; border-bottom: 3px solid; padding-bottom: .5rem; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; }}
dt {{ font-weight: 600; }}
dd {{ margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>This is the demo's stand-in for the room in which mechanic and customer meet.</p>
<dl>
{facts}
</dl>
</main>
</body>
</html>
"""


def session_page(session_type: str, session_id: str, facts: Mapping[str, str]) -> str:
    """The page as HTML, with those facts that are known. Whatever people wrote is escaped; there is no script."""
    title = escape(f"{session_type.capitalize()} session {session_id}")
    known = {label.capitalize(): value for label, value in facts.items() if value}
    rows = (f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in known.items())
    return _PAGE.format(title=title, facts="\n".join(rows))
