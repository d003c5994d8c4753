"""Keys of authorities and Iconclass notations, read from addresses."""

from harvest.parsers.authorities import authorities, notations


def test_notations_are_read_from_addresses() -> None:
    addresses = [
        "https://iconclass.org/45%28%2B26%29",
        "http://iconclass.org/rkd/34B11/",
        "http://vocab.getty.edu/aat/1",
    ]
    assert notations(addresses) == ["45(+26)", "34B11"]


def test_authorities_are_read_from_addresses() -> None:
    addresses = [
        "http://viaf.org/viaf/64013650",
        "https://rkd.nl/artists/66219",
        "http://www.wikidata.org/entity/Q5598",
    ]
    addresses += ["http://vocab.getty.edu/ulan/500011051", "http://hdl.handle.net/10934/RM0001.COLLECT.5216", "x"]
    assert authorities(addresses) == {
        "ulan": "500011051",
        "rkd": "66219",
        "viaf": "64013650",
        "wikidata": "Q5598",
        "handle": "10934/RM0001.COLLECT.5216",
    }


def test_the_first_key_of_each_authority_counts_and_others_are_left_out() -> None:
    addresses = [
        "http://www.wikidata.org/wiki/Q5598",
        "http://www.wikidata.org/entity/Q1",
        "https://rkd.nl/explore/images/1",
    ]
    addresses += [
        "https://data.rkd.nl/artists/66219",
        "http://vocab.getty.edu/page/ulan/500011051",
        "www.viaf.org/viaf/1",
    ]
    assert authorities(addresses) == {"ulan": "500011051", "rkd": "66219", "wikidata": "Q5598"}


def test_a_handle_ends_before_a_query() -> None:
    assert authorities(["https://hdl.handle.net/10934/RM0001.COLLECT.5216/?x=1"]) == {
        "handle": "10934/RM0001.COLLECT.5216"
    }
