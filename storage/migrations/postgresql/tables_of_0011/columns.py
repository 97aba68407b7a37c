"""What the columns of step 0011 have in common."""

from sqlalchemy import BigInteger, MetaData, Text

metadata = MetaData()

# As SQLite has them: whole numbers of 64 bits, and texts that sort by code point.
WHOLE = BigInteger()
TEXT = Text(collation="C")
