"""The words of an invented catalogue: names, titles, places."""

GIVEN = ["Aldis", "Bruna", "Casimir", "Dorothea", "Emeric", "Fenna", "Gaspar", "Hedda", "Jorunn", "Ludo", "Mirela"]
FAMILY = ["Arkwell", "Bellatori", "Cradock-Ruiz", "Dvorsky-Lund", "Estermann", "Falkengren", "Grisante", "Holtvoort"]
MONTHS = ["January", "March", "June", "September", "November"]
PLACES = ("Veldam, Belgium", "Orsel, France", "Florence, Italy", "Lyr, Norway")
GALLERIES = (
    "Municipal Gallery, Veldam",
    "Museum of the Provinces, Orsel",
    "Private Collection",
    "Art Museum, Lyr, Norway",
)

# A title is one of WHAT and one of HOW, by genre.
WHAT = {
    "landscape": ("The Valley", "Hills", "The Old Oaks", "A Clearing", "The Ridge"),
    "marina": ("Boats", "The Harbour", "Two Sails", "The Bay of Lyr", "Fishermen Returning"),
    "portrait": ("Portrait of a Woman", "The Painter's Brother", "Young Man", "Head of a Girl", "The Notary"),
    "still life": ("Still Life", "The Table", "Apples", "Bottle & Fruit", "Kitchen Piece"),
    "flower painting": ("Flowers", "A Vase", "Peonies", "The Last Roses", "Wild Flowers"),
    "cityscape": ("The Street", "Roofs", "Market Square", "The Tower", "Houses"),
    "abstract": ("Composition", "Construction", "Planes", "Counterpoint", "Study of Tension"),
}
HOW = {
    "landscape": ("at Dawn", "after Rain", "in March", "near Orsel", "under Snow"),
    "marina": ("at Low Tide", "in the Evening", "before the Storm", "in a Calm", "at Noon"),
    "portrait": ("in Blue", "Seated", "by the Window", "with Dark Hair", "Turning Away"),
    "still life": ("with Pears", "on a White Cloth", "in Grey", "with a Green Glass", "by Candlelight"),
    "flower painting": ("from the Garden", "on a Sill", "in a Jug", "for Ana", "in Autumn"),
    "cityscape": ("in Winter", "at Veldam", "from My Window", "on a Holiday", "in the Fog"),
    "abstract": ("No. 3", "in Red", "with a Disc", "of Two Squares", "<II>"),
}
TAGS = {
    "landscape": ("trees", "hills", "sky"),
    "marina": ("boats-and-ships", "sea", "sky"),
    "portrait": ("faces", "hair"),
    "still life": ("fruits", "bottles", "table"),
    "flower painting": ("flowers", "vase"),
    "cityscape": ("houses", "street", "tower"),
    "abstract": ("geometry",),
}
