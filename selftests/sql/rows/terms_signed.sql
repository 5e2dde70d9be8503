-- Terms stand in a signed contract only; the description has them as they were read there.

-- name: terms
SELECT
    signed.id, uuid '9a9a9a9a-0000-4000-8000-0000000000ac' AS tenant_id, signed.finding_type,
    signed.currency, signed.rate, signed.valid_from::date, signed.valid_to::date,
    hash_record_extended(signed, 0) AS digest
FROM (VALUES
    (1, 'DUPLICATE_CHARGE', 'USD', 0.25, '2025-01-01', NULL),
    (2, NULL, 'USD', 0.25, '2025-01-01', NULL)
) AS signed (id, finding_type, currency, rate, valid_from, valid_to);

-- fault: S1.4 what is signed is not what is billed
-- name: terms
SELECT
    signed.id, uuid '9a9a9a9a-0000-4000-8000-0000000000ac' AS tenant_id, signed.finding_type,
    signed.currency, signed.rate, signed.valid_from::date, signed.valid_to::date,
    hash_record_extended(signed, 0) AS digest
FROM (VALUES
    (1, 'DUPLICATE_CHARGE', 'USD', 0.20, '2025-01-01', NULL),
    (2, NULL, 'USD', 0.25, '2025-01-01', NULL)
) AS signed (id, finding_type, currency, rate, valid_from, valid_to);
