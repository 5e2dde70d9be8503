-- Two general rates are valid at once.
-- stands for: getlago/lago-front/pull/3489, tiers that meet off by one
-- checks: S1.5, S1.4
-- says: terms at 20 % and at 25 % at once
ALTER TABLE app.gain_share_terms DROP CONSTRAINT gain_share_terms_never_overlap;
INSERT INTO app.gain_share_terms (tenant_id, currency, rate, valid_from)
SELECT tenant_id, 'USD', 0.20, '2026-02-28'
FROM app.gain_share_terms WHERE finding_type IS NULL;
