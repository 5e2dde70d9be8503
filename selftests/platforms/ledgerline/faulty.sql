-- What the database forbids, and a fault must be allowed to do.

-- name: allow_several_invoices_a_month()#
DROP INDEX ledger.invoices_one_a_month;

-- name: allow_numbers_at_any_time()#
ALTER TABLE ledger.invoices DROP CONSTRAINT invoices_number_is_given_when_sent;

-- name: keep_attempts()#
CREATE TABLE ledger.attempts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, said text);

-- name: note_attempt(said)!
INSERT INTO ledger.attempts (said) VALUES (:said);
