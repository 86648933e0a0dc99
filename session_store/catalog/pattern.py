"""The shape of an access pattern: what it is called, what AWS has to allow for it, what it costs."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from session_store.values import dataclass

if TYPE_CHECKING:
    from session_store.catalog.costs import Cost


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of resource that an operation is allowed on. The code that grants knows the ARN behind it.

    `Resource.TABLE` and `Resource.INDEX` are the session table's. Others are made by name, `Resource("signing key")`.
    Their ARNs come with the call: `table.grant(function, pattern, arns={Resource("signing key"): key.key_arn})`.

    Attributes:
        name: what documents and error texts call it.
    """

    TABLE: ClassVar[Resource]
    INDEX: ClassVar[Resource]

    name: str

    def __str__(self) -> str:
        return self.name

    def __lt__(self, other: Resource) -> bool:
        return self.name < other.name


ANY_SESSION_ID: Final = "????????-????-????-????-????????????"
"""The ids of sessions, as policies have them. A `?` is one character."""
Resource.TABLE = Resource("table")
Resource.INDEX = Resource("index")


class When(StrEnum):
    """In which calls an operation happens, as far as it decides about grants."""

    ALWAYS = "always"
    CUSTOMER_KNOWN = "customer known"  # both keys are known: a GetItem does
    CUSTOMER_UNKNOWN = "customer unknown"  # only the id is known: a Query on the partition


class DataUse(StrEnum):
    """What a pattern does with sessions' data, as far as it decides about grants."""

    NONE = "none"
    READS = "reads"
    WRITES = "writes"  # and may read


@dataclass(frozen=True, slots=True)
class Operation:
    """One permission that a pattern needs. A transaction is listed as the parts it consists of.

    Attributes:
        action: as IAM names it, the service included: `dynamodb:GetItem`.
        resource: what it is allowed on.
        when: in which calls it happens.
        purpose: what the pattern does by it.
    """

    action: str
    resource: Resource = Resource.TABLE
    when: When = When.ALWAYS
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPattern:
    """One access pattern.

    Attributes:
        name: as it is published.
        methods: of `SessionStore`. The first one names the pattern's grant, unless `grant` does.
        given: the argument, or the store's setting, with which the method takes this pattern.
        grant: the end of the grant's name, where the method has another pattern besides: `grant_sign_in`.
        data: what it does with sessions' data, and with the descriptions of their clients.
        operations: what it asks of AWS.
        costs: the usual case, then the others.
        summary: one sentence.
    """

    name: str
    methods: tuple[str, ...]
    given: str = ""
    grant: str = ""
    data: DataUse = DataUse.NONE
    operations: tuple[Operation, ...]
    costs: tuple[Cost, ...]
    summary: str

    @property
    def grant_name(self) -> str:
        """The method of a table that grants it."""
        return f"grant_{self.grant or self.methods[0]}"

    @property
    def depends_on_customer(self) -> bool:
        """Whether knowing the customer's id decides what it needs."""
        return any(operation.when is not When.ALWAYS for operation in self.operations)

    def cost(self, when: str = "") -> Cost:
        """The cost of such calls, of the usual ones by default.

        Raises:
            LookupError: the pattern has no cost for such calls.
        """
        for cost in self.costs:
            if cost.when == when:
                return cost
        raise LookupError(f"{self.name} has no cost for {when!r}")

    def permissions(self, *, customer_known: bool | None = None) -> frozenset[tuple[str, Resource]]:
        """IAM actions with the resource each is for.

        Args:
            customer_known: whether the caller always (True) or never (False) knows the customer's id,
                None when it may do either.
        """
        unwanted = {None: None, True: When.CUSTOMER_UNKNOWN, False: When.CUSTOMER_KNOWN}[customer_known]
        return frozenset((each.action, each.resource) for each in self.operations if each.when is not unwanted)
