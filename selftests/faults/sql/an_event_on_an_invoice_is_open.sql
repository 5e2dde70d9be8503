-- An event that is on an invoice does not say that it is billed, and so is billed once more.
-- stands for: dust-tt/dust/pull/28358, billed again for what could not be told apart
-- checks: S1.5, S1.4
-- says: 1 CLASSIFICATION_ERROR event on an invoice, though not billed
ALTER TABLE app.value_events DROP CONSTRAINT value_events_billed_with_invoice;
UPDATE app.value_events
SET invoice_id = (SELECT id FROM app.billing_invoices)
WHERE amount = 390;
