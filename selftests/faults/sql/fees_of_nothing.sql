-- The customer's share is 0 % in February.
-- stands for: anskaffelser/ehf-postaward-g2/issues/31, a total of zero is no invoice
-- checks: S1.5
-- says: nothing says that zero totals are no mistake
UPDATE app.gain_share_terms SET rate = 0;
