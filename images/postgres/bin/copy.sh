# shellcheck shell=sh
# Sourced after common.sh by the scripts that copy a leader. A copy that is killed leaves no `data`, and is begun again.
# shellcheck disable=SC2154  # the paths are common.sh's, $bundle is the caller's

# Copies the server, whose database must be this one, into an empty place; complete and consistent, or not at all.
copy() { # CONNECTION SYSTEM-IDENTIFIER
    rm -rf "$aside"
    quietly pg_basebackup --dbname="$1" --pgdata="$aside" --write-recovery-conf --wal-method=stream --checkpoint=fast \
        --no-password
    [ "$(system_identifier "$aside")" = "$2" ] || fail "the leader changed during the copy: run it again"
    recover
    publish
}

# Runs the copy as a standby until it is consistent. A copy still says "in production", and Patroni up to 4.1 would take it
# for a crashed primary and recover it as one, which lets it diverge from the leader (patroni#3576).
recover() {
    # A standby needs at least the leader's values; the copy's own files name files that are not here.
    for setting in max_connections max_worker_processes max_wal_senders; do
        echo "$setting = $(control_field "$aside" "$setting setting")"
    done > "$bundle/postgresql.conf"
    echo "max_locks_per_transaction = $(control_field "$aside" "max_locks_per_xact setting")" >> "$bundle/postgresql.conf"
    echo "max_prepared_transactions = $(control_field "$aside" "max_prepared_xacts setting")" >> "$bundle/postgresql.conf"
    quietly pg_ctl start --pgdata="$aside" --wait --timeout=3600 --log="$bundle/server.log" --options="\
        -c config_file=$bundle/postgresql.conf -c listen_addresses= -c unix_socket_directories=$bundle" 9>&-
    quietly pg_ctl stop --pgdata="$aside" --wait --timeout=600 --mode=fast
}
