import pytest

from harvest.parsers.date_words import in_english, is_undated, parse_date

DATES = """
um 1880 | 1880 1880 circa
ca. 1880 | 1880 1880 circa
wohl um 1880 | 1880 1880 circa
vers 1650 | 1650 1650 circa
env. 1650 | 1650 1650 circa
omstreeks 1650 | 1650 1650 circa
hacia 1700 | 1700 1700 circa
h. 1650 | 1650 1650 circa
c. 1642 | 1642 1642 circa
1880 (?) | 1880 1880 circa
17e eeuw | 1601 1700
17de eeuw | 1601 1700
XVIIe siècle | 1601 1700
siglo XVII | 1601 1700
s. XVII | 1601 1700
17. Jahrhundert | 1601 1700
17. Jh. | 1601 1700
17./18. Jh. | 1601 1800
siglos XVI-XVII | 1501 1700
zwischen 1850 und 1860 | 1850 1860
entre 1850 et 1860 | 1850 1860
entre 1850 y 1860 | 1850 1860
tussen 1850 en 1860 | 1850 1860
between 1850 and 1860 | 1850 1860
von 1850 bis 1860 | 1850 1860
van 1850 tot 1860 | 1850 1860
de 1850 à 1860 | 1850 1860
1850 bis 1860 | 1850 1860
1880 oder 1881 | 1880 1881
1880/85 | 1880 1885
nach 1850 bis 1860 | 1850 1860
2. Hälfte 19. Jh. | 1851 1900
zweite Hälfte des 19. Jahrhunderts | 1851 1900
seconde moitié du XIXe siècle | 1851 1900
tweede helft 19e eeuw | 1851 1900
segunda mitad del siglo XIX | 1851 1900
erstes Drittel 17. Jh. | 1601 1634
dernier quart du XVIIIe siècle | 1776 1800
laatste kwart 18e eeuw | 1776 1800
último cuarto del siglo XVIII | 1776 1800
début du XIXe siècle | 1801 1834
Anfang 19. Jh. | 1801 1834
begin 19e eeuw | 1801 1834
principios del siglo XIX | 1801 1834
um die Mitte des 17. Jahrhunderts | 1635 1667 circa
milieu du XVIIe siècle | 1635 1667
midden 17e eeuw | 1635 1667
mediados del siglo XVII | 1635 1667
Ende 17./Anfang 18. Jh. | 1668 1734
fin du XVIIe siècle | 1668 1700
finales del siglo XVII | 1668 1700
18. Jahrhundert, 2. Hälfte | 1751 1800
1.H.19.Jh. | 1801 1850
2.V.19.Jh. | 1826 1850
1.Hälfte 19.Jh. | 1801 1850
1880 (datiert) | 1880 1880
1880 dat. | 1880 1880
1880, datiert | 1880 1880
1654 (gedateerd) | 1654 1654
1880 (daté) | 1880 1880
1880 (?) dat. | 1880 1880 circa
signiert 1880 | 1880 1880
sign. 1880 | 1880 1880
1880, signiert und datiert | 1880 1880
1880 (signed) | 1880 1880
gesigneerd 1880 | 1880 1880
1654-00-00 | 1654 1654
1654-06-00 | 1654 1654
00.00.1654 | 1654 1654
00.05.1654 | 1654 1654
tussen 1640/1650 | 1640 1650
entre 1640-1650 | 1640 1650
zwischen 1640/50 | 1640 1650
von 1640-1650 | 1640 1650
1880 ff. | 1880 None
1880ff | 1880 None
1880 e.v. | 1880 None
1880 et suiv. | 1880 None
1880 f. | 1880 1881
1888– | 1888 None
–1888 | None 1888
1888 (Abzug 1920) | 1888 1920
1888, Abzug 1920 | 1888 1920
1888 (späterer Abzug um 1920) | 1888 1920
1888 (Nachguss 1920) | 1888 1920
1888, gegossen 1920 | 1888 1920
1888 (tirage de 1920) | 1888 1920
±1880 | 1880 1880 circa
+/- 1880 | 1880 1880 circa
~1880 | 1880 1880 circa
1880 (um) | 1880 1880 circa
1. Jh. v. Chr. | -100 -1
1880er Jahre | 1880 1889
um 1880er | 1880 1889 circa
années 1880 | 1880 1889
jaren 1880 | 1880 1889
década de 1880 | 1880 1889
12. März 1888 | 1888 1888
12 mars 1888 | 1888 1888
12 de marzo de 1888 | 1888 1888
été 1888 | 1888 1888
12.03.1888 | 1888 1888
nach 1850 | 1850 None
après 1850 | 1850 None
na 1850 | 1850 None
después de 1850 | 1850 None
vor 1850 | None 1850
avant 1850 | None 1850
vóór 1850 | None 1850
antes de 1850 | None 1850
jusqu'en 1880 | None 1880
signiert und datiert 1642 | 1642 1642
sign. u. dat. 1642 | 1642 1642
daté 1642 | 1642 1642
50 v. Chr. | -50 -50
50 av. J.-C. | -50 -50
im Jahre 1880 | 1880 1880
1880.0 | 1880 1880
vielleicht einmal | None None
Rembrandt 1642 | None None
"""
EACH = [line.split(" | ") for line in DATES.strip().splitlines()]


@pytest.mark.parametrize(("text", "expected"), EACH, ids=[text for text, _ in EACH])
def test_dates_in_five_languages_are_read(text: str, expected: str) -> None:
    dating = parse_date(text, "Datierung")
    circa = " circa" if dating.is_circa else ""
    assert f"{dating.earliest} {dating.latest}{circa}" == expected
    assert (dating.text, dating.origin) == (text, "Datierung")


def test_what_english_reads_is_not_translated() -> None:
    assert parse_date("dated 1642").precision == "year"
    assert parse_date("early 17th century").precision == "century"


@pytest.mark.parametrize(
    "text",
    [
        "o. J.",
        "s.d.",
        "Undatiert",
        "unbekannt",
        "s. f.",
        "z.j.",
        "?",
        "",
        "[o. J.]",
        "-",
        "k.A.",
        "k. A.",
        "Keine Angabe",
        "n.v.t.",
        "0000-00-00",
    ],
)
def test_undated_is_told_from_unread(text: str) -> None:
    assert is_undated(text)


@pytest.mark.parametrize("text", ["um 1880", "1880", "Mai", "vielleicht einmal"])
def test_a_date_is_not_undated(text: str) -> None:
    assert not is_undated(text)


def test_words_are_exchanged_and_what_is_not_known_stays() -> None:
    assert in_english("um 1880") == "about 1880"
    assert in_english("Mariä Himmelfahrt") == "Mariä Himmelfahrt"


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("١٨٨٠", 1880, 1880),
        ("１８８０", 1880, 1880),
        ("１８８０－９０", 1880, 1890),
        ("१८८०", 1880, 1880),
        ("um ١٨٨٠", 1880, 1880),
        ("１２.０３.１８８８", 1888, 1888),
        ("１９. Jh.", 1801, 1900),
        ("１８８X", 1880, 1889),
    ],
)
def test_the_digits_of_all_scripts_are_read(text: str, earliest: int, latest: int) -> None:
    dating = parse_date(text)
    assert (dating.text, dating.earliest, dating.latest) == (text, earliest, latest)


@pytest.mark.parametrize("text", ["1880²", "②", "½", "Ⅻ", "一八八〇", "صنع ١٨٨٠", "٠٠٠٠", "１８８０年", "²0. Jh.", "𒐕"])
def test_other_numbers_are_left_as_text(text: str) -> None:
    assert (parse_date(text).text, parse_date(text).precision) == (text, None)
