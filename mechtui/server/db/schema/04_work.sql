-- Who accepted a request too late, and who had it then; once for each time it was held.

CREATE TABLE attempts (
  session_id TEXT NOT NULL REFERENCES sessions (id),
  mechanic_id TEXT NOT NULL REFERENCES mechanics (id),
  winner_id TEXT NOT NULL REFERENCES mechanics (id) CHECK (winner_id <> mechanic_id),
  won_at TEXT NOT NULL CHECK (won_at GLOB '????-??-??T??:??:??.???Z'),
  at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z'),
  PRIMARY KEY (session_id, mechanic_id, won_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX ix_attempts_of_mechanic ON attempts (mechanic_id);
CREATE INDEX ix_attempts_of_winner ON attempts (winner_id);
