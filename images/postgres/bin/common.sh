# shellcheck shell=sh
# Sourced by the scripts of this image: the volume's paths, the lock, the server's answers.
# shellcheck disable=SC2034  # each script uses some of the variables

volume=/var/lib/postgresql
data=$volume/data
# A seed works here and renames at the end: `data` is either complete or not there.
aside=$volume/data.seeding
# System identifier of the database that was seeded on this volume; written before the rename.
marker=$volume/seeded
sockets=/var/run/postgresql

fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# Two seeds on one volume wait for each other; the lock goes with the process, however it ends.
lock_volume() {
    exec 9> "$volume/seed.lock"
    flock --wait 300 9 || fail "another seed has been working on this volume for five minutes"
}

# In one container, what changes who leads or runs is done by one at a time: a killed `up` leaves its own behind. The lock goes
# with the process.
one_at_a_time() { # SECONDS
    exec 8> "$sockets/changes.lock"
    flock --wait "$1" 8 || fail "another run has been at it for $1 s"
}

# Runs a chatty program; its output is kept in $bundle, the caller's private directory, and shown only when it fails.
# shellcheck disable=SC2154
quietly() {
    if ! "$@" > "$bundle/output" 2>&1; then
        tail -n 20 "$bundle/output" >&2
        [ ! -f "$bundle/server.log" ] || tail -n 20 "$bundle/server.log" >&2
        fail "$1 failed"
    fi
}

control_field() { # DIR FIELD
    LC_ALL=C pg_controldata "$1" 2> /dev/null | sed -n "s/^$2: *//p"
}

system_identifier() { # DIR
    control_field "$1" "Database system identifier"
}

# Makes what was built aside the volume's database.
publish() {
    system_identifier "$aside" > "$marker.new"
    sync "$marker.new"
    mv -T "$marker.new" "$marker"
    mv -T "$aside" "$data"
    sync "$volume"
}

# Asks the local server through its socket; the statement comes on stdin, so that psql fills in its variables.
ask() { # DATABASE PSQL-OPTION...
    PGOPTIONS='-c statement_timeout=10s' PGCONNECT_TIMEOUT=5 \
        psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$sockets" -U postgres -f - -d "$@"
}

# Patroni's view, a line per node, parted by tabs: cluster, node, address, role, state, timeline, lag; fails when there is
# none. Patronictl waits for consensus for as long as it takes. The last field, why a restart is pending, may have further
# lines: one for each setting.
members() {
    timeout 15 patronictl -c /etc/patroni/ list --format tsv |
        awk -F '\t' 'NR > 1 && NF > 5 { print; found = 1 } END { exit !found }'
}

# The same where nothing can be done without it.
known_members() {
    members || fail "Patroni does not say who its members are"
}

# Whether the leader has all its standbys, one of them synchronous: whichever comes first, or, in a stack made by an earlier
# version, a certain one.
whole() {
    members | awk -F '\t' '$4 == "Leader" { leader = 1 } $4 != "Leader" && $5 != "streaming" { away = 1 }
        $4 ~ /^(Quorum|Sync) Standby$/ { sync = 1 } END { exit !(leader && sync && !away) }'
}

# The node that leads, as Patroni says; nothing when nobody does.
leader() {
    members | awk -F '\t' '$4 == "Leader" { print $2 }'
}

# Name of the cluster in the consensus store.
scope() {
    members | cut -f 1 | head -n 1
}

has_switched() { # LEADER [CANDIDATE]
    now=$(leader)
    [ -n "$now" ] && [ "$now" != "$1" ] && [ "$now" = "${2:-$now}" ]
}

# Returns when the candidate leads, who must have all that was confirmed (as `lead` sees to); without one, when another
# node does, of those who have most. Patronictl ends with 0 when Patroni has refused, too, or let another one lead, and
# before all is over when the leader needs long to stop.
switch_over() { # LEADER [CANDIDATE]
    answer=$(timeout 60 patronictl -c /etc/patroni/ switchover --leader "$1" ${2:+--candidate "$2"} --force 2>&1) || return 1
    given_up=$(($(date +%s) + 30))
    while [ "$(date +%s)" -lt "$given_up" ]; do
        has_switched "$@" && return
        case $answer in *"details: 4"* | *"details: 503, Switchover failed"* | *" instead of "*) return 1 ;; esac
        sleep 0.5
    done
    return 1
}

# What a member's Patroni answers, as HTTP does; nothing when it is silent.
patroni_says() { # ADDRESS PATH
    # shellcheck disable=SC2016  # $0 and $1 are for the inner shell
    timeout 3 bash -c 'exec 3<> "/dev/tcp/$0/8008" && printf "GET %s HTTP/1.0\r\n\r\n" "$1" >&3 && cat <&3' "$@" 2> /dev/null || true
}

# Its own word about a member, as JSON.
status_of() { # ADDRESS
    patroni_says "$1" /patroni
}

# Whether this node has the lead, even if it cannot write: Patroni lets such a one begin again for ever.
holds_lead() {
    leads 2> /dev/null && return
    case $(patroni_says 127.0.0.1 /leader) in "HTTP/1.0 200"*) ;; *) return 1 ;; esac
}
