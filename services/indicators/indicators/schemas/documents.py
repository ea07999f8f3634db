"""Requests and answers about documents, attached once and cited from many places."""

from pydantic import BaseModel

from shared.events.claims import DocumentState
from shared.events.results import Review
from shared.requests import Label, Link, Request, Words


class DocumentDefinition(Request):
    """With `url` it is kept elsewhere; its content may be kept here besides."""

    title: Label
    url: Link | None = None


class Withdrawal(Request):
    reason: Words


class Document(DocumentState):
    version: int


class Documents(BaseModel):
    items: list[Document]
    next: str | None


class Citation(BaseModel):
    """A result that names the document as evidence."""

    plan: str
    indicator: str
    phase: str
    place: str
    number: int
    review: Review


class Citations(BaseModel):
    """`withdrawn`: what these results rest on proves nothing any more."""

    withdrawn: bool
    items: list[Citation]
    next: str | None
