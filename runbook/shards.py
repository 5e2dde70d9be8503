"""Which shard a tenant belongs to, and how a list of tenants is told by its digest.

A tenant's shard follows from its id and the number of shards alone: no list of the others, no
order and no machine has a part in it, so that tenants who come or go move nobody. Nothing is kept
by shard between two runs; so that another number of shards moves most tenants costs nothing, and a
remainder does what consistent hashing would.
"""

import json
from collections.abc import Iterable
from hashlib import sha256


def shard_of(tenant_id: str, of: int) -> int:
    """Return the tenant's shard, from 1 to ``of``."""
    return int.from_bytes(sha256(tenant_id.encode()).digest()[:8]) % of + 1


def split(tenants: Iterable[str], of: int) -> tuple[tuple[str, ...], ...]:
    """Return the tenants of each shard, in the order in which they were given."""
    shards: list[list[str]] = [[] for _ in range(of)]
    for tenant_id in tenants:
        shards[shard_of(tenant_id, of) - 1].append(tenant_id)
    return tuple(map(tuple, shards))


def digest(tenants: Iterable[str]) -> str:
    """Return what identifies a set of tenants, whatever their order."""
    return sha256(json.dumps(sorted(tenants)).encode()).hexdigest()
