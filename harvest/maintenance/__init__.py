"""Looking after what was harvested: is it sound, how does it stand, what does a better parser make of it.

`doctor` goes through the sources, `checks` holds rows against files, `findings` are what is wrong; `status` computes
what `commands/status` prints; `reparse` reads the archive again; `purge` removes what a source has
withdrawn; `sample` packs what may be sent to others.

Doors: `doctor`, `findings`, `purge`, `reparse`, `sample`, `status`.
"""
