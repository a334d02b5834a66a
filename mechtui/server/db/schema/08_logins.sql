-- A mechanic logs in over SSH with a key of his. While he is in, a token of that login stands for him; it lapses by
-- itself, and goes with the key.

CREATE TABLE mechanic_keys (
  fingerprint TEXT PRIMARY KEY CHECK (fingerprint GLOB 'SHA256:*'),
  mechanic_id TEXT NOT NULL REFERENCES mechanics (id),
  public_key TEXT NOT NULL,
  added_at TEXT NOT NULL CHECK (added_at GLOB '????-??-??T??:??:??.???Z')
) STRICT, WITHOUT ROWID;
CREATE INDEX ix_keys_of_mechanic ON mechanic_keys (mechanic_id);

CREATE TABLE logins (
  token_hash TEXT PRIMARY KEY CHECK (length(token_hash) = 64),
  fingerprint TEXT NOT NULL REFERENCES mechanic_keys (fingerprint) ON DELETE CASCADE,
  expires_at TEXT NOT NULL CHECK (expires_at GLOB '????-??-??T??:??:??.???Z')
) STRICT, WITHOUT ROWID;
CREATE INDEX ix_logins_of_key ON logins (fingerprint);
