"""A dating in the Extended Date/Time Format, as SQL: for the views, and for whoever reads the table of objects."""


def edtf(dialect: str, *, earliest: str, latest: str, is_circa: str, precision: str) -> str:
    """Write a dating in the format; NULL where it names no year, or ends before it begins.

    The format counts a year 0, which is 1 BC: -44 is "-0043".

    Args:
        dialect: "sqlite", or any other for MySQL and MariaDB.
        earliest: A column or an expression: a year.
        latest: The same.
        is_circa: The same: whether the source says "about".
        precision: The same: of what the dating is.
    """

    def joined(*parts: str) -> str:
        return f"({' || '.join(parts)})" if dialect == "sqlite" else f"CONCAT({', '.join(parts)})"

    def padded(number: str) -> str:
        return f"SUBSTR('0000' || ({number}), -4)" if dialect == "sqlite" else f"LPAD({number}, 4, '0')"

    def year(number: str) -> str:
        before = joined(f"CASE WHEN {number} < -1 THEN '-' ELSE '' END", padded(f"-1 - {number}"))
        return joined(f"CASE WHEN {number} < 0 THEN {before} ELSE {padded(number)} END", circa)

    circa = f"CASE WHEN {is_circa} THEN '~' ELSE '' END"
    first, last = year(earliest), year(latest)
    whole = f"COALESCE({is_circa}, 0) = 0 AND {earliest} > 0 AND {precision}"
    return f"""CASE
        WHEN COALESCE({earliest}, {latest}) IS NULL OR {earliest} > {latest} THEN NULL
        WHEN {whole} = 'decade' AND {earliest} % 10 = 0 AND {latest} = {earliest} + 9
            THEN {joined(f"SUBSTR({padded(earliest)}, 1, 3)", "'X'")}
        WHEN {whole} = 'century' AND {earliest} % 100 = 0 AND {latest} = {earliest} + 99
            THEN {joined(f"SUBSTR({padded(earliest)}, 1, 2)", "'XX'")}
        WHEN {earliest} = {latest} THEN {first}
        ELSE {joined(f"COALESCE({first}, '..')", "'/'", f"COALESCE({last}, '..')")}
    END"""


def edtf_of(table: str, dialect: str) -> str:
    """Write the dating of the table of objects.

    Args:
        table: What the statement calls it.
        dialect: SQLAlchemy's name of it.
    """
    names = {"earliest": "earliest", "latest": "latest", "is_circa": "is_circa", "precision": "dating_precision"}
    return edtf(dialect, **{name: f"{table}.{column}" for name, column in names.items()})
