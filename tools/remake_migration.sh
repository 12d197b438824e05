#!/usr/bin/env bash
# Before the first release there is one migration; this writes it anew from the models.
set -eu
cd "$(dirname "$0")/.."
exec 9>/tmp/fengli_migration.lock
flock 9
folder=$(mktemp -d)
old=migrations/versions/0001_the_ground.py
cp "$old" "$folder/kept.py"
rm -f migrations/versions/0001*.py
if ! FENGLI_DATA=$folder .venv/bin/flask db revision --autogenerate -m "the ground" --rev-id 0001 >"$folder/log" 2>&1; then
    cp "$folder/kept.py" "$old"; cat "$folder/log"; exit 1
fi
sed -i -E "/sa.Boolean\(\)/s/server_default=sa.text\('0'\)/server_default=sa.false()/; /sa.Boolean\(\)/s/server_default=sa.text\('1'\)/server_default=sa.true()/" migrations/versions/0001*.py
rm -rf "$folder"
