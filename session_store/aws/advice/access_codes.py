"""Error codes about credentials, roles and permissions, with advice for each. Special rows come first."""

from __future__ import annotations

from typing import Final

from session_store.aws.advice.row import Row

_IDENTITY: Final = "aws sts get-caller-identity{profile}{region}"
_SOURCES: Final = "aws configure list{profile}"
_CLOCK: Final = "date -u; curl -sI https://sts.amazonaws.com | grep -i '^date'"
_LOGIN: Final = "aws sso login{profile}"
_KEY: Final = "aws kms describe-key --key-id KEY{profile}{region}"
_ROLE: Final = "aws iam get-role --role-name ROLE --query Role.AssumeRolePolicyDocument"
_REGIONS: Final = "aws account list-regions{profile}"
_DENIED: Final = "AccessDenied AccessDeniedException UnauthorizedException UnauthorizedOperation AuthorizationError"
_SIGNATURE: Final = "SignatureDoesNotMatch InvalidSignatureException AuthFailure"
_SSO: Final = "GetRoleCredentials ListAccountRoles CreateToken"
_VALIDATION: Final = "ValidationError ValidationException"

_CLOCK_CODES: Final = (
    Row(
        "RequestTimeTooSkewed RequestInTheFuture",
        "This machine's clock is wrong by minutes, so AWS refuses its signatures. Set the clock.",
        _CLOCK,
    ),
    *(
        Row(
            _SIGNATURE,
            "The signature's time is too far from AWS's time. Set this machine's clock.",
            _CLOCK,
            phrase=text,
        )
        for text in ("signature expired", "signature not yet current")
    ),
    Row(
        "RequestExpired",
        "The request is too old, or the credentials have expired. Check the clock, then get new credentials.",
        _CLOCK,
    ),
)

_SSO_CODES: Final = (
    Row(
        "UnauthorizedException ExpiredTokenException InvalidGrantException",
        "The SSO sign-in has expired or was signed out. Sign in again.",
        _LOGIN,
        operation=_SSO,
    ),
    Row(
        "ForbiddenException ResourceNotFoundException",
        "IAM Identity Center does not offer you this account with this role. Check sso_account_id and sso_role_name.",
        "aws configure list-profiles",
        operation=_SSO,
    ),
)

_ROLES_CODES: Final = (
    Row(
        _DENIED,
        "The role's trust policy does not let this identity in, or asks for an external id or MFA. Or the identity"
        " lacks sts:AssumeRole.",
        _ROLE,
        operation="AssumeRole",
    ),
    Row(
        _DENIED,
        "The role's trust policy does not accept this identity provider's token: check issuer, audience and subject.",
        _ROLE,
        operation="AssumeRoleWithWebIdentity",
    ),
    Row(
        _VALIDATION,
        "A role that is assumed from another role lasts 1 hour at most. Ask for 3,600 seconds or less.",
        _ROLE,
        phrase="role chaining",
    ),
    Row(
        _VALIDATION,
        "The role does not allow sessions that long. Ask for less, or raise its MaxSessionDuration.",
        "aws iam get-role --role-name ROLE --query Role.MaxSessionDuration{profile}",
        phrase="maxsessionduration",
    ),
    Row(
        "InvalidIdentityToken IDPRejectedClaim ExpiredTradeInTokenException",
        "The identity provider's token has expired, or its issuer, audience or signature is not the expected one.",
        "aws iam list-open-id-connect-providers{profile}",
    ),
    Row(
        "IDPCommunicationError",
        "AWS could not reach the identity provider in time.",
        "curl -sSI ISSUER/.well-known/openid-configuration",
        temporary=True,
    ),
    Row(
        "PackedPolicyTooLarge JWTPayloadSizeExceededException",
        "The session's policies and tags are too large together. Pass fewer.",
        _ROLE,
    ),
    Row(
        "SessionDurationEscalationException OutboundWebIdentityFederationDisabledException",
        "The account or the session does not allow such a token.",
        _IDENTITY,
    ),
    Row(
        "InvalidAuthorizationMessageException",
        "The text is no encoded authorization message of this account.",
        "aws sts decode-authorization-message --encoded-message TEXT{profile}",
    ),
)

_CREDENTIALS_CODES: Final = (
    Row(
        "ExpiredToken ExpiredTokenException TokenRefreshRequired",
        "The temporary credentials have expired. Get new ones from the provider that gave them.",
        _SOURCES,
    ),
    Row(
        "InvalidClientTokenId UnrecognizedClientException InvalidAccessKeyId NotAuthorized",
        "AWS does not know the access key, or it is inactive, deleted, of another partition, or lacks its session"
        " token.",
        _SOURCES,
    ),
    Row(
        _SIGNATURE,
        "The secret key does not belong to the access key, or a proxy changed the request. Copy both keys again.",
        _SOURCES,
    ),
    Row(
        "MissingAuthenticationToken MissingAuthenticationTokenException MissingSecurityHeader",
        "The request has no signature, or the path is no operation of that endpoint.",
        _SOURCES,
    ),
    Row(
        "IncompleteSignature IncompleteSignatureException",
        "The signature lacks a part: a key has a blank or a line end in it, or a proxy removed a header.",
        _SOURCES,
    ),
    Row(
        "OptInRequired SubscriptionRequiredException PendingVerification AccountProblem",
        "The account may not use this service yet: it is new, unpaid, or has not subscribed.",
        _IDENTITY,
    ),
    Row(
        "RegionDisabledException",
        "The region is off in this account, or STS is off there. Turn it on, or use another region.",
        _REGIONS,
    ),
    Row(
        "InvalidGrantException InvalidClientException UnauthorizedClientException InvalidClientMetadataException"
        " InvalidScopeException UnsupportedGrantTypeException InvalidRedirectUriException"
        " InvalidRequestRegionException",
        "The saved SSO registration has ended, or the profile's sso_region is wrong. Sign in again.",
        _LOGIN,
    ),
    Row(
        "AuthorizationPendingException",
        "The SSO sign-in waits for your confirmation in the browser.",
        _LOGIN,
        temporary=True,
    ),
)

_PERMISSION_CODES: Final = (
    *(
        Row(_DENIED, f"{owner} denies the call. {fix}", command, phrase=phrase)
        for phrase, owner, fix, command in (
            (
                "service control policy",
                "A service control policy of the organization",
                "Only the organization's administrators can change it.",
                "aws organizations list-policies-for-target --target-id ACCOUNT --filter SERVICE_CONTROL_POLICY",
            ),
            (
                "resource control policy",
                "A resource control policy of the organization",
                "Only the organization's administrators can change it.",
                "aws organizations list-policies-for-target --target-id ACCOUNT --filter RESOURCE_CONTROL_POLICY",
            ),
            (
                "permissions boundary",
                "The identity's permissions boundary",
                "Allow the action there too.",
                "aws iam get-role --role-name ROLE --query Role.PermissionsBoundary{profile}",
            ),
            (
                "session policy",
                "The policy that was passed when the role was assumed",
                "Pass one that allows it.",
                _IDENTITY,
            ),
            (
                "vpc endpoint policy",
                "The policy of the VPC endpoint",
                "Allow the action there.",
                "aws ec2 describe-vpc-endpoints{profile}{region}",
            ),
            (
                "explicit deny",
                "A policy with an explicit Deny",
                "No Allow outweighs it. Find the statement.",
                _IDENTITY,
            ),
        )
    ),
    Row(
        _DENIED,
        "The identity is known and may not make this call on this resource. Check who you are, then grant the action.",
        _IDENTITY,
    ),
    Row(
        "KMSAccessDeniedException AccessDeniedForDependencyException InvalidGrantTokenException",
        "The identity may not use the KMS key. Its policy and the key's policy must both allow it.",
        _KEY,
    ),
    Row(
        "OperationNotPermittedException UnsupportedOperationException NotSupportedException",
        "This account, region or kind of resource does not offer the operation.",
        _IDENTITY,
    ),
    Row(
        "AWSOrganizationsNotInUseException",
        "The account belongs to no organization, or the call has to come from its management account.",
        "aws organizations describe-organization{profile}",
    ),
)

ACCESS_CODES: Final = (*_CLOCK_CODES, *_SSO_CODES, *_ROLES_CODES, *_CREDENTIALS_CODES, *_PERMISSION_CODES)
