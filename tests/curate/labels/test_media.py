import pytest

from curate.labels.media import medium_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Oil on canvas", "oil, canvas"),
        ("oil, canvas", "oil, canvas"),
        ("canvas, oil paint", "oil, canvas"),
        ("oil paint (paint), canvas", "oil, canvas"),
        ("doek, olieverf", "oil, canvas"),
        ("olieverf op doek", "oil, canvas"),
        ("Oil on Baltic oak", "oil, panel"),
        ("olieverf op eikenhouten paneel", "oil, panel"),
        ("Oil on paper, laid down on canvas", "oil, paper"),
        ("Oil on canvas, transferred from wood", "oil, canvas"),
        ("Fresco, transferred to canvas", "fresco, canvas"),
        ("Tempera and gold on wood, transferred to canvas", "tempera, canvas"),
        ("Tempera on wood, gold ground", "tempera, panel"),
        ("Tempera and oil on wood", "oil, tempera, panel"),
        ("Oil and tempera on wood", "oil, tempera, panel"),
        ("Hanging scroll; ink and color on paper", "ink, color, paper"),
        ("aquarel, papier", "watercolor, paper"),
        ("Öl auf Leinwand", "oil, canvas"),
        ("Oel/Lwd.", "oil, canvas"),
        ("Öl auf Karton", "oil, cardboard"),
        ("Öl auf Papier auf Leinwand aufgezogen", "oil, paper"),
        ("Tempera und Öl auf Eichenholz", "oil, tempera, panel"),
        ("Huile sur toile marouflée sur panneau", "oil, canvas"),
        ("Peinture à l'huile sur bois de chêne", "oil, panel"),
        ("Temple y oro sobre tabla", "tempera, panel"),
        ("Acuarela sobre papel pegado a cartón", "watercolor, paper"),
        ("Oil", "oil"),
        ("canvas", "canvas"),
        ("Butterfly wings", "butterfly wings"),
    ],
)
def test_a_medium_is_paint_then_support_in_any_spelling(text: str, name: str) -> None:
    assert medium_of(text).name == name


def test_prints_are_known_beside_their_support() -> None:
    medium = medium_of("lithography, paper")
    assert (medium.name, medium.terms, medium.unknown) == ("paper", ("print", "paper"), ())


def test_terms_name_what_the_class_leaves_out() -> None:
    medium = medium_of("Hanging scroll; ink, color, and gold on silk with jewels")
    assert medium.terms == ("ink", "color", "hanging scroll", "gold", "silk")
    assert medium.unknown == ("jewels",)
