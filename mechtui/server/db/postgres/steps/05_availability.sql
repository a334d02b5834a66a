-- Whether a mechanic is there: a word about the person, which takes no right from him.

ALTER TABLE mechanics ADD COLUMN availability TEXT COLLATE "C" NOT NULL DEFAULT 'on'
  CHECK (availability IN ('on', 'break', 'off'));
