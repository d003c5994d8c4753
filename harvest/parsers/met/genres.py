"""Genres told by a museum that has none: from the subjects it tags, else from the words of a title.

The names are WikiArt's, so that one word means one genre in every source. The lists hold subjects, not people or
things that any painting may show: men and women alone are no genre.
"""

import re
from collections.abc import Iterable

# Tags of the MET. The first line that holds one of a painting's is its genre: a saint in a landscape is religious.
_TAGS: tuple[tuple[str | None, str], ...] = (
    ("self-portrait", "Self-portraits"),
    (
        "religious painting",
        """Aaron|Abel|Abraham|Adam|Adoration of the Magi|Adoration of the Shepherds|
        Agony in the Garden|Akshobhya|Amoghasiddhi|Angels|Annunciation|Apocalypse|Apostles|Archangel Gabriel|
        Assumption of the Virgin|Avalokiteshvara|Baptism of Christ|Bathsheba|Bearing the Cross|Bible|Bodhisattvas|
        Brahma|Buddha|Buddhism|Buddhist Religious Figures|Cain|Christ|Circumcision|Coronation of the Virgin|Crucifix|
        Crucifixion|David|Death of the Virgin|Delilah|Descent from the Cross|Durga|Entombment|Esther|Evangelists|Eve|
        Flagellation|Flight Into Egypt|Ganesha|God the Father|Goliath|Heaven|Hell|Herod|Hinduism|Holofernes|
        Holy Family|Isaac|Jainism|Jesus|Job|Joseph|Joshua|Judas|Judith|Krishna|Lamentation|Last Judgement|Last Supper|
        Madonna|Madonna and Child|Maitreya|Manjushri|Manna|Marriage of the Virgin|Mary Magdalene|Moses|Nativity|
        New Testament|Noah|Parables|Parvati|Pentecost|Pilate|Queen of Sheba|Radha|Rebecca|Resurrection|Saint Andrew|
        Saint Anne|Saint Anthony|Saint Barbara|Saint Bartholomew|Saint Catherine|Saint Christopher|Saint Francis|
        Saint George|Saint Helena|Saint Jerome|Saint John|Saint John the Baptist|Saint John the Evangelist|
        Saint Joseph|Saint Lawrence|Saint Leonard|Saint Lucy|Saint Luke|Saint Mark|Saint Matthew|Saint Michael|
        Saint Nicholas|Saint Paul|Saint Peter|Saint Sebastian|Saint Ursula|Saint Zenobius|Saints|Salome|Samson|
        Shakyamuni|Shiva|Solomon|Vajrapani|Virgin Mary|Vishnu|Visitation""",
    ),
    ("portrait", "Portraits"),
    (
        "mythological painting",
        """Achilles|Actaeon|Adonis|Aeneas|Ajax|Amazons|Andromache|Andromeda|Aphrodite|Apollo|
        Ares|Argonauts|Ariadne|Artemis|Athena|Bacchantes|Bacchus|Bellona|Calypso|Centaurs|Ceres|Clytemnestra|Cupid|
        Cybele|Daphne|Demeter|Diana|Dido|Dionysus|Eos|Eros|Europa|Eurydice|Fauns|Flora|Galatea|Gorgons|
        Greek Mythology|Hades|Hecate|Helen|Hephaistos|Hera|Herakles|Hercules|Hermes|Iphigenia|Jason|Juno|Jupiter|Leda|
        Maenads|Mars|Medea|Medusa|Mercury|Midas|Minerva|Minotaurs|Muses|Mythology|Narcissus|Neptune|Norse Mythology|
        Nymphs|Odysseus|Oedipus|Orion|Orpheus|Pan|Pegasus|Peleus|Persephone|Perseus|Phaeton|Pluto|Pomona|Poseidon|
        Prometheus|Psyche|Pygmalion|Saturn|Satyrs|Silenus|Sirens|Theseus|Thetis|Triton|Trojan War|Venus|Vertumnus|
        Vulcan|Zeus""",
    ),
    ("still life", "Still Life|Trompe-l'Oeil"),
    ("nude painting (nu)", "Female Nudes|Male Nudes"),
    (
        "history painting",
        """Alexander The Great|American Civil War|American Revolution|Battles|Cleopatra|
        Emperor Augustus|French Revolution|Historical Figures|Julius Caesar|Mark Antony|Massacres|Napoleon I|Nero|
        Wars""",
    ),
    ("landscape", "Landscapes|Pastoral"),
    ("cityscape", "Canals|Cathedrals|Cities|Street Scene|Streets|Towns|Venice"),
    ("marina", "Beaches|Harbors|Islands|Oceans|Sailing|Seas|Seascapes|Ships|Shipwrecks|Waves"),
    (
        "genre painting",
        """Cafe|Cooking|Dance|Dancers|Dancing|Daily Life|Dining|Drinking|Eating|Farmers|Gambling|Games|
        Genre Scene|Harvesting|Hunting|Interiors|Kitchens|Leisure|Markets|Music|Musicians|Needlework|Orientalist|Party|
        Picnics|Playing|Reading|Servants|Sewing|Shepherds|Sleeping|Smoking|Taverns|Working|Writing""",
    ),
    (
        "landscape",
        """Autumn|Deserts|Forests|Gardens|Haystacks|Hills|Lakes|Mountains|Parks|Ponds|Rivers|Snow|Streams|Trees|Villages|
        Volcanoes|Water Lilies|Waterfalls|Winter""",
    ),
    (
        None,
        "Boys|Children|Couples|Girls|Human Figures|Infants|Men|Women",
    ),  # a beast or flowers beside them are no genre
    (
        "animal painting",
        """Animals|Birds|Bulls|Cats|Cows|Deer|Dogs|Donkeys|Ducks|Elephants|Goats|Horses|Lions|Monkeys|
        Ox|Sheep|Tigers""",
    ),
    ("flower painting", "Flowers|Lotuses|Peonies|Roses"),
    ("abstract", "Abstraction|Geometry|Nonrepresentational Art"),
)
_RANKS = {tag.strip().casefold(): (rank, genre) for rank, (genre, tags) in enumerate(_TAGS) for tag in tags.split("|")}
_NONE = (len(_TAGS), None)

# In the same order; whole words.
_TITLES = {
    "self-portrait": r"self[- ]?portrait",
    "religious painting": r"madonna|virgin|christ|crucifixion|saints?|annunciation|nativity|adoration|lamentation|"
    r"resurrection|holy family|magi|angels?|apostles?|entombment|buddha|bodhisattva|mandala|baptism|pietà|pieta",
    "portrait": r"portrait|portraits",
    "mythological painting": r"venus|diana|apollo|bacchus|cupid|jupiter|mars|hercules|psyche|nymphs?|satyrs?",
    "still life": r"still life",
    "nude painting (nu)": r"nudes?|bathers?",
    "history painting": r"battle",
    "landscape": r"landscapes?|mountains?|valley|forest|river|lake|hills?|woods|waterfall|autumn|winter",
    "cityscape": r"street|boulevard|piazza|canal|venice",
    "marina": r"harbor|seascape|sea|coast|beach|ships?|boats?",
    "flower painting": r"flowers|roses|bouquet",
}
_WORDS = re.compile(
    "|".join(rf"(?P<g{rank}>\b(?:{words})\b)" for rank, words in enumerate(_TITLES.values())), re.IGNORECASE
)
_GENRES = tuple(_TITLES)


def genre_of_tags(tags: Iterable[str]) -> str | None:
    """Return the genre that the tags of a painting tell of."""
    return min((_RANKS.get(tag.casefold(), _NONE) for tag in tags), default=_NONE, key=lambda known: known[0])[1]


def genre_of_title(title: str) -> str | None:
    """Return the genre that a painting's title tells of."""
    ranks = [int(str(match.lastgroup)[1:]) for match in _WORDS.finditer(title)]
    return _GENRES[min(ranks)] if ranks else None
