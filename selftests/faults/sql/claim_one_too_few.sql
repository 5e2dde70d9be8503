-- An issued invoice bills three events and claims two.
-- stands for: getlago/lago-api/pull/5916, an event billed twice
-- checks: S4.4
-- says: 2 of 3 seeds claimed
-- tenant: empty
CREATE FUNCTION app.claim_one_too_few() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ISSUED' AND OLD.status = 'DRAFT' THEN
        UPDATE app.value_events SET billed_at = NULL, invoice_id = NULL
        WHERE invoice_id = NEW.id AND finding_type = 'ADDRESS_CORRECTION';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER claim_one_too_few AFTER UPDATE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.claim_one_too_few();
