-- name: agree(tenant_id, begins, cap_per_event, cap_per_invoice, cap_per_contract_year, minimum_per_invoice, negative_total, rate_at, rounding_mode, rounding_each, rounding_digits)!
INSERT INTO app.gain_share_agreements (
    tenant_id, begins, cap_per_event, cap_per_invoice, cap_per_contract_year, minimum_per_invoice,
    negative_total, rate_at, rounding_mode, rounding_each, rounding_digits
)
VALUES (
    :tenant_id, :begins, :cap_per_event, :cap_per_invoice, :cap_per_contract_year,
    :minimum_per_invoice, :negative_total, :rate_at, :rounding_mode, :rounding_each,
    :rounding_digits
);

-- name: forget_terms(tenant_id)!
DELETE FROM app.gain_share_terms WHERE tenant_id = :tenant_id;

-- name: add_scale(scale_id, tenant_id, filled_by, begins)!
INSERT INTO app.gain_share_scales (id, tenant_id, filled_by, begins)
VALUES (:scale_id, :tenant_id, :filled_by, :begins);

-- name: add_tier(scale_id, above, up_to, rate)!
INSERT INTO app.gain_share_tiers (scale_id, above, up_to, rate)
VALUES (
    :scale_id, coalesce(:above::numeric, '-Infinity'), coalesce(:up_to::numeric, 'Infinity'), :rate
);

-- name: add_terms(tenant_id, finding_type, currency, rate, valid_from, valid_to, scale_id)!
INSERT INTO app.gain_share_terms (
    tenant_id, finding_type, currency, rate, valid_from, valid_to, scale_id
)
VALUES (:tenant_id, :finding_type, :currency, :rate, :valid_from, :valid_to, :scale_id);

-- name: cap_the_invoice_in_place_of_the_event(tenant_id)!
UPDATE app.gain_share_agreements
SET cap_per_event = NULL, cap_per_invoice = cap_per_event
WHERE tenant_id = :tenant_id;

-- name: carry_forward(tenant_id, amount)!
-- The tenant's invoices leave that to later ones.
UPDATE app.billing_invoices SET carried_forward = :amount WHERE tenant_id = :tenant_id;
