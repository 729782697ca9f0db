-- Users are found by their names and biography; entries are merged when 256 kB are pending.
CREATE INDEX IF NOT EXISTS search_users ON accounts_user
    USING gin (search_tsvector(username || ' ' || display_name || ' ' || bio))
    WITH (gin_pending_list_limit = 256);
