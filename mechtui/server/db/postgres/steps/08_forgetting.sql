-- A customer's personal data is removed from an ended session, by age or because he asked; the session stays. Then, and
-- only then, may the log change, and only so that it no longer holds what people wrote.

-- From which version of the schema on a program can serve this database.
ALTER TABLE mechtui ADD COLUMN serves_from BIGINT NOT NULL DEFAULT 8;

ALTER TABLE sessions ADD COLUMN forgotten_at TEXT COLLATE "C"
  CHECK (forgotten_at IS NULL OR (forgotten_at LIKE '____-__-__T__:__:__.___Z' AND ended_at IS NOT NULL));
CREATE INDEX ix_sessions_to_forget ON sessions (ended_at) WHERE forgotten_at IS NULL AND ended_at IS NOT NULL;
CREATE TRIGGER forgotten_stays_forgotten BEFORE UPDATE ON sessions FOR EACH ROW
  WHEN (OLD.forgotten_at IS NOT NULL AND NEW.forgotten_at IS DISTINCT FROM OLD.forgotten_at)
  EXECUTE FUNCTION refuse('what was forgotten stays forgotten');

ALTER TABLE events DROP CONSTRAINT events_kind_check, ADD CONSTRAINT events_kind_check CHECK (
  kind IN ('created', 'accepted', 'released', 'joined', 'started', 'completed', 'cancelled', 'expired',
    'summary_submitted', 'rated', 'imported', 'repaired', 'passed', 'pass_undone', 'extended', 'offered',
    'offer_withdrawn', 'offer_declined', 'handed_over', 'forgotten'));
CREATE FUNCTION only_forgets() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.seq, NEW.session_id, NEW.kind, NEW.actor, NEW.mechanic_id, NEW.other_id, NEW.at, NEW.reason)
    IS DISTINCT FROM
    (OLD.seq, OLD.session_id, OLD.kind, OLD.actor, OLD.mechanic_id, OLD.other_id, OLD.at, '(removed)')
    OR NOT EXISTS (SELECT 1 FROM sessions WHERE id = OLD.session_id AND forgotten_at IS NOT NULL) THEN
    RAISE EXCEPTION 'the event log is append-only' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER events_are_never_changed ON events;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION only_forgets();

-- Customers who asked to be forgotten. Kept when it is done: a backup of before then forgets them again.
CREATE TABLE removals (
  customer_id TEXT COLLATE "C" PRIMARY KEY REFERENCES customers (id),
  asked_at TEXT COLLATE "C" NOT NULL CHECK (asked_at LIKE '____-__-__T__:__:__.___Z'),
  asked_by TEXT COLLATE "C" NOT NULL CHECK (asked_by <> ''),
  done_at TEXT COLLATE "C" CHECK (done_at LIKE '____-__-__T__:__:__.___Z')
);
CREATE INDEX ix_removals_to_do ON removals (asked_at) WHERE done_at IS NULL;
