-- A session is handed over to a colleague who agrees: offered by its holder, his until the other takes it.
-- The table of events is built anew, since SQLite cannot widen a CHECK; `other_id` is the colleague of an offer, and
-- for one who takes the session whom he has it from.

CREATE TABLE events_wider (
  seq INTEGER PRIMARY KEY CHECK (seq > 0),
  session_id TEXT NOT NULL REFERENCES sessions (id),
  kind TEXT NOT NULL CHECK (kind IN ('created', 'accepted', 'released', 'joined', 'started', 'completed', 'cancelled',
    'expired', 'summary_submitted', 'rated', 'imported', 'repaired', 'passed', 'pass_undone', 'extended', 'offered',
    'offer_withdrawn', 'offer_declined', 'handed_over')),
  actor TEXT NOT NULL CHECK (actor IN ('customer', 'mechanic', 'system')),
  mechanic_id TEXT REFERENCES mechanics (id),
  other_id TEXT REFERENCES mechanics (id) CHECK (other_id <> mechanic_id),
  at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z'),
  reason TEXT,
  CHECK ((actor = 'mechanic') = (mechanic_id IS NOT NULL)),
  CHECK ((kind IN ('offered', 'offer_withdrawn', 'offer_declined', 'handed_over')) = (other_id IS NOT NULL))
) STRICT;
INSERT INTO events_wider SELECT seq, session_id, kind, actor, mechanic_id, NULL, at, reason FROM events;
DROP TABLE events;
ALTER TABLE events_wider RENAME TO events;
CREATE INDEX ix_events_of_session ON events (session_id, seq);
CREATE INDEX ix_events_of_mechanic ON events (mechanic_id, session_id, kind) WHERE mechanic_id IS NOT NULL;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;

CREATE TABLE handovers (
  session_id TEXT PRIMARY KEY REFERENCES sessions (id),
  from_id TEXT NOT NULL REFERENCES mechanics (id),
  to_id TEXT NOT NULL REFERENCES mechanics (id) CHECK (to_id <> from_id),
  note TEXT,
  offered_at TEXT NOT NULL CHECK (offered_at GLOB '????-??-??T??:??:??.???Z')
) STRICT, WITHOUT ROWID;
CREATE TRIGGER only_its_holder_offers_a_session BEFORE INSERT ON handovers
WHEN NOT EXISTS (SELECT 1 FROM sessions WHERE id = NEW.session_id AND mechanic_id = NEW.from_id
  AND status IN ('waiting', 'live'))
BEGIN SELECT RAISE(ABORT, 'only who holds a session can offer it'); END;
CREATE TRIGGER offers_are_never_changed BEFORE UPDATE ON handovers
BEGIN SELECT RAISE(ABORT, 'another offer takes the place of one'); END;

DROP TRIGGER held_is_never_taken_over;
CREATE TRIGGER held_is_taken_over_by_agreement_only BEFORE UPDATE ON sessions
WHEN OLD.mechanic_id IS NOT NULL AND NEW.mechanic_id IS NOT NULL AND NEW.mechanic_id <> OLD.mechanic_id
  AND NOT EXISTS (SELECT 1 FROM handovers WHERE session_id = OLD.id AND from_id = OLD.mechanic_id
    AND to_id = NEW.mechanic_id)
BEGIN SELECT RAISE(ABORT, 'a session changes hands only through the queue, or to whom its holder offered it'); END;
CREATE TRIGGER offers_end_with_the_hand_that_made_them AFTER UPDATE OF status, mechanic_id ON sessions
BEGIN
  DELETE FROM handovers WHERE session_id = NEW.id
    AND (from_id IS NOT NEW.mechanic_id OR NEW.status NOT IN ('waiting', 'live'));
END;
