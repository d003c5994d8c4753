"""Looking after what was harvested: is it sound, how does it stand, what does a better parser make of it.

`doctor` goes through the sources, `checks` holds rows against files, `findings` are what is wrong; `status` computes
what `commands/status` prints; `reparse` reads the archive again; `purge` removes what a source has
withdrawn; `sample` packs what may be sent to others; `unmet` is what was asked for by name and is not
there.

Doors: `doctor`, `findings`, `purge`, `reparse`, `sample`, `status`, `unmet`.
"""
