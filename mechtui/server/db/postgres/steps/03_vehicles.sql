-- Knowing a vehicle and a customer again, and small pictures of the photos that came with an intake.

ALTER TABLE intakes ADD COLUMN vin_key TEXT COLLATE "C"
  GENERATED ALWAYS AS (nullif(upper(replace(replace(replace(vin, ' ', ''), '-', ''), '.', '')), '')) STORED;
ALTER TABLE intakes ADD COLUMN plate_key TEXT COLLATE "C"
  GENERATED ALWAYS AS (nullif(upper(replace(replace(replace(plate, ' ', ''), '-', ''), '.', '')), '')) STORED;
CREATE INDEX ix_intakes_vin ON intakes (vin_key) WHERE vin_key IS NOT NULL;
CREATE INDEX ix_intakes_plate ON intakes (plate_key) WHERE plate_key IS NOT NULL;
CREATE INDEX ix_sessions_of_customer ON sessions (customer_id, created_at DESC, id DESC);

CREATE TABLE thumbs (
  file_id TEXT COLLATE "C" PRIMARY KEY REFERENCES intake_files (id),
  width BIGINT NOT NULL CHECK (width > 0),
  height BIGINT NOT NULL CHECK (height > 0),
  rgb BYTEA NOT NULL,
  CHECK (length(rgb) = width * height * 3)
);
