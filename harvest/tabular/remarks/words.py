"""What rows say that are no objects, in German, Dutch, French, Spanish and English."""

import re

_SUM = (
    r"gesamt(?:summe|zahl|anzahl|bestand)?|insgesamt|(?:zwischen)?summe|anzahl|totaal|aantal|totals?|totale|totaux|sum|"
    r"count|number|grand total|sub-?total|sous-total|subtotaal|somme|nombre|número|suma|cantidad|total general"
)
_THINGS = (
    r"objekte?|werke?|gemälde|bilder|stück|datensätze|nummern|objects?|works?|paintings?|items?|records?|rows|entries|"
    r"objecten|werken|schilderijen|stuks|œuvres?|oeuvres?|objets?|tableaux|notices|obras?|objetos?|cuadros?|registros?"
)
_TOTAL = re.compile(
    rf"[\W\d_]*(?:{_SUM})[\W\d_]*(?:(?:der|aller|des?|d|of|all|van|von|aantal|gesamt)[\W_]+)?(?:(?:{_THINGS})[\W\d_]*)?"
    rf"|\d+[\W_]*(?:{_THINGS})[\W\d_]*",
    re.IGNORECASE,
)
_NOTICE = re.compile(  # how signatures, remarks and what a printout adds to a table begin
    r"gez\.|gezeichnet|unterschrift|signed by|(?:signature|handtekening|firma)\s*[:_]|"
    r"(?:ort|datum|date|place|lieu|fecha|plaats)\s*[,/:]|stand\s*[:\d]|as of\b|"
    r"erstellt|gedruckt|ausgedruckt|druckdatum|exportiert|exported|printed|imprimé le|"
    r"(?:quelle|source|bron|fuente|legende|légende|legend|leyenda|hinweise?|anmerkung(?:en)?|bemerkung(?:en)?|"
    r"notes?|notas?|remarques?|opmerking(?:en)?)\s*:|\*+\s*[=:)]|"
    r"ende der |end of |fin de |einde van |"
    r"©|\(c\)|copyright|alle rechte|all rights|alle rechten|tous droits|todos los derechos",
    re.IGNORECASE,
)

_KINDS = (  # what museums count, by its plural
    r"(?:öl)?gemälde|bilder|zeichnungen|aquarelle|drucke|(?:druck)?gra(?:f|ph)iken|skulpturen|plastiken|skizzen|miniaturen|"
    r"(?:f|ph)otogra(?:f|ph)ien|pastelle|gouachen|porträts?|landschaften|stillleben|künstler(?:innen)?|(?:öl)?paintings|"
    r"drawings|prints|sculptures|photographs|photos|water-?colou?rs|sketches|miniatures|pastels|engravings|etchings|"
    r"lithographs|posters|portraits|landscapes|still lifes|artists|painters|pictures|tekeningen|aquarellen|prenten|"
    r"beelden|sculpturen|foto['’]?s|portretten|landschappen|stillevens|kunstenaars|peintures|dessins|estampes|gravures|huiles|"
    r"photographies|paysages|natures mortes|artistes|pinturas|dibujos|acuarelas|grabados|esculturas|fotografías|"
    r"retratos|paisajes|bodegones|óleos|artistas"
)
_COUNTED = re.compile(
    rf"[\W_]*(?:[^\W\d_]+[\W_]+)?(?:{_KINDS}|{_THINGS})(?:[\W_]+(?:{_SUM}))?"
    r"(?:[\W_]+(?:on|auf|op|sur|sobre|in|en|al|à|aus)[\W_]+(?:l['’])?\w+)?[\W_]*",
    re.IGNORECASE,
)
_STATISTICS = re.compile(
    r"[\W_]*(?:[^\W\d_]+[\W_]+){0,2}(?:\w*statisti\w*|estadística\w*|\w*übersicht|zusammenfassung|auswertung|summary|"
    r"overview|\w*overzicht|samenvatting|récapitulati\w+|résumé|resumen|totals?|totale[ns]|totaux)\b.{0,40}",
    re.IGNORECASE,
)
_COUNT = re.compile(r"\d{1,3}(?:[.,'’ ]\d{3})*(?:[.,]0)?|\d+(?:[.,]0)?|\d{1,3}(?:[.,]\d+)? ?%")
_WORD = re.compile(r"[^\W\d_]{2,}")


def is_total(text: str) -> bool:
    """Return whether a cell says what a row sums up: "Summe", "Total: 300", "Anzahl der Objekte"."""
    return _TOTAL.fullmatch(text) is not None


def is_notice(text: str) -> bool:
    """Return whether a cell begins as signatures and remarks below a table do."""
    return _NOTICE.match(text.strip()) is not None


def is_counted(text: str) -> bool:
    """Return whether a text is the plural of what museums count, or a sum: "Paintings", "Werke auf Papier", "Total"."""
    return is_total(text) or _COUNTED.fullmatch(text) is not None


def is_statistics(text: str) -> bool:
    """Return whether a text is a heading of statistics: "Statistik der Sammlung", "Summary"."""
    return _STATISTICS.fullmatch(text) is not None


def is_count(text: str) -> bool:
    """Return whether a text says how many there are: "1,234", "95 %", "364 works"."""
    return text.isdecimal() or (text[:1].isdecimal() and (_COUNT.fullmatch(text) is not None or is_total(text)))


def has_word(text: str) -> bool:
    """Return whether a text has a word."""
    return _WORD.search(text) is not None


def is_worded(text: str) -> bool:
    """Return whether a text is more like words than like a number: "Gemälde", "Musterstadt, den 1. 3."."""
    words = _WORD.findall(text)
    return bool(words) and (len(words) > 1 or ":" in text or not any(map(str.isdecimal, text)))
