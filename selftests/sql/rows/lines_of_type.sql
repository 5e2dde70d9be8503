-- An invoice has a line for each finding type, whatever its rates.

-- name: build
CREATE SCHEMA IF NOT EXISTS varied;
CREATE VIEW varied.items AS
SELECT
    invoice_id, finding_type, sum(event_count)::bigint AS event_count,
    sum(recovered_amount) AS recovered, sum(gain_share_amount) AS fee
FROM app.billing_invoice_lines
GROUP BY invoice_id, finding_type;

-- name: lines
SELECT
    concat(item.invoice_id, ' ', item.finding_type) AS id, item.invoice_id, item.finding_type,
    item.event_count, item.recovered AS recovered_amount, item.fee AS gain_share_amount,
    hash_record_extended(item, 0) AS digest
FROM varied.items AS item;

-- fault: S2.2 what was recovered is read as the fee
-- name: lines
SELECT
    concat(item.invoice_id, ' ', item.finding_type) AS id, item.invoice_id, item.finding_type,
    item.event_count, item.recovered AS recovered_amount, item.recovered AS gain_share_amount,
    hash_record_extended(item, 0) AS digest
FROM varied.items AS item;
