-- Request and session are one row from intake to end, and what may not be is refused here, as in SQLite's schema.
-- Times are UTC text of fixed width, 2026-01-31T12:00:00.000Z, and every text is compared by its bytes.

-- Marks the database as ours. `home` says where it lives: a copy put back elsewhere begins a history of its own.
CREATE TABLE mechtui (
  one BIGINT PRIMARY KEY CHECK (one = 1),
  version BIGINT NOT NULL,
  home TEXT COLLATE "C" NOT NULL
);

-- Functions of SQLite that our statements use, so that they are the same for both engines.

CREATE FUNCTION instr(haystack TEXT, needle TEXT) RETURNS INTEGER LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  'SELECT strpos(haystack, needle)';

CREATE FUNCTION unixepoch(stamp TEXT, precision_ TEXT) RETURNS DOUBLE PRECISION LANGUAGE sql STABLE PARALLEL SAFE AS
  'SELECT extract(epoch FROM stamp::timestamptz)::double precision';

CREATE FUNCTION json_each(list TEXT) RETURNS TABLE (value TEXT) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  'SELECT json_array_elements_text(list::json)';

CREATE FUNCTION json_valid(value TEXT) RETURNS BOOLEAN LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  PERFORM value::json;
  RETURN TRUE;
EXCEPTION WHEN data_exception THEN
  RETURN FALSE;
END $$;

-- A pattern of GLOB as a regular expression. Brackets mean the same in both.
CREATE FUNCTION glob(pattern TEXT, value TEXT) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT value ~ ('^' || regexp_replace(regexp_replace(regexp_replace(regexp_replace(pattern,
    '([.$|(){}+\\])', '\\\1', 'g'), '(?<!\[)\^', '\\^', 'g'),
    '(?<!\[)\*', '.*', 'g'), '(?<!\[)\?', '.', 'g') || '$')
$$;

-- `mechtui.text.fold`, letter by letter. The letters beyond ASCII that it changes are filled in after this is run.
CREATE TABLE folds (
  letter TEXT COLLATE "C" PRIMARY KEY,
  folded TEXT COLLATE "C" NOT NULL
);
CREATE FUNCTION fold(value TEXT) RETURNS TEXT LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(value) = length(value) THEN lower(value COLLATE "C") ELSE (
    SELECT string_agg(coalesce(f.folded, c.letter), '' ORDER BY c.place)
    FROM unnest(string_to_array(lower(value COLLATE "C"), NULL)) WITH ORDINALITY AS c (letter, place)
    LEFT JOIN folds f ON f.letter = c.letter COLLATE "C") END
$$;

CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TABLE plans (
  code TEXT COLLATE "C" PRIMARY KEY CHECK (code <> ''),
  type TEXT COLLATE "C" NOT NULL CHECK (type IN ('chat', 'video', 'diagnostic')),
  name TEXT COLLATE "C" NOT NULL,
  minutes BIGINT NOT NULL CHECK (minutes > 0),
  price_cents BIGINT NOT NULL CHECK (price_cents >= 0),
  mechanic_share_bp BIGINT NOT NULL CHECK (mechanic_share_bp BETWEEN 0 AND 10000),
  standard BIGINT NOT NULL DEFAULT 0 CHECK (standard IN (0, 1)),
  active BIGINT NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  UNIQUE (code, type)
);
CREATE UNIQUE INDEX uq_plan_standard ON plans (type) WHERE standard = 1 AND active = 1;

CREATE TABLE mechanics (
  id TEXT COLLATE "C" PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
  token_hash TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(token_hash) = 64),
  types TEXT COLLATE "C" NOT NULL,
  created_at TEXT COLLATE "C" NOT NULL,
  revoked_at TEXT COLLATE "C"
);

CREATE TABLE desks (
  id TEXT COLLATE "C" PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
  token_hash TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(token_hash) = 64),
  created_at TEXT COLLATE "C" NOT NULL,
  revoked_at TEXT COLLATE "C"
);

CREATE TABLE customers (
  id TEXT COLLATE "C" PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
  email_key TEXT COLLATE "C" UNIQUE,
  phone_key TEXT COLLATE "C",
  created_at TEXT COLLATE "C" NOT NULL
);
CREATE INDEX ix_customers_phone ON customers (phone_key) WHERE phone_key IS NOT NULL;

CREATE TABLE intakes (
  id TEXT COLLATE "C" PRIMARY KEY,
  customer_id TEXT COLLATE "C" NOT NULL REFERENCES customers (id),
  type TEXT COLLATE "C" NOT NULL,
  plan TEXT COLLATE "C",
  urgent BIGINT NOT NULL CHECK (urgent IN (0, 1)),
  name TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
  email TEXT COLLATE "C",
  phone TEXT COLLATE "C",
  city TEXT COLLATE "C",
  year TEXT COLLATE "C",
  make TEXT COLLATE "C",
  model TEXT COLLATE "C",
  vin TEXT COLLATE "C",
  plate TEXT COLLATE "C",
  odometer TEXT COLLATE "C",
  concern TEXT COLLATE "C" NOT NULL CHECK (concern <> ''),
  drivable BIGINT CHECK (drivable IN (0, 1)),
  history TEXT COLLATE "C" NOT NULL DEFAULT '[]' CHECK (json_valid(history)),
  folded TEXT COLLATE "C" NOT NULL,
  created_at TEXT COLLATE "C" NOT NULL,
  UNIQUE (id, customer_id)
);

CREATE TABLE intake_files (
  id TEXT COLLATE "C" PRIMARY KEY,
  intake_id TEXT COLLATE "C" NOT NULL REFERENCES intakes (id),
  position BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
  mime TEXT COLLATE "C",
  content BYTEA NOT NULL,
  UNIQUE (intake_id, position)
);

CREATE TABLE sessions (
  id TEXT COLLATE "C" PRIMARY KEY,
  customer_id TEXT COLLATE "C" NOT NULL REFERENCES customers (id),
  intake_id TEXT COLLATE "C" NOT NULL UNIQUE,
  plan_code TEXT COLLATE "C" NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL
    CHECK (status IN ('pending', 'waiting', 'live', 'completed', 'cancelled', 'expired')),
  urgent BIGINT NOT NULL CHECK (urgent IN (0, 1)),
  mechanic_id TEXT COLLATE "C" REFERENCES mechanics (id),
  created_at TEXT COLLATE "C" NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  expires_at TEXT COLLATE "C" NOT NULL CHECK (expires_at LIKE '____-__-__T__:__:__.___Z'),
  accepted_at TEXT COLLATE "C" CHECK (accepted_at LIKE '____-__-__T__:__:__.___Z'),
  mechanic_joined_at TEXT COLLATE "C" CHECK (mechanic_joined_at LIKE '____-__-__T__:__:__.___Z'),
  customer_joined_at TEXT COLLATE "C" CHECK (customer_joined_at LIKE '____-__-__T__:__:__.___Z'),
  started_at TEXT COLLATE "C" CHECK (started_at LIKE '____-__-__T__:__:__.___Z'),
  ended_at TEXT COLLATE "C" CHECK (ended_at LIKE '____-__-__T__:__:__.___Z'),
  ended_by TEXT COLLATE "C" CHECK (ended_by IN ('customer', 'mechanic', 'system')),
  end_reason TEXT COLLATE "C",
  minutes BIGINT NOT NULL CHECK (minutes > 0),
  price_cents BIGINT NOT NULL CHECK (price_cents >= 0),
  mechanic_share_bp BIGINT NOT NULL CHECK (mechanic_share_bp BETWEEN 0 AND 10000),
  customer_token_hash TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(customer_token_hash) = 64),
  version BIGINT NOT NULL DEFAULT 1 CHECK (version >= 1),

  FOREIGN KEY (plan_code, type) REFERENCES plans (code, type),
  FOREIGN KEY (intake_id, customer_id) REFERENCES intakes (id, customer_id),

  CONSTRAINT status_ties_columns CHECK (CASE status
    WHEN 'pending' THEN mechanic_id IS NULL AND started_at IS NULL AND ended_at IS NULL
    WHEN 'waiting' THEN mechanic_id IS NOT NULL AND started_at IS NULL AND ended_at IS NULL
      AND (mechanic_joined_at IS NULL OR customer_joined_at IS NULL)
    WHEN 'live' THEN mechanic_id IS NOT NULL AND started_at IS NOT NULL AND ended_at IS NULL
    WHEN 'completed' THEN mechanic_id IS NOT NULL AND started_at IS NOT NULL AND ended_at IS NOT NULL
    WHEN 'cancelled' THEN ended_at IS NOT NULL
    WHEN 'expired' THEN mechanic_id IS NULL AND ended_at IS NOT NULL
    ELSE FALSE END),
  CONSTRAINT held_means_accepted CHECK ((mechanic_id IS NULL) = (accepted_at IS NULL)),
  CONSTRAINT joined_means_held CHECK (
    mechanic_id IS NOT NULL OR (mechanic_joined_at IS NULL AND customer_joined_at IS NULL)),
  CONSTRAINT started_means_both_joined CHECK (
    started_at IS NULL OR (mechanic_joined_at IS NOT NULL AND customer_joined_at IS NOT NULL)),
  CONSTRAINT ended_by_whom_and_why CHECK (
    (ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (end_reason IS NULL)),
  CONSTRAINT times_in_order CHECK (
    expires_at > created_at
    AND (accepted_at IS NULL OR accepted_at >= created_at)
    AND (mechanic_joined_at IS NULL OR mechanic_joined_at >= accepted_at)
    AND (customer_joined_at IS NULL OR customer_joined_at >= accepted_at)
    AND (started_at IS NULL OR (started_at >= mechanic_joined_at AND started_at >= customer_joined_at))
    AND (ended_at IS NULL OR ended_at >= coalesce(started_at, accepted_at, created_at)))
);
CREATE UNIQUE INDEX uq_mechanic_one_active ON sessions (mechanic_id) WHERE status IN ('waiting', 'live');
CREATE UNIQUE INDEX uq_customer_one_open ON sessions (customer_id) WHERE status IN ('pending', 'waiting', 'live');
CREATE INDEX ix_sessions_queue ON sessions (urgent DESC, created_at, id) WHERE status = 'pending';
CREATE INDEX ix_sessions_of_mechanic ON sessions (mechanic_id, status, ended_at DESC, id DESC);
CREATE INDEX ix_sessions_by_time ON sessions (created_at DESC, id DESC);

CREATE TRIGGER sessions_are_never_deleted BEFORE DELETE ON sessions FOR EACH ROW
  EXECUTE FUNCTION refuse('a session is never deleted');
CREATE TRIGGER sessions_are_never_emptied BEFORE TRUNCATE ON sessions
  EXECUTE FUNCTION refuse('a session is never deleted');
CREATE TRIGGER ended_stays_ended BEFORE UPDATE ON sessions FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL AND (NEW.status, NEW.ended_at, NEW.mechanic_id)
    IS DISTINCT FROM (OLD.status, OLD.ended_at, OLD.mechanic_id))
  EXECUTE FUNCTION refuse('an ended session does not change its end');
CREATE TRIGGER held_is_never_taken_over BEFORE UPDATE ON sessions FOR EACH ROW
  WHEN (OLD.mechanic_id IS NOT NULL AND NEW.mechanic_id IS NOT NULL AND NEW.mechanic_id <> OLD.mechanic_id)
  EXECUTE FUNCTION refuse('a session changes hands only through the queue');
CREATE TRIGGER versions_only_rise BEFORE UPDATE ON sessions FOR EACH ROW
  WHEN (NEW.version < OLD.version OR (NEW.version = OLD.version
    AND (NEW.status, NEW.mechanic_id, NEW.mechanic_joined_at, NEW.customer_joined_at)
    IS DISTINCT FROM (OLD.status, OLD.mechanic_id, OLD.mechanic_joined_at, OLD.customer_joined_at)))
  EXECUTE FUNCTION refuse('every transition of a session raises its version');

CREATE TABLE events (
  seq BIGINT PRIMARY KEY CHECK (seq > 0),
  session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id),
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('created', 'accepted', 'released', 'joined', 'started',
    'completed', 'cancelled', 'expired', 'summary_submitted', 'rated', 'imported', 'repaired')),
  actor TEXT COLLATE "C" NOT NULL CHECK (actor IN ('customer', 'mechanic', 'system')),
  mechanic_id TEXT COLLATE "C" REFERENCES mechanics (id),
  at TEXT COLLATE "C" NOT NULL CHECK (at LIKE '____-__-__T__:__:__.___Z'),
  reason TEXT COLLATE "C",
  CHECK ((actor = 'mechanic') = (mechanic_id IS NOT NULL))
);
CREATE INDEX ix_events_of_session ON events (session_id, seq);
CREATE INDEX ix_events_of_mechanic ON events (mechanic_id, session_id) WHERE mechanic_id IS NOT NULL;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events FOR EACH ROW
  EXECUTE FUNCTION refuse('the event log is append-only');
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events FOR EACH ROW
  EXECUTE FUNCTION refuse('the event log is append-only');
CREATE TRIGGER events_are_never_emptied BEFORE TRUNCATE ON events
  EXECUTE FUNCTION refuse('the event log is append-only');

CREATE TABLE feed_head (
  one BIGINT PRIMARY KEY CHECK (one = 1),
  epoch TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL CHECK (seq >= 0)
);

CREATE TABLE idempotency (
  principal TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  fingerprint TEXT COLLATE "C" NOT NULL,
  status BIGINT NOT NULL CHECK (status IN (200, 201, 404, 409, 410)),
  body TEXT COLLATE "C" NOT NULL,
  at TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (principal, key)
);
CREATE INDEX ix_idempotency_age ON idempotency (at);

CREATE TABLE session_summaries (
  session_id TEXT COLLATE "C" PRIMARY KEY REFERENCES sessions (id),
  mechanic_id TEXT COLLATE "C" NOT NULL REFERENCES mechanics (id),
  findings TEXT COLLATE "C" NOT NULL,
  steps_taken TEXT COLLATE "C" NOT NULL,
  parts_needed TEXT COLLATE "C",
  next_steps TEXT COLLATE "C" NOT NULL,
  submitted_at TEXT COLLATE "C" NOT NULL
);

CREATE TABLE session_reviews (
  session_id TEXT COLLATE "C" PRIMARY KEY REFERENCES sessions (id),
  rating BIGINT NOT NULL CHECK (rating BETWEEN 1 AND 5),
  comment TEXT COLLATE "C",
  created_at TEXT COLLATE "C" NOT NULL
);
