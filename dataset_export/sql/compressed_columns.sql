-- These bytes are compressed already: stored as they are, a range is read without unpacking.
ALTER TABLE dataset_export_shardchunk ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE dataset_export_intermediatepartition ALTER COLUMN data SET STORAGE EXTERNAL;
