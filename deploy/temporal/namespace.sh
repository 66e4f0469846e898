#!/bin/sh
# Makes the namespace in which journeys run, once Temporal answers. Safe to run at every start: one that is there stays.
set -eu
tries=0
until temporal operator cluster health; do
    tries=$((tries + 1))
    if [ "$tries" -ge 30 ]; then
        echo "Temporal at $TEMPORAL_ADDRESS does not answer" >&2
        exit 1
    fi
    sleep 2
done
# A journey that has ended stays readable in Temporal for 30 days; Wayfare's own record of it is kept for good.
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d
