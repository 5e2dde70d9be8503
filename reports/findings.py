"""What can be wrong with a folder of evidence."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What can be wrong with a folder, in the order in which it is looked for."""

    NO_FOLDER = "no_folder"
    FILE_IS_MISSING = "file_is_missing"
    FILE_IS_UNKNOWN = "file_is_unknown"
    HASH_DIFFERS = "hash_differs"
    RECORD_IS_BAD = "record_is_bad"
    RENDERING_DIFFERS = "rendering_differs"
    PLATFORM_IS_NOT_NAMED = "platform_is_not_named"
    LACKS_DIFFER = "lacks_differ"
    CHECKS_DIFFER = "checks_differ"
    NOT_JUDGED_WITHOUT_LACK = "not_judged_without_lack"
    CRITERION_DOES_NOT_FOLLOW = "criterion_does_not_follow"
    VERDICT_DOES_NOT_FOLLOW = "verdict_does_not_follow"
    MONEY_DIFFERS = "money_differs"
    SEEDS_REMAIN = "seeds_remain"
    SHARD_DIFFERS = "shard_differs"
    TIMES_ARE_IMPOSSIBLE = "times_are_impossible"
    TOO_OLD = "too_old"
    NOT_SIGNED = "not_signed"
    ATTESTATION_IS_BAD = "attestation_is_bad"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and where: files, or a tenant."""

    fault: Fault
    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why} [{self.fault}]"
