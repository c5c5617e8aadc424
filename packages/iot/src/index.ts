export type { CertificateAuthority, IssuedCertificate } from "./credentials/certificate-authority.ts";
export type { Certificates } from "./credentials/certificates.ts";
export type { Policies } from "./credentials/policies.ts";
export type { Idempotency } from "./idempotency/idempotency.ts";
export { createIot, type IotDeps, type IotRoom } from "./iot.ts";
export { checkDocument, DOCUMENT_BYTES } from "./jobs/document.ts";
export type { JobEngine } from "./jobs/engine.ts";
export type { Executions } from "./jobs/executions.ts";
export type { Job, JobRules } from "./jobs/job.ts";
export { scheduleOf } from "./jobs/job-checks.ts";
export type { JobObjects, ObjectName } from "./jobs/job-objects.ts";
export type { JobObserver } from "./jobs/job-observer.ts";
export type { Jobs, NewJob } from "./jobs/jobs.ts";
export type {
  ConnectionDescription,
  DeviceConnections,
  DirectOutcome,
  Reach,
  RetainedMessages,
  RetainedSummary,
} from "./messaging/device-connections.ts";
export {
  type ConnectionClosed,
  type ConnectionOpened,
  connectionClosed,
  connectionOpened,
  type Delivery,
  type DisconnectReason,
  disconnectRequested,
  type Message,
  type MessageProperties,
  type Outcome,
  type Publisher,
  permissionsChanged,
  policyDeleted,
  type ReservedTopic,
} from "./messaging/message.ts";
export { type Publish, platformPublisher, requestPublisher } from "./messaging/publisher.ts";
export { createRouter, type Router, type RouterDeps, TopicRefused } from "./messaging/router.ts";
export { migrations } from "./migrations.ts";
export type { AutoRegistered, AutoRegistration } from "./provisioning/auto-registration.ts";
export type { CaClaim, CaClaims } from "./provisioning/ca-claims.ts";
export type { Claim, Claims } from "./provisioning/claims.ts";
export type {
  ProvisioningHook,
  ProvisioningHookInput,
  ProvisioningHookOutput,
} from "./provisioning/provisioning-hook.ts";
export type { TemplateInput, Templates } from "./provisioning/templates.ts";
export type { Thing } from "./registry/thing.ts";
export type { Things } from "./registry/things.ts";
export type { ShadowKey } from "./shadows/shadow-store.ts";
export { plainShadows } from "./shadows/shadow-store.ts";
export type { PlannedShadowUpdate, ShadowRequest, Shadows } from "./shadows/shadows.ts";
export type { Place } from "./storage/place.ts";
export type { Planned } from "./storage/planned.ts";
