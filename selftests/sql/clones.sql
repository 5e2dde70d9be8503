-- name: make_clone
-- File by file: page by page through buffers and log is for servers that must outlive a crash.
CREATE DATABASE {clone} TEMPLATE {template} STRATEGY file_copy;

-- name: drop_clone
-- Also while somebody is connected.
DROP DATABASE {clone} WITH (FORCE);
