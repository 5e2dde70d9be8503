-- Of a total that is not positive no invoice is made.

-- name: build
CREATE SCHEMA varied;
