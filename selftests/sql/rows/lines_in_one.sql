-- An invoice has one line in all.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.items AS
SELECT
    invoice_id, sum(event_count)::bigint AS event_count, sum(recovered_amount) AS recovered,
    sum(gain_share_amount) AS fee
FROM app.billing_invoice_lines
GROUP BY invoice_id;

-- name: lines
SELECT
    item.invoice_id AS id, item.invoice_id, item.event_count, item.recovered AS recovered_amount,
    item.fee AS gain_share_amount, hash_record_extended(item, 0) AS digest
FROM varied.items AS item;

-- fault: S2.2 it has one for each finding type
-- name: lines
SELECT
    line.id, line.invoice_id, line.event_count, line.recovered_amount, line.gain_share_amount,
    hash_record_extended(line, 0) AS digest
FROM app.billing_invoice_lines AS line;
