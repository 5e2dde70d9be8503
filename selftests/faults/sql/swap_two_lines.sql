-- Two lines of one rate bear each other's finding types.
-- stands for: the rule that lines are compared whole, not only by their sum
-- checks: S2.2
-- says: CLASSIFICATION_ERROR at 25 %: 4 events, not 3 events
-- explained: exchanging
CREATE FUNCTION app.swap_two_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.finding_type = CASE NEW.finding_type
        WHEN 'DUPLICATE_CHARGE' THEN 'CLASSIFICATION_ERROR'
        WHEN 'CLASSIFICATION_ERROR' THEN 'DUPLICATE_CHARGE'
        ELSE NEW.finding_type
    END;
    RETURN NEW;
END $$;
CREATE TRIGGER swap_two_lines BEFORE INSERT ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.swap_two_lines();
