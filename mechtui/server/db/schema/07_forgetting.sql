-- A customer's personal data is removed from an ended session, by age or because he asked; the session stays. Then, and
-- only then, may the log change, and only so that it no longer holds what people wrote.
-- The table of events is built anew, since SQLite cannot widen a CHECK.

ALTER TABLE sessions ADD COLUMN forgotten_at TEXT
  CHECK (forgotten_at IS NULL OR (forgotten_at GLOB '????-??-??T??:??:??.???Z' AND ended_at IS NOT NULL));
CREATE INDEX ix_sessions_to_forget ON sessions (ended_at) WHERE forgotten_at IS NULL AND ended_at IS NOT NULL;
CREATE TRIGGER forgotten_stays_forgotten BEFORE UPDATE ON sessions
WHEN OLD.forgotten_at IS NOT NULL AND NEW.forgotten_at IS NOT OLD.forgotten_at
BEGIN SELECT RAISE(ABORT, 'what was forgotten stays forgotten'); END;

CREATE TABLE events_wider (
  seq INTEGER PRIMARY KEY CHECK (seq > 0),
  session_id TEXT NOT NULL REFERENCES sessions (id),
  kind TEXT NOT NULL CHECK (kind IN ('created', 'accepted', 'released', 'joined', 'started', 'completed', 'cancelled',
    'expired', 'summary_submitted', 'rated', 'imported', 'repaired', 'passed', 'pass_undone', 'extended', 'offered',
    'offer_withdrawn', 'offer_declined', 'handed_over', 'forgotten')),
  actor TEXT NOT NULL CHECK (actor IN ('customer', 'mechanic', 'system')),
  mechanic_id TEXT REFERENCES mechanics (id),
  other_id TEXT REFERENCES mechanics (id) CHECK (other_id <> mechanic_id),
  at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z'),
  reason TEXT,
  CHECK ((actor = 'mechanic') = (mechanic_id IS NOT NULL)),
  CHECK ((kind IN ('offered', 'offer_withdrawn', 'offer_declined', 'handed_over')) = (other_id IS NOT NULL))
) STRICT;
INSERT INTO events_wider SELECT seq, session_id, kind, actor, mechanic_id, other_id, at, reason FROM events;
DROP TABLE events;
ALTER TABLE events_wider RENAME TO events;
CREATE INDEX ix_events_of_session ON events (session_id, seq);
CREATE INDEX ix_events_of_mechanic ON events (mechanic_id, session_id, kind) WHERE mechanic_id IS NOT NULL;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
WHEN NOT (NEW.seq IS OLD.seq AND NEW.session_id IS OLD.session_id AND NEW.kind IS OLD.kind AND NEW.actor IS OLD.actor
  AND NEW.mechanic_id IS OLD.mechanic_id AND NEW.other_id IS OLD.other_id AND NEW.at IS OLD.at
  AND NEW.reason IS '(removed)'
  AND EXISTS (SELECT 1 FROM sessions WHERE id = OLD.session_id AND forgotten_at IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;

-- Customers who asked to be forgotten. Kept when it is done: a backup of before then forgets them again.
CREATE TABLE removals (
  customer_id TEXT PRIMARY KEY REFERENCES customers (id),
  asked_at TEXT NOT NULL CHECK (asked_at GLOB '????-??-??T??:??:??.???Z'),
  asked_by TEXT NOT NULL CHECK (asked_by <> ''),
  done_at TEXT CHECK (done_at GLOB '????-??-??T??:??:??.???Z')
) STRICT, WITHOUT ROWID;
CREATE INDEX ix_removals_to_do ON removals (asked_at) WHERE done_at IS NULL;
