"""Exceptions of botocore, boto3 and this package that are not a service's reply, with advice for each class.

A class without a row has its nearest parent's. Every class has one or the other.
"""

from __future__ import annotations

from typing import Final

from session_store.aws.advice.row import Row

_SOURCES: Final = "aws configure list{profile}"
_LOGIN: Final = "aws sso login{profile}"
_SIGN_IN: Final = "aws login{profile}"
_CONFIG: Final = "cat ~/.aws/config"
_REGION: Final = "aws configure get region{profile}"
_PROFILES: Final = "aws configure list-profiles"
_REACH: Final = "curl -sSI {endpoint}"
_PROXY: Final = "env | grep -i _proxy"
_VERSION: Final = "python -m pip install --upgrade boto3"
_INSTALLED: Final = "python -m pip show boto3 botocore"
_HELP: Final = "aws SERVICE OPERATION help"
_METADATA: Final = "env | grep AWS_"

CREDENTIALS: Final = (
    Row(
        "NoCredentialsError",
        "No provider of credentials has any: neither arguments, environment, profile, container nor instance.",
        _SOURCES,
    ),
    Row(
        "WrongAccountError",
        "The credentials are good, and belong to another account than the one that was demanded.",
        "aws sts get-caller-identity{profile}",
    ),
    Row(
        "PartialCredentialsError",
        "One of two keys is missing. Set the access key and the secret key in the same place.",
        _SOURCES,
    ),
    Row(
        "UnknownCredentialError",
        "The credential_source, or the name of a provider, is none that the SDK knows.",
        _CONFIG,
    ),
    Row(
        "CredentialRetrievalError",
        "A provider was found and gave nothing usable: the credential_process failed, or a refresh did.",
        "aws configure export-credentials{profile} --format process > /dev/null",
    ),
    Row(
        "RefreshWithMFAUnsupportedError",
        "The role needs an MFA code to be renewed, and the SDK asks for none. Assume it again, with a prompt.",
        _SOURCES,
    ),
    Row(
        "MetadataRetrievalError BadIMDSRequestError",
        "The container's or the instance's metadata service did not answer with credentials.",
        _METADATA,
        temporary=True,
    ),
    Row(
        "InvalidIMDSEndpointError InvalidIMDSEndpointModeError",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT or its mode is wrong. The mode is IPv4 or IPv6.",
        _METADATA,
    ),
    Row(
        "InfiniteLoopConfigError",
        "Profiles name each other as source_profile in a circle.",
        _CONFIG,
    ),
    Row(
        "InvalidConfigError",
        "The profile is not complete, or its settings contradict each other.",
        _CONFIG,
    ),
    Row(
        "ProfileNotFound",
        "There is no such profile in ~/.aws/config or ~/.aws/credentials. Check AWS_PROFILE.",
        _PROFILES,
    ),
    Row("ConfigNotFound ConfigParseError", "The configuration file is not there, or is no INI file.", _CONFIG),
)

SIGN_IN: Final = (
    Row(
        "UnauthorizedSSOTokenError SSOTokenLoadError SSOError",
        "The SSO sign-in has expired, or you never signed in on this machine. Sign in again.",
        _LOGIN,
    ),
    Row(
        "TokenRetrievalError NoAuthTokenError",
        "The saved SSO token has expired and could not be renewed. Sign in again.",
        _LOGIN,
    ),
    Row("UnknownTokenProviderError", "The provider of tokens is none that the SDK knows.", _CONFIG),
    Row(
        "LoginInsufficientPermissions",
        "The identity lacks signin:CreateOAuth2Token, which `aws login` needs.",
        _SOURCES,
    ),
    Row(
        "LoginError",
        "The sign-in with `aws login` has expired, or the password has changed. Sign in again.",
        _SIGN_IN,
    ),
)

REGIONS_AND_ENDPOINTS: Final = (
    Row(
        "NoRegionError",
        "There is no region. Pass one, set AWS_DEFAULT_REGION, or name one in the profile. boto3 ignores AWS_REGION.",
        _REGION,
    ),
    Row(
        "InvalidRegionError UnknownRegionError",
        "The region has no form of a region's name, such as eu-west-1.",
        _REGION,
    ),
    Row(
        "ServiceNotInRegionError UnknownEndpointError EndpointVariantError UnknownFIPSEndpointError"
        " BaseEndpointResolverError EndpointProviderError",
        "The service has no such endpoint in this region: check region, FIPS and dual-stack settings.",
        _REGION,
    ),
    Row(
        "InvalidEndpointConfigurationError InvalidHostLabelError InvalidDNSNameError",
        "The endpoint's address, or a name that becomes a part of it, is no valid host.",
        "env | grep AWS_ENDPOINT_URL; aws configure get endpoint_url{profile}",
    ),
    Row(
        "EndpointDiscoveryException InvalidEndpointDiscoveryConfigurationError",
        "The service could not say which endpoint to use. The setting is true, false or auto.",
        "env | grep AWS_ENABLE_ENDPOINT_DISCOVERY",
    ),
)

NETWORK: Final = (
    Row(
        "ProxyConnectionError",
        "The proxy did not answer, or refused. Check HTTPS_PROXY and NO_PROXY.",
        _PROXY,
        temporary=True,
    ),
    Row(
        "InvalidProxiesConfigError",
        "The proxies_config is wrong: it takes a CA bundle, a client certificate and use_forwarding_for_https.",
        _PROXY,
    ),
    Row(
        "SSLError",
        "The endpoint's certificate is not trusted. Behind a proxy that opens TLS, set AWS_CA_BUNDLE to its CA.",
        "env | grep -E 'AWS_CA_BUNDLE|REQUESTS_CA_BUNDLE'",
    ),
    Row(
        "EndpointConnectionError ConnectTimeoutError ConnectionError",
        "No connection to the endpoint: wrong region or endpoint, no network, no proxy set, or a firewall.",
        _REACH,
        temporary=True,
    ),
    Row(
        "ReadTimeoutError",
        "The endpoint accepted the connection and did not answer in time. A write may have taken effect.",
        _REACH,
        temporary=True,
    ),
    Row(
        "ConnectionClosedError HTTPClientError ResponseStreamingError IncompleteReadError",
        "The connection broke before the reply was complete. A write may have taken effect.",
        _REACH,
        temporary=True,
    ),
    Row(
        "ResponseParserError ParserError",
        "The reply is none of this service: the endpoint is another one's, or a proxy answered.",
        _REACH,
    ),
    Row(
        "ChecksumError FlexibleChecksumError AwsChunkedWrapperError",
        "The content changed on the way, or could not be sent with a checksum.",
        _REACH,
        temporary=True,
    ),
    Row(
        "CapacityNotAvailableError",
        "Too many calls failed in a row, so the SDK stops its retries for a while.",
        _REACH,
        temporary=True,
    ),
)

SETTINGS: Final = (
    Row(
        "InvalidRetryConfigurationError",
        "The retries of Config are wrong: mode is legacy, standard or adaptive, total_max_attempts at least 1.",
        "env | grep -E 'AWS_RETRY_MODE|AWS_MAX_ATTEMPTS'",
    ),
    Row(
        "InvalidDefaultsMode InvalidSTSRegionalEndpointsConfigError InvalidS3UsEast1RegionalEndpointConfigError"
        " InvalidChecksumConfigError InvalidS3AddressingStyleError",
        "A setting has a value that the SDK does not know. The message names the setting and the allowed values.",
        _CONFIG,
    ),
    Row(
        "UnknownSignatureVersionError UnsupportedSignatureVersionError",
        "The signature_version of Config is none that this service takes.",
        _CONFIG,
    ),
    Row(
        "MissingDependencyException MD5UnavailableError UnsupportedTLSVersionWarning",
        "Python lacks a part: awscrt (install botocore[crt]), MD5, or a current TLS.",
        "python -m pip install 'botocore[crt]'",
    ),
    Row(
        "DataNotFoundError ApiVersionNotFoundError UnsupportedServiceProtocolsError UndefinedModelAttributeError"
        " UnknownServiceStyle UnknownEndpointResolutionBuiltInName ImminentRemovalWarning PythonDeprecationWarning"
        " NoVersionFound ResourceLoadException NoShapeFoundError InvalidShapeError InvalidShapeReferenceError"
        " OperationNotFoundError",
        "This version of the SDK does not know the service, its version, or a part of its model.",
        _VERSION,
    ),
    Row(
        "UnknownServiceError",
        "There is no service of that name: check the spelling, or update boto3 for a new one.",
        "python -c 'import boto3; print(*boto3.Session().get_available_services())'",
    ),
)

USE: Final = (
    Row(
        "ParamValidationError ValidationError MissingParametersError AliasConflictParameterError"
        " DynamoDBNeedsConditionError DynamoDBNeedsKeyConditionError DynamoDBOperationNotSupportedError"
        " InvalidArnException InvalidSubscriberMethodError",
        "An argument is missing, unknown or of the wrong type. Nothing was sent.",
        _HELP,
    ),
    Row(
        "UnknownClientMethodError OperationNotPageableError InvalidExpressionError ResourceNotExistsError"
        " UnknownAPIVersionError",
        "The client has no such method, paginator or resource.",
        _HELP,
    ),
    Row(
        "PaginationError",
        "The service returned the same page's token twice, or the starting token is none.",
        _HELP,
        temporary=True,
    ),
    Row(
        "WaiterError",
        "The resource did not reach the state in time, or failed. The error's last_response says more.",
        "aws cloudtrail lookup-events{profile}{region}",
    ),
    Row("WaiterConfigError", "The waiter's description is wrong.", _INSTALLED),
    Row(
        "UnseekableStreamError",
        "A stream that was sent in part cannot be sent again, since it cannot be rewound. Pass bytes or a file.",
        _HELP,
    ),
    Row(
        "UnsupportedS3ArnError UnsupportedS3ControlArnError UnsupportedOutpostResourceError"
        " UnsupportedS3ConfigurationError UnsupportedS3AccesspointConfigurationError"
        " UnsupportedS3ControlConfigurationError",
        "S3 does not take such an ARN, or not with these settings (FIPS, dual-stack, accelerate, region).",
        "aws s3control list-access-points --account-id ACCOUNT{profile}{region}",
    ),
    Row(
        "RetriesExceededError S3TransferFailedError S3UploadFailedError S3DownloadFailedError S3CopyFailedError"
        " TransferNotDoneError FatalError S3ValidationError InvalidCrtTransferConfigError",
        "The transfer failed. The cause of the exception says why.",
        "aws s3 ls s3://BUCKET{profile}{region}",
    ),
    Row(
        "StubResponseError",
        "A test's Stubber expected another call.",
        _INSTALLED,
    ),
    Row(
        "EventStreamError",
        "The service ended a stream of events with an error. The message says why.",
        _HELP,
    ),
)

SDK_ERRORS: Final = (*CREDENTIALS, *SIGN_IN, *REGIONS_AND_ENDPOINTS, *NETWORK, *SETTINGS, *USE)
