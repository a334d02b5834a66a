-- Knowing a vehicle and a customer again, and small pictures of the photos that came with an intake.

ALTER TABLE intakes ADD COLUMN vin_key TEXT
  AS (nullif(upper(replace(replace(replace(vin, ' ', ''), '-', ''), '.', '')), '')) VIRTUAL;
ALTER TABLE intakes ADD COLUMN plate_key TEXT
  AS (nullif(upper(replace(replace(replace(plate, ' ', ''), '-', ''), '.', '')), '')) VIRTUAL;
CREATE INDEX ix_intakes_vin ON intakes (vin_key) WHERE vin_key IS NOT NULL;
CREATE INDEX ix_intakes_plate ON intakes (plate_key) WHERE plate_key IS NOT NULL;
CREATE INDEX ix_sessions_of_customer ON sessions (customer_id, created_at DESC, id DESC);

CREATE TABLE thumbs (
  file_id TEXT PRIMARY KEY REFERENCES intake_files (id),
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  rgb BLOB NOT NULL,
  CHECK (length(rgb) = width * height * 3)
) STRICT;
