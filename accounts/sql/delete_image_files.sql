-- Queues the files of a deleted or replaced profile image for deletion.
CREATE OR REPLACE TRIGGER enqueue_file_deletion
    AFTER DELETE OR UPDATE OF folder ON accounts_profileimage
    FOR EACH ROW EXECUTE FUNCTION common_enqueue_file_deletion();
