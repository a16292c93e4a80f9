-- Channels are added to and detached from events on sale, and have names of their own.
ALTER TABLE channels ADD COLUMN label text, ADD COLUMN detach_requested_at timestamptz(3);
