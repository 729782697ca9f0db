-- Queues the files of a deleted or replaced image for deletion: post media and link previews.
CREATE OR REPLACE TRIGGER enqueue_file_deletion
    AFTER DELETE OR UPDATE OF folder ON posts_linkpreview
    FOR EACH ROW EXECUTE FUNCTION common_enqueue_file_deletion();

CREATE OR REPLACE TRIGGER enqueue_file_deletion
    AFTER DELETE OR UPDATE OF folder ON posts_media
    FOR EACH ROW EXECUTE FUNCTION common_enqueue_file_deletion();
