-- The table of currencies gives yen two digits.
-- stands for: getlago/lago-api/issues/643, JPY times 100
-- checks: S1.4, M.1
-- says: gain share 617, not 618
-- explained: rounding to two digits
-- tenant: yen
UPDATE app.currencies SET minor_digits = 2 WHERE code = 'JPY';
