"""The base of all tables of the service."""

from sqlalchemy.orm import DeclarativeBase

from shared.database import new_metadata


class Base(DeclarativeBase):
    metadata = new_metadata()
