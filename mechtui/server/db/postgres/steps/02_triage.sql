-- What a mechanic does with a request besides accepting it: he passes on it, and takes that back.

ALTER TABLE events DROP CONSTRAINT events_kind_check, ADD CONSTRAINT events_kind_check CHECK (
  kind IN ('created', 'accepted', 'released', 'joined', 'started', 'completed', 'cancelled', 'expired',
    'summary_submitted', 'rated', 'imported', 'repaired', 'passed', 'pass_undone', 'extended'));
DROP INDEX ix_events_of_mechanic;
CREATE INDEX ix_events_of_mechanic ON events (mechanic_id, session_id, kind) WHERE mechanic_id IS NOT NULL;

CREATE TABLE passes (
  session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id),
  mechanic_id TEXT COLLATE "C" NOT NULL REFERENCES mechanics (id),
  PRIMARY KEY (mechanic_id, session_id)
);
