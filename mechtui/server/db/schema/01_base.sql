-- Request and session are one row from intake to end, and what may not be is refused here: an accepted request
-- without a mechanic, a second active session of one mechanic, an ended session that comes back.
-- Times are UTC text of fixed width, 2026-01-31T12:00:00.000Z, so that they compare as text.

CREATE TABLE plans (
  code TEXT PRIMARY KEY CHECK (code <> ''),
  type TEXT NOT NULL CHECK (type IN ('chat', 'video', 'diagnostic')),
  name TEXT NOT NULL,
  minutes INTEGER NOT NULL CHECK (minutes > 0),
  price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
  mechanic_share_bp INTEGER NOT NULL CHECK (mechanic_share_bp BETWEEN 0 AND 10000),
  standard INTEGER NOT NULL DEFAULT 0 CHECK (standard IN (0, 1)),
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  UNIQUE (code, type)
) STRICT;
CREATE UNIQUE INDEX uq_plan_standard ON plans (type) WHERE standard = 1 AND active = 1;

CREATE TABLE mechanics (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL CHECK (name <> ''),
  token_hash TEXT NOT NULL UNIQUE CHECK (length(token_hash) = 64),
  types TEXT NOT NULL,
  created_at TEXT NOT NULL,
  revoked_at TEXT
) STRICT;

CREATE TABLE desks (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL CHECK (name <> ''),
  token_hash TEXT NOT NULL UNIQUE CHECK (length(token_hash) = 64),
  created_at TEXT NOT NULL,
  revoked_at TEXT
) STRICT;

CREATE TABLE customers (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL CHECK (name <> ''),
  email_key TEXT UNIQUE,
  phone_key TEXT,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX ix_customers_phone ON customers (phone_key) WHERE phone_key IS NOT NULL;

CREATE TABLE intakes (
  id TEXT PRIMARY KEY,
  customer_id TEXT NOT NULL REFERENCES customers (id),
  type TEXT NOT NULL,
  plan TEXT,
  urgent INTEGER NOT NULL CHECK (urgent IN (0, 1)),
  name TEXT NOT NULL CHECK (name <> ''),
  email TEXT,
  phone TEXT,
  city TEXT,
  year TEXT,
  make TEXT,
  model TEXT,
  vin TEXT,
  plate TEXT,
  odometer TEXT,
  concern TEXT NOT NULL CHECK (concern <> ''),
  drivable INTEGER CHECK (drivable IN (0, 1)),
  history TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(history)),
  folded TEXT NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (id, customer_id)
) STRICT;

CREATE TABLE intake_files (
  id TEXT PRIMARY KEY,
  intake_id TEXT NOT NULL REFERENCES intakes (id),
  position INTEGER NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  mime TEXT,
  content BLOB NOT NULL,
  UNIQUE (intake_id, position)
) STRICT;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  customer_id TEXT NOT NULL REFERENCES customers (id),
  intake_id TEXT NOT NULL UNIQUE,
  plan_code TEXT NOT NULL,
  type TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'waiting', 'live', 'completed', 'cancelled', 'expired')),
  urgent INTEGER NOT NULL CHECK (urgent IN (0, 1)),
  mechanic_id TEXT REFERENCES mechanics (id),
  created_at TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.???Z'),
  expires_at TEXT NOT NULL CHECK (expires_at GLOB '????-??-??T??:??:??.???Z'),
  accepted_at TEXT CHECK (accepted_at GLOB '????-??-??T??:??:??.???Z'),
  mechanic_joined_at TEXT CHECK (mechanic_joined_at GLOB '????-??-??T??:??:??.???Z'),
  customer_joined_at TEXT CHECK (customer_joined_at GLOB '????-??-??T??:??:??.???Z'),
  started_at TEXT CHECK (started_at GLOB '????-??-??T??:??:??.???Z'),
  ended_at TEXT CHECK (ended_at GLOB '????-??-??T??:??:??.???Z'),
  ended_by TEXT CHECK (ended_by IN ('customer', 'mechanic', 'system')),
  end_reason TEXT,
  minutes INTEGER NOT NULL CHECK (minutes > 0),
  price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
  mechanic_share_bp INTEGER NOT NULL CHECK (mechanic_share_bp BETWEEN 0 AND 10000),
  customer_token_hash TEXT NOT NULL UNIQUE CHECK (length(customer_token_hash) = 64),
  version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),

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
) STRICT;
CREATE UNIQUE INDEX uq_mechanic_one_active ON sessions (mechanic_id) WHERE status IN ('waiting', 'live');
CREATE UNIQUE INDEX uq_customer_one_open ON sessions (customer_id) WHERE status IN ('pending', 'waiting', 'live');
CREATE INDEX ix_sessions_queue ON sessions (urgent DESC, created_at, id) WHERE status = 'pending';
CREATE INDEX ix_sessions_of_mechanic ON sessions (mechanic_id, status, ended_at DESC, id DESC);
CREATE INDEX ix_sessions_by_time ON sessions (created_at DESC, id DESC);

CREATE TRIGGER sessions_are_never_deleted BEFORE DELETE ON sessions
BEGIN SELECT RAISE(ABORT, 'a session is never deleted'); END;
CREATE TRIGGER ended_stays_ended BEFORE UPDATE ON sessions
WHEN OLD.ended_at IS NOT NULL AND (NEW.status IS NOT OLD.status OR NEW.mechanic_id IS NOT OLD.mechanic_id
  OR NEW.ended_at IS NOT OLD.ended_at)
BEGIN SELECT RAISE(ABORT, 'an ended session does not change its end'); END;
CREATE TRIGGER held_is_never_taken_over BEFORE UPDATE ON sessions
WHEN OLD.mechanic_id IS NOT NULL AND NEW.mechanic_id IS NOT NULL AND NEW.mechanic_id <> OLD.mechanic_id
BEGIN SELECT RAISE(ABORT, 'a session changes hands only through the queue'); END;
CREATE TRIGGER versions_only_rise BEFORE UPDATE ON sessions
WHEN NEW.version < OLD.version OR (NEW.version = OLD.version AND (NEW.status IS NOT OLD.status
  OR NEW.mechanic_id IS NOT OLD.mechanic_id OR NEW.mechanic_joined_at IS NOT OLD.mechanic_joined_at
  OR NEW.customer_joined_at IS NOT OLD.customer_joined_at))
BEGIN SELECT RAISE(ABORT, 'every transition of a session raises its version'); END;

CREATE TABLE events (
  seq INTEGER PRIMARY KEY CHECK (seq > 0),
  session_id TEXT NOT NULL REFERENCES sessions (id),
  kind TEXT NOT NULL CHECK (kind IN ('created', 'accepted', 'released', 'joined', 'started', 'completed', 'cancelled',
    'expired', 'summary_submitted', 'rated', 'imported', 'repaired')),
  actor TEXT NOT NULL CHECK (actor IN ('customer', 'mechanic', 'system')),
  mechanic_id TEXT REFERENCES mechanics (id),
  at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z'),
  reason TEXT,
  CHECK ((actor = 'mechanic') = (mechanic_id IS NOT NULL))
) STRICT;
CREATE INDEX ix_events_of_session ON events (session_id, seq);
CREATE INDEX ix_events_of_mechanic ON events (mechanic_id, session_id) WHERE mechanic_id IS NOT NULL;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;

CREATE TABLE feed_head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  epoch TEXT NOT NULL,
  seq INTEGER NOT NULL CHECK (seq >= 0)
) STRICT;

CREATE TABLE idempotency (
  principal TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL CHECK (status IN (200, 201, 404, 409, 410)),
  body TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (principal, key)
) STRICT;
CREATE INDEX ix_idempotency_age ON idempotency (at);

CREATE TABLE session_summaries (
  session_id TEXT PRIMARY KEY REFERENCES sessions (id),
  mechanic_id TEXT NOT NULL REFERENCES mechanics (id),
  findings TEXT NOT NULL,
  steps_taken TEXT NOT NULL,
  parts_needed TEXT,
  next_steps TEXT NOT NULL,
  submitted_at TEXT NOT NULL
) STRICT;

CREATE TABLE session_reviews (
  session_id TEXT PRIMARY KEY REFERENCES sessions (id),
  rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
  comment TEXT,
  created_at TEXT NOT NULL
) STRICT;
