-- Older backends may go on serving.
-- What is left for others is read once and soon dropped: packing it would cost every commit more than writing it out.

ALTER TABLE outbox ALTER COLUMN events SET STORAGE EXTERNAL;
