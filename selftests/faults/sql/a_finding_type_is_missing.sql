-- An event was recorded without saying what was found, so that no line can tell what is billed.
-- stands for: bcgov/sbc-pay/pull/2417, an amount that nobody can match
-- checks: S1.5, S1.4
-- says: 1 event without a finding type
ALTER TABLE app.value_events ALTER COLUMN finding_type DROP NOT NULL;
UPDATE app.value_events SET finding_type = NULL WHERE amount = 390;
