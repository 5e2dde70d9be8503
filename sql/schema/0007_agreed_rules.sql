-- How a tenant's bill is worked out where its agreement says so: the instant that chooses the rate,
-- rounding, and totals below zero that later invoices take over. Without a row, as the defaults say.

ALTER TABLE app.gain_share_agreements
    ADD COLUMN rate_at text NOT NULL DEFAULT 'event',
    ADD COLUMN rounding_mode text NOT NULL DEFAULT 'half away from zero',
    ADD COLUMN rounding_each text NOT NULL DEFAULT 'event',
    -- Digits after the point; NULL is the currency's own number of them.
    ADD COLUMN rounding_digits integer,
    ADD CONSTRAINT gain_share_agreements_rate_at_is_known
        CHECK (rate_at IN ('event', 'period start', 'period end', 'issue', 'newest terms')),
    ADD CONSTRAINT gain_share_agreements_rounding_mode_is_known CHECK (rounding_mode IN (
        'half away from zero', 'half to even', 'half towards zero', 'half up',
        'down', 'up', 'floor', 'ceiling'
    )),
    ADD CONSTRAINT gain_share_agreements_rounding_each_is_known
        CHECK (rounding_each IN ('event', 'line', 'invoice')),
    ADD CONSTRAINT gain_share_agreements_rounding_digits_are_few
        CHECK (rounding_digits BETWEEN 0 AND 9),
    DROP CONSTRAINT gain_share_agreements_negative_total_is_known,
    ADD CONSTRAINT gain_share_agreements_negative_total_is_known
        CHECK (negative_total IN ('credited', 'refused', 'carried forward')),
    ADD CONSTRAINT gain_share_agreements_minimum_leaves_nothing_to_carry
        CHECK (minimum_per_invoice IS NULL OR negative_total <> 'carried forward');

-- Both are zero or below. What an invoice took over is no longer there for the next.
ALTER TABLE app.billing_invoices
    ADD COLUMN brought_forward numeric NOT NULL DEFAULT 0,
    ADD COLUMN carried_forward numeric NOT NULL DEFAULT 0,
    ADD CONSTRAINT billing_invoices_carry_what_is_below_zero CHECK (
        brought_forward <= 0 AND brought_forward > '-Infinity'
        AND carried_forward <= 0 AND carried_forward > '-Infinity'
    );

-- Rounds to whole units, which are 1, 0.1, 0.01 and so on. trunc() goes towards zero, round() takes
-- halves away from it; every mode is one of the two, a unit more or less, or the one for what lies in the
-- middle and the other for all else. One expression, so that a statement takes it in.
CREATE FUNCTION app.rounded(amount numeric, unit numeric, mode text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN mode = 'half away from zero' OR trunc(amount, scale(unit)) = amount THEN
            round(amount, scale(unit))
        WHEN mode = 'down' THEN trunc(amount, scale(unit))
        WHEN mode = 'up' OR mode = CASE WHEN amount < 0 THEN 'floor' ELSE 'ceiling' END THEN
            trunc(amount, scale(unit)) + sign(amount) * unit
        WHEN mode IN ('floor', 'ceiling') THEN trunc(amount, scale(unit))
        WHEN 2 * abs(amount - trunc(amount, scale(unit))) <> unit THEN round(amount, scale(unit))
        WHEN mode = 'half towards zero' OR mode = 'half up' AND amount < 0 THEN
            trunc(amount, scale(unit))
        WHEN mode = 'half to even' AND mod(trunc(amount, scale(unit)), 2 * unit) = 0 THEN
            trunc(amount, scale(unit))
        ELSE round(amount, scale(unit))
    END
$$;

-- Tiers that more than one invoice fills need the rate that earlier events had, which their own
-- instants alone still tell.
CREATE FUNCTION app.refuse_tiers_that_look_back() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM app.gain_share_agreements AS agreed
        JOIN app.gain_share_terms AS terms ON terms.tenant_id = agreed.tenant_id
        JOIN app.gain_share_scales AS scale ON scale.id = terms.scale_id
        WHERE agreed.tenant_id = NEW.tenant_id
            AND agreed.rate_at <> 'event'
            AND scale.filled_by <> 'invoice'
    ) THEN
        RAISE EXCEPTION 'tiers of more than one invoice need rate_at = ''event'''
            USING ERRCODE = 'check_violation',
            CONSTRAINT = 'gain_share_agreements_tiers_look_back_from_the_event';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER gain_share_agreements_tiers_look_back_from_the_event
    AFTER INSERT OR UPDATE ON app.gain_share_agreements
    FOR EACH ROW WHEN (NEW.rate_at <> 'event')
    EXECUTE FUNCTION app.refuse_tiers_that_look_back();

CREATE CONSTRAINT TRIGGER gain_share_terms_tiers_look_back_from_the_event
    AFTER INSERT OR UPDATE ON app.gain_share_terms
    FOR EACH ROW WHEN (NEW.scale_id IS NOT NULL)
    EXECUTE FUNCTION app.refuse_tiers_that_look_back();
