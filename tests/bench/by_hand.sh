#!/bin/bash
# by_hand.sh FOLDER OWNER SUBNET PORT
# The default stack without Pulumi: what an administrator would type, step by step, with the same images, files, limits
# and waiting conditions. FOLDER holds the files of each node, the input of each step and the image names (by_hand.py).
# SUBNET is the first three numbers of a /24. Everything is labelled cyclos.stack=OWNER.
set -euo pipefail
files=$1 owner=$2 subnet=$3 port=$4
# shellcheck source=/dev/null
. "$files/images"

# Waits for a condition as the program's gates do, and as patiently.
wait_for() { # NODE PROBE [ARGUMENT ...]
    local deadline=$((SECONDS + 180)) node=$1 said
    shift
    until said=$(docker exec "$owner-$node-container" "$@" 2>&1); do
        if ((SECONDS >= deadline)); then
            echo "$node: $* fails: $said" >&2
            exit 1
        fi
        sleep 0.2
    done
}

labels() { # TIER NODE
    echo "--label cyclos.stack=$owner --label cyclos.tier=$1 --label cyclos.node=$2"
}

volume() { # TIER NODE
    # shellcheck disable=SC2046 # one word per label
    docker volume create $(labels "$1" "$2") "$owner-$2-data" >/dev/null
}

# A hardened container with its configuration files in place.
serve() { # TIER NODE HOST_NUMBER IMAGE MEMORY_MIB STOP_SECONDS [docker create option ...]
    local tier=$1 node=$2 number=$3 image=$4 memory=$5 grace=$6
    shift 6
    # shellcheck disable=SC2046 # one word per label
    docker create --name "$owner-$node-container" --hostname "$node" --network "$owner-network" \
        --ip "$subnet.$number" --network-alias "$node" $(labels "$tier" "$node") \
        --memory "${memory}m" --memory-swap "${memory}m" --shm-size 128m --cap-drop ALL \
        --security-opt no-new-privileges --init --restart unless-stopped --stop-signal SIGTERM --stop-timeout "$grace" \
        --log-driver json-file --log-opt max-size=10m --log-opt max-file=5 \
        "$@" "$image" >/dev/null
    [[ ! -d $files/$node ]] ||
        (cd "$files/$node" && find . -type f -print0 | tar --null --files-from=- --owner=0 --group=0 --mode=0444 -cf -) |
        docker cp - "$owner-$node-container:/"
    docker start "$owner-$node-container" >/dev/null
}

seed() { # NODE STEP [ARGUMENT ...]
    local node=$1 step=$2
    shift 2
    # shellcheck disable=SC2046 # one word per label
    docker run --rm --interactive --name "$owner-$node-seed" --network "$owner-network" \
        --volume "$owner-$node-data:/var/lib/postgresql" --memory 512m --cap-drop ALL \
        --security-opt no-new-privileges --init $(labels step "$node") --entrypoint "$step" "$POSTGRES" "$@" \
        <"$files/$node-seed.bundle" >/dev/null
}

run_step() { # NODE INPUT SCRIPT
    docker exec --interactive "$owner-$1-container" "$3" <"$files/$2.bundle" >/dev/null
}

postgres() { # NODE HOST_NUMBER
    serve postgres "$1" "$2" "$POSTGRES" 512 120 --volume "$owner-$1-data:/var/lib/postgresql:rw"
    wait_for "$1" serves
}

tomcat() { # NODE HOST_NUMBER
    serve tomcat "$1" "$2" "$CYCLOS" 1024 60 --network-alias tomcat \
        --env "CLUSTER_TCPIP=$subnet.40,$subnet.41" --env DNS_MEMBERSHIP_SERVICE_NAME=tomcat
    wait_for "$1" ready
}

docker network create --driver bridge --subnet "$subnet.0/24" --gateway "$subnet.1" --ip-range "$subnet.128/25" \
    --label "cyclos.stack=$owner" "$owner-network" >/dev/null

volume etcd etcd-1
serve etcd etcd-1 10 "$ETCD" 256 30 --volume "$owner-etcd-1-data:/var/lib/etcd:rw"

# Consensus elects itself while the first database is made; the server needs both.
volume postgres postgres-1
seed postgres-1 seed-primary "$subnet.21" "$owner" "https://$subnet.10:2379"
wait_for etcd-1 ready
postgres postgres-1 20

volume postgres postgres-2
seed postgres-2 seed-replica "$subnet.20"
postgres postgres-2 21

run_step postgres-1 database-settings apply-settings
run_step postgres-1 database-created create-database
position=$(docker exec "$owner-postgres-1-container" position)
wait_for postgres-2 proves-replication "$position" cyclos4 cyclos cube earthdistance postgis unaccent pgcrypto
wait_for postgres-1 synchronous postgres-2

# One after the other: the first makes the schema.
tomcat tomcat-1 40
tomcat tomcat-2 41

serve balancer balancer-1 5 "$NGINX" 128 30 --publish "127.0.0.1:$port:8080" --stop-signal SIGQUIT
wait_for balancer-1 ready
run_step balancer-1 balancer-1-configuration apply-config
wait_for balancer-1 reaches tomcat-1 "$subnet.40" tomcat-2 "$subnet.41"
