"""``attestation.dsse.json``: who vouches for the evidence, signed offline with an ed25519 key.

An in-toto Statement v1 about the files, with the predicate test-result v0.1 about the run, in a
DSSE envelope. The statement follows from the record and the files; only the signature is new.
"""

import json
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import FormatError, VerificationError
from securesystemslib.signer import CryptoSigner, Key, SSlibKey

from reports.evidence import Check, Evidence, TenantEvidence, Verdict
from reports.key import PEM, SIGNING_KEY
from reports.reproduction import again
from reports.sentences import headline, meaning, remarks, verdict_words
from reports.verdict import excused_by, exit_code
from runbook.statuses import Status

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MAKE_ONE = "make a pair with: python -m reports keygen <folder>"


class BadKey(Exception):
    """What should be a key is none; the message says so without repeating it."""


class BadAttestation(Exception):
    """The attestation does not vouch for the evidence; the message says why."""


def read_signing_key(given: str) -> CryptoSigner:
    """Read an ed25519 private key: PEM text, or the path of a file that holds it."""
    try:
        text = given if PEM in given else Path(given).read_text(encoding="utf-8")
        key = load_pem_private_key(text.encode(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(
            f"{SIGNING_KEY} is neither an unencrypted ed25519 private key in PEM nor the path "
            f"of one: {MAKE_ONE}"
        )
    return CryptoSigner(key)


def read_public_key(path: Path) -> Key:
    """Read an ed25519 public key from a PEM file."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise BadKey(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise BadKey(f"{path} holds no ed25519 public key in PEM: {MAKE_ONE}")
    return SSlibKey.from_crypto(key)


def make_keys() -> tuple[bytes, bytes]:
    """Return a new private key and its public key, both in PEM."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return CryptoSigner(key).private_bytes, public


def attest(evidence: Evidence, files: Mapping[str, bytes], signer: CryptoSigner) -> bytes:
    """Return a signed statement about the record and its files."""
    envelope = Envelope(_payload(evidence, files), PAYLOAD_TYPE, {})
    envelope.sign(signer)
    return _written(envelope)


def check_attestation(
    content: bytes, evidence: Evidence, files: Mapping[str, bytes], key: Key | None, *, own: bool
) -> None:
    """Raise :class:`BadAttestation` unless it is about this evidence, and signed by ``key``.

    Without a key, whose signature it is remains unknown. Only of this gate's ``own`` evidence is it
    known in what words it is told.
    """
    envelope = _read(content)
    same = envelope.payload_type == PAYLOAD_TYPE
    if own:
        same = same and envelope.payload == _payload(evidence, files)
    else:
        same = same and _gist(envelope.payload) == _gist(_payload(evidence, files))
    if not same:
        raise BadAttestation("it is about other evidence than this")
    if key is None:
        return
    try:
        envelope.verify([key], threshold=1)
    except VerificationError:
        raise BadAttestation("it is not signed with the key that was given") from None


def _payload(evidence: Evidence, files: Mapping[str, bytes]) -> bytes:
    subject = [
        {"name": name, "digest": {"sha256": sha256(files[name]).hexdigest()}}
        for name in sorted(files)
    ]
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subject,
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": _predicate(evidence),
    }
    return json.dumps(statement, indent=2).encode()


def _gist(payload: bytes) -> Any:
    """Return what a statement is about, in no gate's words: its kind, the files, the verdict."""
    try:
        statement = json.loads(payload)
        gate = statement["predicate"]["configuration"][0]
        verdict = gate["annotations"]["verdict"]
        return statement["_type"], statement["predicateType"], statement["subject"], verdict
    except (ValueError, RecursionError, LookupError, TypeError):
        raise BadAttestation("it is about other evidence than this") from None


def _predicate(evidence: Evidence) -> dict[str, Any]:
    lists: dict[str, list[str]] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    excused = excused_by(evidence.platform.declared)
    for tenant in evidence.tenants:
        for check in tenant.results:
            lists[_list(check, tenant, excused)].append(f"{check.id} {tenant.id}")
    tenants = [_tenant(tenant, evidence) for tenant in evidence.tenants]
    judged = [_gate(evidence), _platform(evidence), *tenants]
    return {"result": _result(evidence), "configuration": judged, **lists}


def _result(evidence: Evidence) -> str:
    """A rehearsal or a partial run that held is a warning: neither is a sign-off."""
    if exit_code(evidence) != 0:
        return "FAILED"
    signed_off = evidence.verdict is Verdict.READY and not evidence.rehearsal
    return "PASSED" if signed_off else "WARNED"


def _list(check: Check, tenant: TenantEvidence, excused: Collection[str]) -> str:
    """The predicate knows nothing of skipped tests: what was not run failed, unless not needed.

    So did what was not judged, unless a declared lack excuses it.
    """
    if check.status is Status.PASSED:
        return "passedTests"
    not_needed = check.status is Status.NOT_RUN and tenant.verdict is Verdict.READY
    unjudged = check.status is Status.NOT_JUDGED and check.id in excused
    return "warnedTests" if not_needed or unjudged else "failedTests"


def _gate(evidence: Evidence) -> dict[str, Any]:
    tool = evidence.tool
    gate = {
        "name": "p9a-acceptance",
        "uri": f"pkg:generic/p9a-acceptance@{tool.version}",
        "annotations": {
            "verdict": evidence.verdict.value,
            "verdict_in_words": f"{headline(evidence)}: {meaning(evidence)}",
            "rehearsal": evidence.rehearsal,
            "period_start": str(evidence.period.start),
            "period_end": str(evidence.period.end),
            "files_changed_since_commit": tool.dirty,
            "reproduce": str(again(evidence)),
        },
    }
    return gate | ({"digest": {"gitCommit": tool.commit}} if tool.commit else {})


def _platform(evidence: Evidence) -> dict[str, Any]:
    """The platform is what its description says it is, so that is whose digest identifies it."""
    platform, target = evidence.platform, evidence.target
    told = {
        "name": "platform",
        "uri": f"urn:p9a:platform:{quote(platform.name, safe='')}",
        "annotations": {
            "name": platform.name,
            "kind": platform.kind,
            "build": platform.build,
            "billing": target.billing,
            "database": target.database,
            "host": target.host,
            "system_identifier": target.system_identifier,
            "not_judged": [lack.model_dump(mode="json") for lack in evidence.not_judged],
        },
    }
    digest = platform.description_sha256
    return told | ({"digest": {"sha256": digest}} if digest else {})


def _tenant(tenant: TenantEvidence, evidence: Evidence) -> dict[str, Any]:
    return {
        "name": "tenant",
        "uri": f"urn:uuid:{tenant.id}",
        "annotations": {
            "verdict": tenant.verdict.value,
            "verdict_in_words": verdict_words(tenant.verdict, evidence.not_judged),
            "remarks": list(remarks(tenant)),
        },
    }


def _read(content: bytes) -> Envelope:
    """Read an envelope that says nothing beyond its one signed statement."""
    try:
        envelope = Envelope.from_dict(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, FormatError):
        raise BadAttestation("it is no signed envelope, or cut off") from None
    signatures = list(envelope.signatures.values())
    extra = any(signature.unrecognized_fields for signature in signatures)
    if len(signatures) != 1 or extra or _written(envelope) != content:
        raise BadAttestation("it holds more than one signed statement in its one spelling")
    return envelope


def _written(envelope: Envelope) -> bytes:
    return json.dumps(envelope.to_dict(), indent=2).encode() + b"\n"
