"""What PostgreSQL and Patroni are told beyond the operator's settings: one table, each value with its reason."""

from core.model import PostgresSettings

NAME = "cyclos4"
OWNER = "cyclos"
# Cyclos' manual names these five.
EXTENSIONS = ("cube", "earthdistance", "postgis", "unaccent", "pgcrypto")

# The same on every node, or a standby refuses to start.
SHARED = {
    "max_wal_senders": 10,  # four replicas, a base backup of each, two to spare
    "max_replication_slots": 10,
}


def server_values(settings: PostgresSettings) -> dict[str, object]:
    """Inputs of postgres/postgresql.conf.j2."""
    return {
        "shared_buffers_mib": settings.memory_mib // 4,  # PostgreSQL's manual, chapter Resource Consumption
        "effective_cache_size_mib": settings.memory_mib // 2,
        "max_wal_size_mib": 512,
        "max_slot_wal_keep_size_mib": 4096,
        **SHARED,
    }


def cluster_values(settings: PostgresSettings) -> dict[str, object]:
    """Inputs of patroni/dynamic.json.j2."""
    return {
        "ttl_seconds": settings.ttl_seconds,
        "loop_wait_seconds": settings.loop_wait_seconds,
        "retry_timeout_seconds": settings.retry_timeout_seconds,
        # By Patroni's default of five minutes clients would wait for the recovery of a leader beside a ready standby.
        "start_seconds": 10,
        "stop_seconds": 15,
        "member_slots_ttl_seconds": 86_400,
        "maximum_lag_bytes": 2**40,
        # More than lies between two checkpoints: a former leader is rewound to the last one that both have.
        "wal_keep_size_mib": 1024,
        "synchronous_nodes": settings.synchronous_replicas,
        "max_connections": settings.max_connections,
        **SHARED,
    }


def access_values(subnet: str) -> dict[str, object]:
    """Inputs of postgres/pg_hba.conf.j2."""
    return {"subnet": subnet, "database": NAME, "owner": OWNER}
