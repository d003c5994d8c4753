#!/bin/sh
# The whole way on a small museum served from this machine: harvest, catalogue, curate, train, report.
# Called by `make demo` with VENV_BIN (where the commands are) and DEMO (the data folder, made anew).
set -eu

say() { printf '\n$ %s\n' "$*"; }
run() { say "$*"; "$VENV_BIN/$@"; }

rm -rf "$DEMO"
export RAISONNE_DATA="$DEMO"
unset RAISONNE_CATALOGUE

say "harvest wikiart --mirror MUSEUM   (a museum of invented paintings, on this machine)"
"$VENV_BIN/python" -m tests.museum --artists 5 --works 40 -- \
    sh -c '"$0/harvest" wikiart --mirror "$MUSEUM_URL"' "$VENV_BIN"
run harvest sql fill
run curate build --min-per-artist 30 --name demo
# The backbone's weights come from ImageNet, by pip. So small a side leaves something for the labels to say.
network="--preset paper --backbone efficientnetlite0 --tune frozen --side 48 --optimizer adam --epochs 40"
run train run demo --name picture-alone --inputs image $network
run train run demo --name picture-and-labels --inputs image,genre,style,medium $network

printf '\nThe network that sees the labels too, beside the one that sees the picture alone. Open the reports:\n'
printf '  %s\n' "$DEMO"/runs/*/report.html
