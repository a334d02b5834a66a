-- Older backends may go on serving.
-- A mechanic logs in over SSH with a key of his. While he is in, a token of that login stands for him; it lapses by
-- itself, and goes with the key.

CREATE TABLE mechanic_keys (
  fingerprint TEXT COLLATE "C" PRIMARY KEY CHECK (fingerprint LIKE 'SHA256:%'),
  mechanic_id TEXT COLLATE "C" NOT NULL REFERENCES mechanics (id),
  public_key TEXT COLLATE "C" NOT NULL,
  added_at TEXT COLLATE "C" NOT NULL CHECK (added_at LIKE '____-__-__T__:__:__.___Z')
);
CREATE INDEX ix_keys_of_mechanic ON mechanic_keys (mechanic_id);

CREATE TABLE logins (
  token_hash TEXT COLLATE "C" PRIMARY KEY CHECK (length(token_hash) = 64),
  fingerprint TEXT COLLATE "C" NOT NULL REFERENCES mechanic_keys (fingerprint) ON DELETE CASCADE,
  expires_at TEXT COLLATE "C" NOT NULL CHECK (expires_at LIKE '____-__-__T__:__:__.___Z')
);
CREATE INDEX ix_logins_of_key ON logins (fingerprint);
