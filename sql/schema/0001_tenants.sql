-- The customers whose recoveries are billed, and the currencies they can be billed in.

CREATE SCHEMA IF NOT EXISTS app;

-- Lets uuid and text take part in exclusion constraints beside ranges.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE app.tenants (
    id     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name   text NOT NULL,
    slug   text NOT NULL,
    status text NOT NULL,
    CONSTRAINT tenants_slug_is_unique UNIQUE (slug),
    CONSTRAINT tenants_status_is_known CHECK (status IN ('active', 'suspended', 'closed'))
);

-- ISO 4217, list one: every code that has a minor unit, with the digits of that unit.
CREATE TABLE app.currencies (
    code         text PRIMARY KEY,
    minor_digits smallint NOT NULL,
    CONSTRAINT currencies_code_is_iso_4217 CHECK (code ~ '^[A-Z]{3}$'),
    CONSTRAINT currencies_minor_digits_are_few CHECK (minor_digits BETWEEN 0 AND 4)
);

INSERT INTO app.currencies (code, minor_digits)
SELECT code[1], 0 FROM regexp_matches('
    BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
', '[A-Z]{3}', 'g') AS code
UNION ALL
SELECT code[1], 2 FROM regexp_matches('
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN
    BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD
    FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW
    KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
    MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG
    SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD
    USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
', '[A-Z]{3}', 'g') AS code
UNION ALL
SELECT code[1], 3 FROM regexp_matches('
    BHD IQD JOD KWD LYD OMR TND
', '[A-Z]{3}', 'g') AS code
UNION ALL
SELECT code[1], 4 FROM regexp_matches('
    CLF UYW
', '[A-Z]{3}', 'g') AS code;
