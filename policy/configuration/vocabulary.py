"""The words by which a file is recognised: the keys that each kind of file holds at its top.

These lists only tell files apart; what an option means is in :mod:`policy.knowledge`.
"""

# ruff: noqa: SIM905 - lists of words are read more easily without quotes

from __future__ import annotations

from policy.configuration.source import Kind

PLUGIN_SECTIONS = frozenset(
    """
    AdvancedStorage Authorization AwsS3Storage AzureBlobStorage ConnectivityChecks DelayedDeletion DicomWeb Education
    Gdcm GoogleCloudStorage Housekeeper Indexer Java MultitenantDicom MySQL Neuro Odbc OHIF Ohif OrthancExplorer2
    PixelsMasker PostgreSQL Python ServeFolders STL StoneWebViewer Tcia Transfers VolView WebViewer Worklists Wsi WSI
    """.split()
)
"""Top-level sections of plugins."""

CORE_OPTIONS = frozenset(
    """
    AllowFindSopClassesInStudy AuthenticationEnabled BuiltinDecoderTranscoderOrder CaseSensitivePN
    CheckRevisions ConcurrentJobs DatabaseServerIdentifier DeidentifyLogs DeIdentifyLogs
    DeidentifyLogsDicomVersion DefaultEncoding DefaultPrivateCreator Dictionary DicomAet DicomAlwaysAllowEcho
    DicomAlwaysAllowFind DicomAlwaysAllowFindWorklist DicomAlwaysAllowGet DicomAlwaysAllowMove DicomAlwaysAllowStore
    DicomAssociationCloseDelay DicomCheckCalledAet DicomCheckModalityHost DicomDefaultRetrieveMethod
    DicomEchoChecksFind DicomLossyTranscodingQuality DicomModalities DicomModalitiesInDatabase DicomPort
    DicomScpTimeout DicomScuMaximumPduLength DicomMaximumPduLength DicomScuPreferredTransferSyntax DicomScuTimeout
    DicomServerEnabled DicomThreadsCount DicomTlsCertificate DicomTlsCiphersAccepted DicomTlsEnabled
    DicomTlsMinimumProtocolVersion DicomTlsPrivateKey DicomTlsRemoteCertificateRequired
    DicomTlsTrustedCertificates ExecuteLuaEnabled ExtraMainDicomTags HttpCompressionEnabled
    HttpDescribeErrors HttpPort HttpProxy HttpRequestTimeout HttpServerEnabled HttpThreadsCount HttpTimeout
    HttpVerbose HttpsCACertificates HttpsVerifyPeers IndexDirectory IngestTranscoding
    IngestTranscodingOfCompressed IngestTranscodingOfUncompressed JobsEngineThreadsCount JobsHistorySize KeepAlive
    KeepAliveTimeout LimitFindInstances LimitFindResults LimitJobs Locale
    LogExportedResources LuaHeartBeatPeriod LuaScripts MaximumConcurrentDcmtkTranscoder
    MaximumPatientCount MaximumStorageCacheSize MaximumStorageMode MaximumStorageSize MediaArchiveSize
    MetricsEnabled Name OrthancExplorerEnabled OrthancPeers OrthancPeersInDatabase OverwriteInstances Pkcs11 Plugins
    PythonScript PythonVerbose QueryRetrieveSize ReadOnly RegisteredUsers RemoteAccessAllowed
    RestApiWriteToFileSystemEnabled SaveJobs SslCertificate SslCiphersAccepted SslEnabled
    SslMinimumProtocolVersion SslTrustedClientCertificates SslVerifyPeers StableAge StorageAccessOnFind
    StorageCommitmentReportsSize StorageCompression StorageDirectory StoreDicom StoreMD5ForAttachments
    StrictAetComparison SynchronousCMove SynchronousZipStream TcpNoDelay TemporaryDirectory TranscodeDicomProtocol
    UnknownSopClassAccepted UserContentType UserMetadata Warnings WebDavDeleteAllowed WebDavEnabled
    WebDavUploadAllowed ZipLoaderThreads
    """.split()
)
"""Top-level options of the core."""

AUTHORIZATION_OPTIONS = frozenset(
    """
    CheckedLevel EnableAuditLogs ExtraPermissions Permissions StandardConfigurations TokenGetArguments
    TokenHttpHeaders UncheckedFolders UncheckedLevels UncheckedResources WebService WebServiceIdentifier
    WebServicePassword WebServiceRootUrl WebServiceSettingsRolesUrl WebServiceTokenCreationBaseUrl
    WebServiceTokenDecoderUrl WebServiceTokenValidationUrl WebServiceUserProfileUrl WebServiceUsername
    """.split()
)
"""Options of the Authorization section: at the top of a file they are a section without its name."""

TOP_KEYS: dict[Kind, frozenset[str]] = {
    Kind.ORTHANC: CORE_OPTIONS | PLUGIN_SECTIONS,
    Kind.PERMISSIONS: frozenset({"roles", "available-labels", "available_labels", "available-tokens"}),
    Kind.ANONYMOUS: frozenset(
        {"name", "user-id", "user_id", "authorized-labels", "authorized_labels", "permissions", "groups", "validity"}
    ),
    Kind.COMPOSE: frozenset({"services", "version", "volumes", "networks", "secrets", "configs", "include"}),
    Kind.KUBERNETES: frozenset({"apiVersion", "kind", "metadata", "spec", "data", "stringData"}),
    Kind.REALM: frozenset(
        """
        realm clients clientScopes users groups defaultRoles sslRequired enabled registrationAllowed accessTokenLifespan
        roles components identityProviders browserFlow keycloakVersion smtpServer requiredActions displayName
        defaultDefaultClientScopes authenticationFlows
        """.split()
    ),
}

TELLING: dict[Kind, frozenset[str]] = {
    Kind.ORTHANC: TOP_KEYS[Kind.ORTHANC],
    Kind.PERMISSIONS: frozenset({"roles", "available-labels", "available_labels"}),
    Kind.ANONYMOUS: frozenset({"authorized-labels", "authorized_labels", "permissions", "validity"}),
    Kind.COMPOSE: frozenset({"services"}),
    Kind.KUBERNETES: frozenset({"apiVersion", "kind"}),
    Kind.REALM: frozenset({"realm", "clients", "clientScopes", "keycloakVersion", "authenticationFlows"}),
}
"""Without one of these keys, or something near one, a file is not of that kind."""

GENERIC = frozenset({"Name", "Plugins", "Locale", "Warnings", "Dictionary", "Python", "Java", "Transfers", "Education"})
"""Words that, in another case, many files hold that are not of Orthanc."""
