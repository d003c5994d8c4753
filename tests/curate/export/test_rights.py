import pytest

from curate.export.rights import NOT_SHARED, NOT_STATED, UNKNOWN, licences, statement_of, statements, why_not

ZERO = "https://creativecommons.org/publicdomain/zero/1.0/"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Public domain", None),
        (" PUBLIC  Domain ", None),
        ("Public domain (CC0)", None),
        ("http://creativecommons.org/publicdomain/mark/1.0/", None),
        ("https://creativecommons.org/publicdomain/zero/1.0/deed.nl", None),
        ("https://www.creativecommons.org/licenses/by-sa/3.0/legalcode", None),
        ("https://creativecommons.org/licenses/by/4.0", None),
        ("https://creativecommons.org/licenses/by-nc/4.0/", NOT_SHARED),
        ("https://creativecommons.org/licenses/by-nd/4.0/", NOT_SHARED),
        ("http://rightsstatements.org/vocab/InC/1.0/", NOT_SHARED),
        ("http://rightsstatements.org/vocab/NoC-US/1.0/", NOT_SHARED),
        ("Not in the public domain", NOT_SHARED),
        ("Rene Magritte / Fair Use", UNKNOWN),
        ("© 2026 Artists Rights Society (ARS), New York", NOT_SHARED),
        ("gemeinfrei", None),
        ("Gemeinfrei.", None),
        ("Publiek domein", None),
        ("Domaine public", None),
        ("Dominio público", None),
        ("Dominio pu\u0301blico", None),
        ("Public Domain Mark 1.0", None),
        ("gemeinfrei / Public Domain", None),
        ("Creative Commons Zero", None),
        ("CC-0", None),
        ("CC0 1.0 Universal", None),
        ("CC BY", None),
        ("CC-BY-SA 3.0", None),
        ("cc by sa 4.0", None),
        ("CC BY‑SA 4.0 International", None),
        ("CC BY-SA 3.0 DE", None),
        ("Creative Commons Attribution-ShareAlike 4.0 International License", None),
        ("Creative Commons Namensnennung – Weitergabe unter gleichen Bedingungen 4.0", None),
        ("CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/deed.de)", None),
        ("https://creativecommons.org/licenses/by-sa/3.0/de/", None),
        ("CC BY-NC-SA 4.0", NOT_SHARED),
        ("CC BY-ND", NOT_SHARED),
        ("Creative Commons Naamsvermelding-NietCommercieel 4.0", NOT_SHARED),
        ("gemeinfrei / CC BY-NC 4.0", NOT_SHARED),
        ("Rechte vorbehalten", NOT_SHARED),
        ("Alle Rechte vorbehalten.", NOT_SHARED),
        ("Tous droits réservés", NOT_SHARED),
        ("Todos los derechos reservados", NOT_SHARED),
        ("Alle rechten voorbehouden", NOT_SHARED),
        ("© VG Bild-Kunst, Bonn 2020", NOT_SHARED),
        ("VG Bild-Kunst", NOT_SHARED),
        ("ADAGP, Paris", NOT_SHARED),
        ("urheberrechtlich geschützt", NOT_SHARED),
        ("nicht gemeinfrei", NOT_SHARED),
        ("Rechte ungeklärt", NOT_SHARED),
        ("© Stadtmuseum, CC BY 4.0", UNKNOWN),
        ("CC BY 4.0, Stadtmuseum", UNKNOWN),
        ("CC BY 5.0", UNKNOWN),
        ("CC", UNKNOWN),
        ("gemeinfrei?", UNKNOWN),
        ("Public domain (USA)", UNKNOWN),
        ("vermutlich gemeinfrei", UNKNOWN),
        ("frei", UNKNOWN),
        ("Copyright free", UNKNOWN),
        ("https://creativecommons.org/licenses/by/4.0.evil.test/", UNKNOWN),
        ("https://evil.test/creativecommons.org/licenses/by/4.0/", UNKNOWN),
        ("public domain?", UNKNOWN),
        ("", NOT_STATED),
        (" ", NOT_STATED),
        (None, NOT_STATED),
    ],
)
def test_an_image_is_shared_only_by_a_statement_that_is_known_and_free(text: str | None, reason: str | None) -> None:
    assert why_not(text) == reason


def test_every_statement_of_the_table_is_found_by_its_own_text_and_address() -> None:
    for text, statement in statements().items():
        assert statement_of(text) == statement
        if statement.uri:
            assert statement_of(statement.uri) is not None, text
            assert why_not(statement.uri) == why_not(text)


def test_licences_are_addresses_where_there_are_any() -> None:
    assert licences(["CC0", ZERO, "Fair Use / mine"]) == ["Fair Use / mine", ZERO]
