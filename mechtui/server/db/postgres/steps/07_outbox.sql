-- Several backends serve one database: each commit leaves here what its events were, for the others to tell their
-- terminals. Kept for some minutes; a backend that was away for longer reads what is open anew.

CREATE TABLE outbox (
  seq_to BIGINT PRIMARY KEY,
  seq_from BIGINT NOT NULL CHECK (seq_from < seq_to),
  backend TEXT COLLATE "C" NOT NULL,
  at TEXT COLLATE "C" NOT NULL,
  events TEXT COLLATE "C" NOT NULL
);
CREATE INDEX ix_outbox_at ON outbox (at);
