"""Entry point of the function behind the issuer's documents, which every verifier reads."""

from session_store.api.dispatcher import lambda_handler
from session_store.api.document_dispatcher import DocumentDispatcher
from session_store.catalog.functions import Function

handler = lambda_handler(Function.ISSUER, DocumentDispatcher)
