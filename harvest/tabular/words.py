"""What columns are called in museums' tables, in five languages.

These are German, Dutch, French, Spanish and English.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import cache

_NAMES = {  # by role, as phrases of plain letters
    "number": "inventarnummer; inventar nr; inv nr; inv no; invnr; inventarnr; inventory number; inventory no; "
    "inventory; accession number; accession no; accession; object number; object id; objektnummer; objekt nr; "
    "objektnr; objekt id; objectnummer; inventarisnummer; inventarisnr; numero d inventaire; no d inventaire; "
    "n d inventaire; numero inventaire; no inventaire; inventaire; numero de inventario; n de inventario; "
    "no de inventario; n inventario; no inventario; inventario; sachnummer; signatur; kennung; identifier; "
    "identifiant; identificador; cote; source id; record id; museumsnummer",
    "title": "titel; title; titre; titulo; werktitel; objekttitel; bezeichnung; objektbezeichnung; benaming; "
    "denomination; denominacion; designation; bildtitel; name of work; titel des werks",
    "artist": "kunstler; kunstlerin; kunstlername; kunstler in; maler; malerin; artist; artist name; maker; creator; "
    "painter; vervaardiger; kunstenaar; schilder; artiste; auteur; peintre; createur; artista; autor; autora; pintor; "
    "urheber; hersteller; beteiligte; beteiligte person; author; attribution; dc creator",
    "birth": "geburtsjahr; birth year; year of birth; artist begin date; geboortejaar; annee de naissance; "
    "ano de nacimiento; geboren; birth; born; naissance; nacimiento",
    "death": "todesjahr; sterbejahr; death year; year of death; artist end date; sterfjaar; annee de deces; "
    "ano de muerte; gestorben; death; died; deces; fallecimiento",
    "date": "datierung; datum; entstehungszeit; entstehungsjahr; entstehungsdatum; entstehung; jahr; date; dating; "
    "dated; year; creation date; date of creation; date of work; production date; object date; datering; jaar; "
    "vervaardigingsdatum; vervaardigd; datation; date de creation; annee; annee de creation; millesime; fecha; "
    "datacion; fecha de creacion; ano; cronologia; siglo; zeitstellung; dc date",
    "earliest": "datierung von; jahr von; von jahr; entstanden von; datum von; date from; year from; earliest; "
    "earliest date; earliest year; begin date; start date; start year; object begin date; date debut; annee debut; "
    "datering van; datum van; jaar van; begindatum; fecha desde; fecha inicial; fecha inicio; ano desde; ano inicial; "
    "von; from",
    "latest": "datierung bis; jahr bis; bis jahr; entstanden bis; datum bis; date to; year to; latest; latest date; "
    "latest year; end date; end year; object end date; date fin; annee fin; datering tot; datum tot; jaar tot; "
    "einddatum; fecha hasta; fecha final; fecha fin; ano hasta; ano final; bis; to; tot",
    "medium": "material; technik; media; material technik; materialtechnik; material und technik; medium; technique; "
    "techniek; materiaal; materiaal techniek; materiau; materiaux; technique et materiaux; matieres et techniques; "
    "support; tecnica; materiales; tecnica materiales; materia; materials; maltechnik",
    "genre": "genre; gattung; bildgattung; bildthema; thema; genero; sujet; subject; tema; thema des bildes",
    "style": "stil; stilrichtung; stilepoche; style; stijl; stroming; mouvement; movement; estilo; kunststil; epoche; "
    "kunstrichtung; art movement",
    "type": "objektart; objekttyp; objektgattung; objektkategorie; objectcategorie; object category; object type; "
    "objecttype; objectsoort; object name; type d objet; categorie d objet; categoria de objeto; "
    "domaine; tipo de objeto; objeto; typ; type; classification; klassifikation; kategorie; category; categorie; "
    "categoria; classe; sachgruppe; sachgebiet; objectnaam",
    "rights": "rechte; bildrechte; lizenz; rechtsstatus; nutzungsrechte; urheberrecht; rights; license; licence; "
    "copyright; rechten; licentie; auteursrecht; droits; licence de l image; derechos; licencia; dc rights",
    "picture": "bild; bilddatei; bilddateien; bildname; dateiname; datei; abbildung; image; images; image file; "
    "image name; image url; filename; file name; file; picture; pictures; photo; foto; afbeelding; bestand; "
    "bestandsnaam; fichier; nom du fichier; nom de fichier; fichier image; imagen; archivo; nombre de archivo; "
    "fichero; scan; digitalisat; bild url; media; reproduktion",
    "link": "url; link; permalink; uri; weblink; webseite; page; lien; enlace; objekt url; object url; link resource",
}
_GENERIC = {  # as above, but of little weight: other columns are called so, too
    "number": "id; nr; no; nummer; number; numero; ref; reference; referencia; inv; key; objekt; object",
    "artist": "name; nom; naam; nombre",
    "date": "zeit; time; periode; period; periodo; zeitraum; jahrhundert; century; siecle; eeuw",
    "title": "beschreibung; description; descripcion; beschrijving; objekt; object; werk; work; oeuvre; obra; name",
}
_OTHERS = (  # by one of these words, a column tells of something else than the work's date, number, title or maker
    "scan; scandatum; digital; digitalisierung; digitalisiert; digitalisierungsdatum; digitised; digitized; "
    "digitisation; numerisation; digitalizacion; gedigitaliseerd; aufnahme; aufnahmedatum; fotodatum; erfasst; "
    "erfassung; erfassungsdatum; erfasser; created; modified; updated; geandert; anderungsdatum; acquisition; "
    "acquired; erwerb; erwerbung; erwerbungsjahr; erwerbungsdatum; zugang; zugangsdatum; zugangsnummer; ankauf; "
    "aankoop; verwerving; adquisicion; ingreso; achat; import; export; leihgabe; versicherung; standort; fotograf; "
    "photographer; photographe; fotograaf; fotografo; masse; dimensions; literatur; provenienz; provenance"
)
_LIFE = (
    "geburt; geburts; geboren; birth; tod; todes; death; gestorben; leben; lebensdaten; life; naissance; deces; "
    "nacimiento; geboorte"
)
_NOT = {
    **dict.fromkeys(("number", "title"), _OTHERS),
    **dict.fromkeys(("date", "earliest", "latest", "artist"), f"{_OTHERS}; {_LIFE}"),
    "picture": "fotograf; photographer; fotodatum; datum; date; rechte; rights; bildrechte; copyright",
    "type": "date; datum; rights",
}

_LONGEST_NAME = 60  # characters of a column's name
_WHOLE = 0.5  # likeness of a name that says no more than what a column is, as "Nr." does
BEFORE, AFTER, NOTE = " (before)", " (after)", "raisonne"  # what we call columns that we add to a table
_ADDED = re.compile(rf".+(?:{re.escape(BEFORE)}|{re.escape(AFTER)})|(?:.+ )?{NOTE}")


def is_added(name: str) -> bool:
    """Return whether a column is called as one that we add to a table."""
    return _ADDED.fullmatch(name) is not None


def added(names: Collection[str]) -> frozenset[str]:
    """Return the columns that we added to a table, which say nothing of their own: none without the one of notes."""
    is_ours = any(name.rpartition(" ")[2] == NOTE for name in names)
    return frozenset(filter(is_added, names)) if is_ours else frozenset()


def plain(text: str) -> str:
    """Return a column's name in small letters without accents or marks: "Inv.-Nr." as "inv nr"."""
    letters = unicodedata.normalize("NFD", text.replace("ß", "ss").casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", bare))


@cache
def likeness(name: str, role: str) -> float:
    """Return how well a column's name says that it has a role, from 0 to 1."""
    words = plain(name).split()
    if not words or is_added(name) or set(_NOT.get(role, "").split("; ")) & set(words):
        return 0.0
    own = max((_share(words, phrase) for phrase in _phrases(role)), default=0.0)
    generic = max((_share(words, phrase) for phrase in _phrases(role, generic=True)), default=0.0)
    return max(own, generic / 2)


def is_name(text: str) -> bool:
    """Return whether a text is no more than the name of a column."""
    text = text.strip().strip('"')
    return len(text) < _LONGEST_NAME and any(likeness(text, role) >= _WHOLE for role in _NAMES)


@cache
def _phrases(role: str, *, generic: bool = False) -> tuple[tuple[str, ...], ...]:
    names = (_GENERIC if generic else _NAMES).get(role, "")
    return tuple(tuple(phrase.split()) for phrase in names.split(";") if phrase.strip())


def _share(words: list[str], phrase: tuple[str, ...]) -> float:
    """Return which share of a name's words a phrase within it is."""
    places = range(len(words) - len(phrase) + 1)
    is_within = any(tuple(words[place : place + len(phrase)]) == phrase for place in places)
    return len(phrase) / len(words) if is_within else 0.0
