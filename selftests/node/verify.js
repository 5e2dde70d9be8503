// Verifies an attestation as Sigstore's own library does, offline: node verify.js ENVELOPE PUBLIC_KEY
const { readFileSync } = require("node:fs");
const { createPublicKey } = require("node:crypto");
const { bundleFromJSON } = require("@sigstore/bundle");
const { Verifier, toSignedEntity, toTrustMaterial } = require("@sigstore/verify");

const [envelope, key] = process.argv.slice(2);
const dsseEnvelope = JSON.parse(readFileSync(envelope, "utf8"));
const bundle = bundleFromJSON({
  mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
  verificationMaterial: { publicKey: { hint: dsseEnvelope.signatures[0].keyid } },
  dsseEnvelope,
});
const nobody = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
const publicKey = createPublicKey(readFileSync(key, "utf8"));
const trust = toTrustMaterial(nobody, () => ({ publicKey, validFor: () => true }));
const none = { ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: 0 };
new Verifier(trust, none).verify(toSignedEntity(bundle));
