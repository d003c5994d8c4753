import pytest

from harvest.tabular.makers import attribution_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Monet, Claude (1840–1926)", (None, "Claude Monet", 1840, 1926)),
        ("Claude Monet", (None, "Claude Monet", None, None)),
        ("Lund, Ada (geb. 1850 in Oslo, gest. 1911)", (None, "Ada Lund", 1850, 1911)),
        ("Lund, Ada (* 1850)", (None, "Ada Lund", 1850, None)),
        ("Cranach, d. Ä.", (None, "Cranach d. Ä.", None, None)),
        ("Werkstatt des Peter Paul Rubens", ("workshop of", "Peter Paul Rubens", None, None)),
        ("zugeschrieben an Lund, Ada", ("attributed to", "Ada Lund", None, None)),
        ("toegeschreven aan Jan Smit", ("attributed to", "Jan Smit", None, None)),
        ("d'après Nicolas Poussin", ("after", "Nicolas Poussin", None, None)),
        ("atribuido a José Ruiz", ("attributed to", "José Ruiz", None, None)),
        ("Ada Lund (?)", ("(?)", "Ada Lund", None, None)),
        ("Ada Lund (zugeschrieben)", ("(zugeschrieben)", "Ada Lund", None, None)),
    ],
)
def test_a_maker_is_read(text: str, expected: tuple[object, ...]) -> None:
    attribution = attribution_of(text)
    assert attribution is not None
    artist = attribution.artist
    assert (attribution.qualifier, artist.name, artist.birth_year, artist.death_year) == expected


@pytest.mark.parametrize(
    "text",
    [
        "unbekannt",
        "Anonym",
        "Unbekannter Künstler",
        "onbekend",
        "anónimo",
        "inconnu",
        "-",
        "N. N.",
        "k.A.",
        "keine Angabe",
        " ",
    ],
)
def test_nobody_is_no_artist(text: str) -> None:
    assert attribution_of(text) is None


def test_years_of_a_column_of_their_own_count() -> None:
    attribution = attribution_of("Ada Lund", 1850, 1911)
    assert attribution is not None
    assert (attribution.artist.birth_year, attribution.artist.death_year) == (1850, 1911)
