-- name: insert_event(tenant_id, key, amount, currency, finding_type, occurred_at)!
-- A billable event as the platform's own business makes it, or, by its key, as an operator seeds it.
INSERT INTO app.value_events (
    tenant_id, category, amount, currency, source_entity_type, source_entity_id, finding_type,
    reason_code, idempotency_key, billable, occurred_at
)
VALUES (
    :tenant_id, 'RECOVERED', :amount, :currency, 'SHIP_FINDING', gen_random_uuid(), :finding_type,
    'AUDIT', :key, true, :occurred_at
);

-- name: set_status(tenant_id, status)!
UPDATE app.tenants SET status = :status WHERE id = :tenant_id;

-- name: end_terms(tenant_id, day)!
UPDATE app.gain_share_terms SET valid_to = :day WHERE tenant_id = :tenant_id;

-- name: all_rows()
-- Every row of every table of the application, as text: to see that nothing changed at all.
SELECT 'tenants' AS table_name, row_to_json(t)::text AS content FROM app.tenants AS t
UNION ALL
SELECT 'terms', row_to_json(g)::text FROM app.gain_share_terms AS g
UNION ALL
SELECT 'events', row_to_json(e)::text FROM app.value_events AS e
UNION ALL
SELECT 'invoices', row_to_json(i)::text FROM app.billing_invoices AS i
UNION ALL
SELECT 'lines', row_to_json(l)::text FROM app.billing_invoice_lines AS l
ORDER BY 1, 2;

-- name: allow_nan()#
ALTER TABLE app.value_events DROP CONSTRAINT value_events_amount_is_finite;

-- name: drop_invoices()#
DROP TABLE app.billing_invoice_lines, app.billing_invoices CASCADE;

-- name: overcharge_by_a_cent()#
-- Fault: what is stored, and so answered, is 0.01 more than the lines add up to.
CREATE FUNCTION app.overcharge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.gain_share_amount = NEW.gain_share_amount + 0.01;
    RETURN NEW;
END $$;
CREATE TRIGGER overcharge BEFORE INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.overcharge();

-- name: lose_a_line()#
-- Fault: one finding type never becomes a line, and the total does not show it.
CREATE FUNCTION app.lose_a_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN NEW.finding_type = 'DUPLICATE_CHARGE' THEN NULL ELSE NEW END;
END $$;
CREATE TRIGGER lose_a_line BEFORE INSERT ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.lose_a_line();

-- name: leave_a_line()#
-- Fault: taking a draft back leaves one of its lines behind.
ALTER TABLE app.billing_invoice_lines DROP CONSTRAINT billing_invoice_lines_invoice_id_fkey;
CREATE FUNCTION app.leave_a_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN OLD.finding_type = 'DUPLICATE_CHARGE' THEN NULL ELSE OLD END;
END $$;
CREATE TRIGGER leave_a_line BEFORE DELETE ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.leave_a_line();

-- name: leave_the_draft()#
-- Fault: taking a draft back says yes and does nothing.
CREATE FUNCTION app.leave_the_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END $$;
CREATE TRIGGER leave_the_draft BEFORE DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.leave_the_draft();
CREATE TRIGGER leave_its_lines BEFORE DELETE ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.leave_the_draft();

-- name: void_the_draft()#
-- No fault: a platform that keeps a cancelled draft on record.
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_status_is_known;
ALTER TABLE app.billing_invoices DROP CONSTRAINT billing_invoices_status_matches_times;
CREATE FUNCTION app.void_the_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.billing_invoices SET status = 'VOID' WHERE id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER void_the_draft BEFORE DELETE ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.void_the_draft();
CREATE FUNCTION app.keep_the_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END $$;
CREATE TRIGGER keep_the_line BEFORE DELETE ON app.billing_invoice_lines
FOR EACH ROW EXECUTE FUNCTION app.keep_the_line();

-- name: mark_events_billed()#
-- Fault: a draft marks the events as billed, and taking it back does not undo that.
ALTER TABLE app.value_events DROP CONSTRAINT value_events_billed_with_invoice;
CREATE FUNCTION app.mark_events_billed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.value_events SET billed_at = now() WHERE tenant_id = NEW.tenant_id;
    RETURN NEW;
END $$;
CREATE TRIGGER mark_events_billed AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.mark_events_billed();

-- name: draft_twice()#
-- Fault: every draft is stored twice, the second under another period.
CREATE FUNCTION app.draft_twice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.invoice_number LIKE 'DRAFT-%' THEN
        INSERT INTO app.billing_invoices (
            tenant_id, invoice_number, status, currency, period_start, period_end, event_count,
            recovered_amount, gain_share_amount, events_digest
        )
        VALUES (
            NEW.tenant_id, 'TWIN', 'DRAFT', NEW.currency, NEW.period_end,
            NEW.period_end + interval '1 day', NEW.event_count, NEW.recovered_amount,
            NEW.gain_share_amount, 0
        );
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER draft_twice AFTER INSERT ON app.billing_invoices
FOR EACH ROW EXECUTE FUNCTION app.draft_twice();

-- name: keep_a_seed()#
-- Fault: one seed cannot be removed.
CREATE FUNCTION app.keep_a_seed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN OLD.idempotency_key LIKE 'dryrun-%-002' THEN NULL ELSE OLD END;
END $$;
CREATE TRIGGER keep_a_seed BEFORE DELETE ON app.value_events
FOR EACH ROW EXECUTE FUNCTION app.keep_a_seed();

-- name: refuse_seeds()#
-- Fault: the table takes no events from a dry run.
ALTER TABLE app.value_events
    ADD CONSTRAINT value_events_are_real CHECK (reason_code <> 'DRY_RUN');

-- name: round_down()#
-- Fault: fees are cut off instead of rounded half away from zero.
CREATE OR REPLACE VIEW app.priced_events AS
SELECT
    e.id, e.tenant_id, e.category, e.billable, e.billed_at, e.invoice_id, e.occurred_at,
    e.currency, e.finding_type, e.amount, g.rate, trunc(e.amount * g.rate, 2) AS fee
FROM app.value_events AS e
JOIN app.gain_share_terms AS g ON g.tenant_id = e.tenant_id;

-- name: write_while_previewing()#
-- Fault: looking at a price writes.
CREATE FUNCTION app.write_a_tenant() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.tenants (name, slug, status)
    VALUES ('Trace', gen_random_uuid()::text, 'active');
    RETURN true;
END $$;
CREATE OR REPLACE VIEW app.priced_events AS
SELECT
    e.id, e.tenant_id, e.category, e.billable, e.billed_at, e.invoice_id, e.occurred_at,
    e.currency, e.finding_type, e.amount, g.rate, round(e.amount * g.rate, 2) AS fee
FROM app.value_events AS e
JOIN app.gain_share_terms AS g ON g.tenant_id = e.tenant_id
WHERE app.write_a_tenant();
