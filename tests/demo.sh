#!/bin/sh
# The whole way on a small museum served from this machine: harvest, catalogue, curate, train, report.
# Called by `make demo` with VENV_BIN (where the commands are) and DEMO (the data folder). Each command goes on from what
# is there, so what somebody keeps in that folder stays.
set -eu

say() { printf '\n$ %s\n' "$*"; }
run() { say "$*"; "$VENV_BIN/$@"; }
if [ -e "$DEMO" ]; then
    printf '%s is there already: the demo goes on with it, and keeps all that is in it. Delete it to begin anew.\n' "$DEMO"
fi
say "export RAISONNE_DATA=$DEMO"
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
printf '  %s\n' "$DEMO/runs/picture-alone/report.html" "$DEMO/runs/picture-and-labels/report.html"

printf '\nAsk the networks about a picture, one of the museum'"'"'s or your own. In this folder:\n'
printf '  %s\n' "source $VENV_BIN/activate" "export RAISONNE_DATA=$DEMO"
# The paper's network needs every label: those of the first painting.
"$VENV_BIN/python" - "$DEMO/builds/demo" <<'END'
import csv, shlex, sys

with open(f"{sys.argv[1]}/all/manifest.csv", encoding="utf-8", newline="") as file:
    painting = next(csv.DictReader(file))
picture = ["--image", f"{sys.argv[1]}/{painting['image']}"]
labels = [word for name in ("genre", "style", "medium") for word in (f"--{name}", painting[name])]
print(" ", shlex.join(["train", "predict", "picture-alone", *picture]))
print(" ", shlex.join(["train", "predict", "picture-and-labels", *picture, *labels]))
END
