"""Which tags and title words of the MET show a genre.

The lists hold subjects, not people or things that any painting may show: men and women alone are no genre.
"""

from collections.abc import Iterable

from harvest.parsers.genres import first_genre, tags, words

# The first line that holds one of a painting's tags is its genre: a saint in a landscape is religious.
TAGS: tuple[tuple[str | None, str], ...] = (
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
_TAG_RULES = tuple(tags(genre, map(str.strip, names.split("|"))) for genre, names in TAGS)

# In the same order.
_TITLE_RULES = (
    words("self-portrait", r"self[- ]?portrait"),
    words(
        "religious painting",
        r"madonna|virgin|christ|crucifixion|saints?|annunciation|nativity|adoration|lamentation|resurrection|"
        r"holy family|magi|angels?|apostles?|entombment|buddha|bodhisattva|mandala|baptism|pietà|pieta",
    ),
    words("portrait", r"portrait|portraits"),
    words("mythological painting", r"venus|diana|apollo|bacchus|cupid|jupiter|mars|hercules|psyche|nymphs?|satyrs?"),
    words("still life", r"still life"),
    words("nude painting (nu)", r"nudes?|bathers?"),
    words("history painting", r"battle"),
    words("landscape", r"landscapes?|mountains?|valley|forest|river|lake|hills?|woods|waterfall|autumn|winter"),
    words("cityscape", r"street|boulevard|piazza|canal|venice"),
    words("marina", r"harbor|seascape|sea|coast|beach|ships?|boats?"),
    words("flower painting", r"flowers|roses|bouquet"),
)


def genre_of(named: Iterable[str], title: str) -> tuple[str, str] | None:
    """Return the genre that a painting's tags show, else its title, and the column that shows it.

    Args:
        named: The tags.
        title: The title.
    """
    return first_genre(("Tags", _TAG_RULES, named), ("Title", _TITLE_RULES, [title]))
