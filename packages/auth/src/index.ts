export type { RootAccount } from "./accounts/accounts.ts";
export type { Caller } from "./authenticate.ts";
export { type Auth, type AuthDeps, createAuth } from "./create-auth.ts";
export {
  type CustomAuthorizer,
  type CustomCredentials,
  type CustomIdentity,
  type CustomVerdict,
  namedAuthorizer,
} from "./custom-authorizer/custom-authorizer.ts";
export type { ConnectedThing, DeviceCertificate, DeviceDirectory } from "./device-directory.ts";
export type { EnsureServiceRole } from "./iam/service-linked-role.ts";
export type { ServiceRoleUses } from "./iam/service-linked-role-operations.ts";
export { identitiesChanged } from "./identity-cache.ts";
export { migrations } from "./migrations.ts";
export type { Authorize } from "./permissions/authorize.ts";
export { type AuthorizeAtListener, type ListenerPolicy, readListenerPolicy } from "./permissions/listener-policy.ts";
export { type CredentialScope, credentialScope, readAuthorization } from "./sigv4/authorization.ts";
export type { SignedRequest } from "./sigv4/signed-request.ts";
export { createSigningKeys } from "./sigv4/signing-keys.ts";
export { checkClaims, checkSignature, presignObjectUrl } from "./sigv4/verify.ts";
export type { ServiceRole } from "./sts/assume-role.ts";
export { authenticateCertificate, type CertificateVerdict, certificateIdOf } from "./x509/authenticate-certificate.ts";
export {
  type DeviceConnection,
  type DevicePermissions,
  devicePermissions,
  namedPolicyPermissions,
} from "./x509/device-permissions.ts";
export { createEndpointNames, type EndpointNames, endpointWildcard, type NamedAccount } from "./x509/endpoint-names.ts";
