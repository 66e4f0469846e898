#!/bin/sh
# Creates Temporal's two databases and brings their tables to the version of this image. Safe to run at every start.
set -eu

bring_up_to_date() { # database, folder with its versions
    tool="temporal-sql-tool --plugin postgres12 --ep postgres -p 5432 -u temporal --db $1"
    $tool create
    $tool setup-schema -v 0.0
    $tool update-schema -d "/etc/temporal/schema/postgresql/v12/$2/versioned"
}

bring_up_to_date temporal temporal
bring_up_to_date temporal_visibility visibility
