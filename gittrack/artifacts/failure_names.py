"""What the backends of stores call the things that go wrong, and which of our errors each is; pure data."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["AccessDenied", "NotPermitted", "NoSuchStore", "Unreachable", "StoreFull", "ObjectMissing"]
"""The name of a class of `artifacts.failures`."""

CODES: Mapping[str, Kind] = {
    **dict.fromkeys(
        (
            *(
                "InvalidAccessKeyId",
                "SignatureDoesNotMatch",
                "ExpiredToken",
                "InvalidToken",
                "TokenRefreshRequired",
            ),
            *("AuthorizationHeaderMalformed", "InvalidSecurity", "MissingAuthenticationToken", "AuthFailure"),
            *(
                "AuthenticationFailed",
                "InvalidAuthenticationInfo",
                "NoAuthenticationInformation",
                "ExpiredTokenException",
            ),
            *("AuthorizationFailure", "RequestTimeTooSkewed", "UnrecognizedClientException"),
        ),
        "AccessDenied",
    ),
    **dict.fromkeys(
        (
            *("AccessDenied", "AllAccessDisabled", "MethodNotAllowed", "Forbidden"),
            *("AuthorizationPermissionMismatch", "AccountIsDisabled", "InsufficientAccountPermissions"),
            *("PublicAccessNotPermitted", "OperationNotAllowed", "AccessControlException"),
        ),
        "NotPermitted",
    ),
    **dict.fromkeys(
        (
            "NoSuchBucket",
            "ContainerNotFound",
            "ContainerBeingDeleted",
            "InvalidBucketName",
            "InvalidResourceName",
        ),
        "NoSuchStore",
    ),
    **dict.fromkeys(
        (
            "QuotaExceeded",
            "XMinioStorageFull",
            "InsufficientStorage",
            "DSQuotaExceededException",
            "TooManyBuckets",
        ),
        "StoreFull",
    ),
    **dict.fromkeys(
        (
            "SlowDown",
            "RequestTimeout",
            "InternalError",
            "ServiceUnavailable",
            "ServerBusy",
            "OperationTimedOut",
        ),
        "Unreachable",
    ),
    **dict.fromkeys(("NoSuchKey", "NoSuchUpload", "BlobNotFound"), "ObjectMissing"),
}
"""Codes of S3 and its kin, Azure Blob and HDFS. Sources: their REST references, `Error codes`."""

STATUS: Mapping[int, Kind] = {
    401: "AccessDenied",
    403: "NotPermitted",
    404: "ObjectMissing",
    405: "NotPermitted",
    407: "Unreachable",
    408: "Unreachable",
    409: "NoSuchStore",  # WebDAV (RFC 4918): a parent folder is missing
    429: "Unreachable",
    507: "StoreFull",
}

CLASSES: Mapping[str, Kind] = {
    **dict.fromkeys(
        (
            *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound"),
            *(
                "TokenRetrievalError",
                "SSOTokenLoadError",
                "UnauthorizedSSOTokenError",
                "LoginRefreshRequired",
            ),
            *(
                "DefaultCredentialsError",
                "RefreshError",
                "ClientAuthenticationError",
                "CredentialUnavailableError",
            ),
            *(
                "AuthenticationException",
                "BadAuthenticationType",
                "PasswordRequiredException",
                "SSHAuthError",
            ),
        ),
        "AccessDenied",
    ),
    **dict.fromkeys(
        (
            *("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError"),
            *("HTTPClientError", "ClientConnectorError", "ClientConnectionError", "ServerDisconnectedError"),
            *("ClientPayloadError", "ServerTimeoutError", "ServiceRequestError", "ServiceResponseError"),
            *("IncompleteReadError", "ResponseStreamingError", "NoValidConnectionsError", "SSHException"),
            *("ChannelException", "RequestException", "TransportError", "TimeoutException", "FSTimeoutError"),
            *("ConnectionError", "ProtocolError", "IncompleteRead", "HttpProcessingError", "error_temp"),
            *("TimeoutError", "FlowControlError"),
        ),
        "Unreachable",
    ),
    "ResourceNotFoundError": "ObjectMissing",
    "InsufficientStorage": "StoreFull",
    "error_proto": "Unreachable",
}
"""Classes of botocore, aiohttp, google-auth, azure-core, paramiko, requests, httpx and ftplib."""

ERRNO: Mapping[int, Kind] = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "NotPermitted"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "StoreFull"),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR), "ObjectMissing"),
    **dict.fromkeys((errno.ESTALE, errno.EIO, errno.ETIMEDOUT, errno.EHOSTUNREACH), "Unreachable"),
    **dict.fromkeys((errno.ENETUNREACH, errno.EHOSTDOWN), "Unreachable"),
}

FTP: Mapping[str, Kind] = {
    **dict.fromkeys(("421", "425", "426"), "Unreachable"),
    **dict.fromkeys(("430", "530"), "AccessDenied"),
    **dict.fromkeys(("452", "552"), "StoreFull"),
    **dict.fromkeys(("532", "550", "553"), "NotPermitted"),
}
"""Replies of FTP (RFC 959), by their three digits."""
