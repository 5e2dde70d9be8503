-- Payments point to their invoices, and the gate may not remove one: it issues nothing.
-- stands for: LanternOps/breeze/pull/4412, payments and ledger rows that keep their invoice
-- checks: S4.1
-- says: GRANT SELECT, DELETE ON app.payments
-- tenant: empty
-- over: http
-- with: --platform=reference
CREATE TABLE app.payments (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id uuid NOT NULL REFERENCES app.billing_invoices
);
