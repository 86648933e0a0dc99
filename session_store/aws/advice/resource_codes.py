"""Error codes about limits, resources, requests and faults, with advice for each. Special rows come first."""

from __future__ import annotations

from typing import Final

from session_store.aws.advice.row import Row

_IDENTITY: Final = "aws sts get-caller-identity{profile}{region}"
_EVENTS: Final = "aws cloudtrail lookup-events{profile}{region}"
_TABLES: Final = "aws dynamodb list-tables{profile}{region}"
_TABLE: Final = "aws dynamodb describe-table --table-name TABLE{profile}{region}"
_KEY: Final = "aws kms describe-key --key-id KEY{profile}{region}"
_KEYS: Final = "aws iam list-access-keys --user-name USER{profile}"
_HEALTH: Final = "curl -sI https://health.aws.amazon.com/health/status"
_VALIDATION: Final = "ValidationError ValidationException"

_THROTTLING_CODES: Final = (
    Row(
        "ProvisionedThroughputExceededException ProvisionedThroughputExceeded",
        "The table or one of its partitions is over its limit. Send less, spread the keys, or raise the capacity.",
        _TABLE,
        temporary=True,
    ),
    Row(
        "Throttling ThrottlingException ThrottlingError ThrottledException RequestThrottled RequestThrottledException"
        " RequestLimitExceeded TooManyRequestsException TooManyRequestsError BandwidthLimitExceeded SlowDown"
        " SlowDownException EC2ThrottledException PriorRequestNotComplete",
        'AWS limits the rate of such calls. Send fewer at once, or use the retry mode "adaptive".',
        "aws service-quotas list-service-quotas --service-code SERVICE{profile}{region}",
        temporary=True,
    ),
    Row(
        "LimitExceeded",
        "A user may have two access keys, and an account has limits on other things. Delete one that is not in use.",
        _KEYS,
        operation="CreateAccessKey",
    ),
    Row(
        "LimitExceededException LimitExceeded ServiceQuotaExceededException",
        "The account has reached a quota, or runs too many such operations at once.",
        "aws service-quotas list-service-quotas --service-code SERVICE{profile}{region}",
    ),
)

_TABLE_CODES: Final = (
    *(
        Row(
            "ResourceNotFoundException TableNotFoundException IndexNotFoundException",
            "There is no such table or index in this account and region. Check all three names.",
            _TABLES,
            phrase=phrase,
        )
        for phrase in ("requested resource not found", "table", "index")
    ),
    Row(
        "TableNotFoundException IndexNotFoundException",
        "There is no such table or index in this account and region. Check all three names.",
        _TABLES,
    ),
    Row(
        "ConditionalCheckFailedException",
        "The condition of a write did not hold: another request was first, or the item is not there.",
        "aws dynamodb get-item --table-name TABLE --key KEY --consistent-read{profile}{region}",
    ),
    Row(
        "TransactionCanceledException",
        "A part of the transaction failed. The reply's CancellationReasons say which and why.",
        _TABLE,
    ),
    Row(
        "TransactionConflictException TransactionConflict TransactionInProgressException"
        " ReplicatedWriteConflictException",
        "Another transaction holds the same items. Try again: the SDK does not.",
        _TABLE,
        temporary=True,
    ),
    Row(
        "IdempotentParameterMismatchException DuplicateItemException",
        "The request's token or key was used before with other content. Make a new one.",
        _TABLE,
    ),
    Row(
        "ItemCollectionSizeLimitExceededException",
        "One partition key of a table with a local index is over 10 GB.",
        _TABLE,
    ),
    Row(
        "ResourceInUseException TableAlreadyExistsException TableInUseException BackupInUseException"
        " ReplicaAlreadyExistsException GlobalTableAlreadyExistsException",
        "It exists already, or is being created, changed or deleted. Wait until it is ACTIVE.",
        _TABLE,
        temporary=True,
    ),
    Row(
        "BackupNotFoundException ExportNotFoundException ImportNotFoundException GlobalTableNotFoundException"
        " ReplicaNotFoundException PolicyNotFoundException ContinuousBackupsUnavailableException"
        " PointInTimeRecoveryUnavailableException",
        "The table has no such backup, export, import, replica or policy, or point-in-time recovery is off.",
        "aws dynamodb describe-continuous-backups --table-name TABLE{profile}{region}",
    ),
    Row(
        "ExportConflictException ImportConflictException InvalidExportTimeException InvalidRestoreTimeException",
        "The export, import or restore clashes with another one, or its time is outside of the recovery window.",
        "aws dynamodb describe-continuous-backups --table-name TABLE{profile}{region}",
    ),
    Row(
        "ExpiredIteratorException TrimmedDataAccessException",
        "The stream's position is too old: streams keep 24 hours. Start at the trim horizon.",
        "aws dynamodbstreams list-streams{profile}{region}",
    ),
)

_KMS_CODES: Final = (
    Row(
        "DisabledException KMSDisabledException KMSInvalidStateException KMSInvalidStateFault",
        "The KMS key is disabled or waits for its deletion. Enable it, or cancel the deletion.",
        _KEY,
    ),
    Row(
        "InvalidCiphertextException IncorrectKeyException",
        "The ciphertext was changed, or belongs to another key or encryption context.",
        _KEY,
    ),
    Row(
        "NotFoundException KMSNotFoundException InvalidArnException InvalidKeyUsageException DryRunOperationException",
        "There is no such key in this account and region, or it is not for this use.",
        _KEY,
    ),
    Row(
        "KeyUnavailableException DependencyTimeoutException KMSInternalException",
        "KMS could not use the key in time.",
        _KEY,
        temporary=True,
    ),
)

_STORAGE_AND_STACKS_CODES: Final = (
    Row(
        "NoSuchBucket NoSuchKey NoSuchUpload BucketRegionError",
        "There is no such bucket or object. Check the names, and the account.",
        "aws s3api list-buckets{profile}",
    ),
    Row(
        "PermanentRedirect AuthorizationHeaderMalformed IllegalLocationConstraintException TemporaryRedirect"
        " InvalidLocationConstraint 301 307",
        "The bucket is in another region. Ask in that region.",
        "aws s3api get-bucket-location --bucket BUCKET{profile}",
    ),
    Row(
        "BucketAlreadyExists BucketAlreadyOwnedByYou EntityAlreadyExists EntityAlreadyExistsException"
        " ResourceAlreadyExistsException AlreadyExistsException",
        "The name is taken already, in this account or in another one.",
        _IDENTITY,
    ),
    Row(
        _VALIDATION,
        "There is no stack of that name in this account and region.",
        "aws cloudformation list-stacks{profile}{region}",
        operation="DescribeStacks DescribeStackEvents UpdateStack",
        phrase="does not exist",
    ),
)

_QUEUE_CODES: Final = (
    Row(
        "QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue",
        "There is no such queue in this account and region. Check all three names.",
        "aws sqs list-queues{profile}{region}",
    ),
)

_ENDPOINT_CODES: Final = (
    Row(
        "UnknownOperationException UnknownOperation InvalidAction MissingAction NotImplemented UnknownEndpoint",
        "The endpoint does not know the operation. It belongs to another service, or to an emulator without it.",
        "env | grep AWS_ENDPOINT_URL; aws configure get endpoint_url{profile}",
    ),
    Row(
        "404 NotFound NoSuchVersion",
        "The endpoint answers, and has nothing under that address. Check the endpoint and the resource's name.",
        "env | grep AWS_ENDPOINT_URL; aws configure get endpoint_url{profile}",
    ),
)

_REQUEST_CODES: Final = (
    Row(
        "ResourceNotFoundException ResourceNotFound NoSuchEntity NoSuchEntityException ParentNotFoundException",
        "There is no such resource in this account and region. Check the name, the account and the region.",
        _IDENTITY,
    ),
    Row(
        f"{_VALIDATION} InvalidParameter InvalidParameterValue InvalidParameterValueException"
        " InvalidParameterCombination InvalidParameterException InvalidQueryParameter InvalidInput"
        " InvalidInputException InvalidRequest"
        " InvalidRequestException MissingParameter MissingRequiredParameter MalformedQueryString MalformedInput"
        " SerializationException MalformedPolicyDocument MalformedHttpRequestException PolicyEvaluation"
        " RequestEntityTooLargeException EntityTooLarge InvalidEventCategoryException InvalidLookupAttributesException"
        " InvalidMaxResultsException InvalidNextTokenException InvalidTimeRangeException BadRequest"
        " BadRequestException",
        "AWS understood the request and refuses a value in it. The message names the value.",
        "aws SERVICE OPERATION help",
    ),
    Row(
        "ConflictException ConcurrentModification ConcurrentModificationException DeleteConflict"
        " DeleteConflictException OperationAborted ResourceConflictException PreconditionFailed",
        "Another change of the same resource is under way. Wait, then try again.",
        _EVENTS,
        temporary=True,
    ),
)

_FAULTS_CODES: Final = (
    Row(
        "InternalFailure InternalError InternalServerError InternalServerException InternalServiceError"
        " InternalServiceException ServiceException ServiceFailure ServiceUnavailable ServiceUnavailableException"
        " Unavailable RequestTimeout RequestTimeoutException RequestAbortedException TransientError",
        "AWS failed, or the connection broke. Try again.",
        _HEALTH,
        temporary=True,
    ),
)

RESOURCE_CODES: Final = (
    *_THROTTLING_CODES,
    *_TABLE_CODES,
    *_KMS_CODES,
    *_STORAGE_AND_STACKS_CODES,
    *_QUEUE_CODES,
    *_ENDPOINT_CODES,
    *_REQUEST_CODES,
    *_FAULTS_CODES,
)
