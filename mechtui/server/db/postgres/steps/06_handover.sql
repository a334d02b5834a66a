-- A session is handed over to a colleague who agrees: offered by its holder, his until the other takes it.
-- `other_id` of an event is the colleague of an offer, and for one who takes the session whom he has it from.

ALTER TABLE events DROP CONSTRAINT events_kind_check, ADD CONSTRAINT events_kind_check CHECK (
  kind IN ('created', 'accepted', 'released', 'joined', 'started', 'completed', 'cancelled', 'expired',
    'summary_submitted', 'rated', 'imported', 'repaired', 'passed', 'pass_undone', 'extended', 'offered',
    'offer_withdrawn', 'offer_declined', 'handed_over'));
ALTER TABLE events ADD COLUMN other_id TEXT COLLATE "C" REFERENCES mechanics (id) CHECK (other_id <> mechanic_id);
ALTER TABLE events ADD CHECK (
  (kind IN ('offered', 'offer_withdrawn', 'offer_declined', 'handed_over')) = (other_id IS NOT NULL));

CREATE TABLE handovers (
  session_id TEXT COLLATE "C" PRIMARY KEY REFERENCES sessions (id),
  from_id TEXT COLLATE "C" NOT NULL REFERENCES mechanics (id),
  to_id TEXT COLLATE "C" NOT NULL REFERENCES mechanics (id) CHECK (to_id <> from_id),
  note TEXT COLLATE "C",
  offered_at TEXT COLLATE "C" NOT NULL CHECK (offered_at LIKE '____-__-__T__:__:__.___Z')
);

CREATE FUNCTION offered_by_its_holder() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM sessions WHERE id = NEW.session_id AND mechanic_id = NEW.from_id
    AND status IN ('waiting', 'live')) THEN
    RAISE EXCEPTION 'only who holds a session can offer it' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_its_holder_offers_a_session BEFORE INSERT ON handovers FOR EACH ROW
  EXECUTE FUNCTION offered_by_its_holder();
CREATE TRIGGER offers_are_never_changed BEFORE UPDATE ON handovers FOR EACH ROW
  EXECUTE FUNCTION refuse('another offer takes the place of one');

CREATE FUNCTION taken_over_by_agreement() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM handovers WHERE session_id = OLD.id AND from_id = OLD.mechanic_id
    AND to_id = NEW.mechanic_id) THEN
    RAISE EXCEPTION 'a session changes hands only through the queue, or to whom its holder offered it'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER held_is_never_taken_over ON sessions;
CREATE TRIGGER held_is_taken_over_by_agreement_only BEFORE UPDATE ON sessions FOR EACH ROW
  WHEN (OLD.mechanic_id IS NOT NULL AND NEW.mechanic_id IS NOT NULL AND NEW.mechanic_id <> OLD.mechanic_id)
  EXECUTE FUNCTION taken_over_by_agreement();

CREATE FUNCTION end_offers() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM handovers WHERE session_id = NEW.id
    AND (from_id IS DISTINCT FROM NEW.mechanic_id OR NEW.status NOT IN ('waiting', 'live'));
  RETURN NULL;
END $$;
CREATE TRIGGER offers_end_with_the_hand_that_made_them AFTER UPDATE OF status, mechanic_id ON sessions FOR EACH ROW
  WHEN (OLD.mechanic_id IS NOT NULL)
  EXECUTE FUNCTION end_offers();
