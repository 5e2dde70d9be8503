-- What is committed is a cent more than what was answered.
-- stands for: killbill/killbill/issues/2249, what is shown and what is made differ
-- checks: S2.2
-- says: stored: gain share 649.36, not 649.35
-- explained: adding a minor unit to the total alone
-- over: http
CREATE FUNCTION app.change_what_was_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.billing_invoices SET gain_share_amount = gain_share_amount + 0.01 WHERE id = NEW.id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER change_what_was_answered AFTER INSERT ON app.billing_invoices
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION app.change_what_was_answered();
