"""A cache of validations in ElastiCache Serverless for Valkey, and the functions' way to it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Names
from aws_cdk import aws_iam as iam
from constructs import Construct

from session_store.catalog import access_patterns as access
from session_store.catalog.permissions import writes
from session_store.cdk.cache_network import CacheNetwork
from session_store.cdk.checks import as_timedelta, check_function, check_member, key_itself
from session_store.cdk.parts import Part
from session_store.cdk.prop_kinds import WholeNumber
from session_store.cdk.wheels import Libraries
from session_store.checks import check_flag
from session_store.errors import InvalidInputError
from session_store.validation_cache.settings import ValidationCacheSettings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_elasticache as elasticache
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_lambda as lambda_

    from session_store.catalog.pattern import AccessPattern
    from session_store.cdk.grants import SessionTableGrants

_ENGINE: Final = "valkey"
_VERSION: Final = "8"
_LONGEST_NAME: Final = 40
_MOST_GROUPS: Final = 5
# The bounds are AWS's own.
_GIGABYTES: Final = WholeNumber(default=1, minimum=1, maximum=5_000, unit="GB", text="")
_ECPUS: Final = WholeNumber(default=10_000, minimum=1_000, maximum=15_000_000, unit="ECPU", text="")
# What the library's client does, and on its own keys alone.
_ALLOWED: Final = "on ~session-store:* resetchannels -@all +evalsha +eval +info +hmget +hset +pexpire +del"
_LEAST_TIMEOUT: Final = timedelta(seconds=10)  # an end that cannot reach the cache answers after 8
_VALIDATIONS: Final = (access.VALIDATE, access.VALIDATE_READ_ONLY)
# Functions with these call the provider.
_ON_THE_INTERNET: Final = frozenset({access.PROVIDER_SIGN_IN, access.PROVIDER_LOGOUT})


class ValidationCacheCluster(Construct, Part):
    """A cache of validations for bursts of requests, in ElastiCache Serverless for Valkey.

        cache = ValidationCacheCluster(stack, "ValidationCache")
        service = SessionService(stack, "Sessions", validation_cache=cache)

    Give it to every construct on the table that takes `validation_cache`, and `connect` your own functions. One that
    ends sessions without it would leave them usable for 5 seconds.

    Functions that validate sessions, or write them, go into the cache's VPC. They sign in to the cache by their roles,
    over TLS. AWS encrypts what is in it. `docs/validation-cache.md` says who needs it, and what an outage means.

    With another `vpc_subnets` or `encryption_key` AWS makes a new cache, and refuses to name it as the old one. Give
    the construct another id then.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        vpc: where cache and functions are. It needs a way to each service that the functions call: DynamoDB for all,
            S3 for large data, KMS for encryption, and for `OidcRoutes` Secrets Manager and the internet. None makes
            isolated subnets in two zones, with the endpoints that the functions' roles ask for.
        vpc_subnets: subnets of the VPC in two zones or more, one in each, none of them public. The cache is in the
            first three. None: the private ones, or the isolated ones if there are none.
        encryption_key: a customer-managed key. None: the table's, if it has one, else a key of ElastiCache.
        max_gigabytes: upper limit of what is in the cache, 1 to 5,000. Beyond it, old entries make room for new ones.
        max_ecpu_per_second: upper limit of its work, 1,000 to 15,000,000. A validation takes 3 to 10. Those beyond
            it go to the table.
        bundle_libraries: put Valkey's client into the constructs' functions. Else a layer of theirs has to have it.

    Attributes:
        vpc: the VPC.
        security_group: the one of the functions that reach the cache.
        cache: the cache, for alarms.

    Raises:
        InvalidInputError: a prop is out of range or something else. Also a ValueError.
    """

    rooms = frozenset({"validation_cache"})

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        encryption_key: kms.IKey | None = None,
        max_gigabytes: int = 1,
        max_ecpu_per_second: int = 10_000,
        bundle_libraries: bool = True,
    ) -> None:
        super().__init__(scope, construct_id)
        if vpc is not None:
            check_member("vpc", vpc, "select_subnets", "a VPC of CDK, for instance from Vpc.from_lookup")
        elif vpc_subnets is not None:
            raise InvalidInputError("vpc_subnets", "must not be given without vpc")
        bundled = check_flag("bundle_libraries", bundle_libraries)
        self.libraries = frozenset({Libraries.VALKEY} if bundled else ())
        gigabytes = _GIGABYTES.accept("max_gigabytes", max_gigabytes)
        ecpus = _ECPUS.accept("max_ecpu_per_second", max_ecpu_per_second)
        self._network = CacheNetwork(self, "Network", vpc=vpc, vpc_subnets=vpc_subnets)
        self.vpc, self.security_group = self._network.vpc, self._network.of_functions
        self._name = Names.unique_resource_name(self, max_length=_LONGEST_NAME, separator="-").lower()
        self._user, group = self._new_user()
        self.cache = self._new_cache(group, gigabytes, ecpus)
        if encryption_key is not None:
            self.cache.kms_key_id = key_itself("encryption_key", encryption_key).key_arn

    def connect(self, function: lambda_.Function, table: SessionTableGrants) -> None:
        """Let a function of your own, in the VPC, use the cache.

        Its code makes its store with `SessionStore.from_environment`, and has `Libraries.VALKEY` in its zip.

        Args:
            function: it may have security groups of its own.
            table: the session table.

        Raises:
            InvalidInputError: the function is something else, or in no VPC. Also a ValueError.
        """
        self.give(check_function(function), table, ())

    def serves(self, patterns: Collection[AccessPattern]) -> bool:
        """Whether code with these access patterns validates sessions, or writes them."""
        return any(pattern in _VALIDATIONS or writes(pattern.permissions()) for pattern in patterns)

    def give(self, function: lambda_.Function, table: SessionTableGrants, patterns: Collection[AccessPattern]) -> None:
        """Set a function's variables, let it reach the cache, and allow it to sign in there.

        Raises:
            InvalidInputError: the function is in no VPC, or cannot get to an identity provider. Also a ValueError.
        """
        if not function.is_bound_to_vpc:
            raise InvalidInputError("function", "must be in the VPC of the cache: vpc=cache.vpc")
        if not _ON_THE_INTERNET.isdisjoint(patterns) and self._network.is_isolated:
            raise InvalidInputError(
                "validation_cache", "must be in a VPC with a way to the internet, where the identity provider is"
            )
        for name, value in self._environment().items():
            function.add_environment(name, value)
        iam.Grant.add_to_principal(
            grantee=function, actions=["elasticache:Connect"], resource_arns=[self.cache.attr_arn, self._user.attr_arn]
        )
        self._network.add(function)
        if self.cache.kms_key_id is None and table.table.encryption_key is not None:
            self.cache.kms_key_id = key_itself("encryption_key", table.table.encryption_key).key_arn

    def props_for(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The network, in place of a function's own.

        Raises:
            InvalidInputError: the function would be in another VPC, in too many security groups, or have too little
                time. Also a ValueError.
        """
        vpc, groups = given["vpc"], (*given["security_groups"], self.security_group)
        if vpc is not None and vpc.node.path != self.vpc.node.path:
            raise InvalidInputError("vpc", "must be that of validation_cache, or left out")
        if as_timedelta("timeout", given["timeout"]) < _LEAST_TIMEOUT:
            raise InvalidInputError("timeout", "must be at least 10 seconds with validation_cache")
        if len(groups) > _MOST_GROUPS:
            raise InvalidInputError("security_groups", f"must be {_MOST_GROUPS - 1} at most with validation_cache")
        if not self.libraries and not given["layers"]:
            raise InvalidInputError("layers", "must have one with valkey, as validation_cache bundles no libraries")
        subnets = given["vpc_subnets"] or self._network.subnets
        return {"vpc": self.vpc, "vpc_subnets": subnets, "security_groups": groups}

    def _environment(self) -> dict[str, str]:
        kinds = ValidationCacheSettings.kinds()
        host, port = self.cache.attr_endpoint_address, self.cache.attr_endpoint_port
        values = {"host": host, "port": port, "name": self._name, "user": self._name}
        return {kinds[name].variable: value for name, value in values.items()}

    def _new_user(self) -> tuple[elasticache.CfnUser, elasticache.CfnUserGroup]:
        """The one user, who signs in by IAM and by nothing else. There is none without a password."""
        from aws_cdk import aws_elasticache as elasticache  # noqa: PLC0415 - only apps with a cache are to wait for it

        user = elasticache.CfnUser(
            self,
            "User",
            engine=_ENGINE,
            user_id=self._name,
            user_name=self._name,  # by IAM, it has to be the id
            authentication_mode={"Type": "iam"},  # CDK's own type for it writes `type`, which is refused
            access_string=_ALLOWED,
        )
        group = elasticache.CfnUserGroup(
            self, "UserGroup", engine=_ENGINE, user_group_id=self._name, user_ids=[user.ref]
        )
        return user, group

    def _new_cache(
        self, group: elasticache.CfnUserGroup, gigabytes: int | None, ecpus: int | None
    ) -> elasticache.CfnServerlessCache:
        """The cache. Nothing in it is worth a snapshot."""
        from aws_cdk import aws_elasticache as elasticache  # noqa: PLC0415

        return elasticache.CfnServerlessCache(
            self,
            "Resource",
            engine=_ENGINE,
            major_engine_version=_VERSION,
            serverless_cache_name=self._name,
            description="Session store: validations of a few seconds",
            security_group_ids=[self._network.of_cache.security_group_id],
            subnet_ids=self._network.subnet_ids,
            user_group_id=group.ref,
            cache_usage_limits=elasticache.CfnServerlessCache.CacheUsageLimitsProperty(
                data_storage=elasticache.CfnServerlessCache.DataStorageProperty(unit="GB", maximum=gigabytes),
                ecpu_per_second=elasticache.CfnServerlessCache.ECPUPerSecondProperty(maximum=ecpus),
            ),
        )
