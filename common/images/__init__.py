"""User images: checked by structure, processed in a sandboxed subprocess, kept in storage."""
