-- What a mechanic does with a request besides accepting it: he passes on it, and takes that back.
-- The table of events is built anew, since SQLite cannot widen a CHECK.

CREATE TABLE events_wider (
  seq INTEGER PRIMARY KEY CHECK (seq > 0),
  session_id TEXT NOT NULL REFERENCES sessions (id),
  kind TEXT NOT NULL CHECK (kind IN ('created', 'accepted', 'released', 'joined', 'started', 'completed', 'cancelled',
    'expired', 'summary_submitted', 'rated', 'imported', 'repaired', 'passed', 'pass_undone', 'extended')),
  actor TEXT NOT NULL CHECK (actor IN ('customer', 'mechanic', 'system')),
  mechanic_id TEXT REFERENCES mechanics (id),
  at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z'),
  reason TEXT,
  CHECK ((actor = 'mechanic') = (mechanic_id IS NOT NULL))
) STRICT;
INSERT INTO events_wider SELECT seq, session_id, kind, actor, mechanic_id, at, reason FROM events;
DROP TABLE events;
ALTER TABLE events_wider RENAME TO events;
CREATE INDEX ix_events_of_session ON events (session_id, seq);
CREATE INDEX ix_events_of_mechanic ON events (mechanic_id, session_id, kind) WHERE mechanic_id IS NOT NULL;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;

CREATE TABLE passes (
  session_id TEXT NOT NULL REFERENCES sessions (id),
  mechanic_id TEXT NOT NULL REFERENCES mechanics (id),
  PRIMARY KEY (mechanic_id, session_id)
) STRICT, WITHOUT ROWID;
