-- Who accepted a request too late, and who had it then; once for each time it was held.

CREATE TABLE attempts (
  session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id),
  mechanic_id TEXT COLLATE "C" NOT NULL REFERENCES mechanics (id),
  winner_id TEXT COLLATE "C" NOT NULL REFERENCES mechanics (id) CHECK (winner_id <> mechanic_id),
  won_at TEXT COLLATE "C" NOT NULL CHECK (won_at LIKE '____-__-__T__:__:__.___Z'),
  at TEXT COLLATE "C" NOT NULL CHECK (at LIKE '____-__-__T__:__:__.___Z'),
  PRIMARY KEY (session_id, mechanic_id, won_at)
);
CREATE INDEX ix_attempts_of_mechanic ON attempts (mechanic_id);
CREATE INDEX ix_attempts_of_winner ON attempts (winner_id);
