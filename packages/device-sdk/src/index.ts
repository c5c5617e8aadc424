export type { BackOff } from "./back-off.ts";
export type { ConnectionOptions } from "./connection.ts";
export {
  type CredentialLabel,
  type CredentialStore,
  createMemoryCredentialStore,
  type DeviceCredential,
  type KeyPair,
  openFileCredentialStore,
  type PendingCredential,
  type StoredRecords,
} from "./credential-store.ts";
export { createDevice, type Device, type DeviceOptions } from "./data-model-handler.ts";
export type { ActionContext, ActionHandler, CapabilityHandlers, Endpoint, PropertyHandlers } from "./endpoint.ts";
export {
  ActionError,
  AgentStoppedError,
  CredentialStoreError,
  type ExecutionState,
  JobsRejectedError,
  NetworkError,
  ProvisioningError,
  QueueFullError,
  RefusedError,
  RequestRejectedError,
} from "./errors.ts";
export { createEventNumbers, type EventNumbers } from "./event-numbers.ts";
export type { JobDocument, JobStatus, JobStatusDetails } from "./job-execution.ts";
export { createJobsHandler, type JobsHandler, type JobsHandlerOptions } from "./jobs-handler.ts";
export type { Json, JsonObject } from "./json.ts";
export { type AgentEvent, type AgentOptions, createMqttAgent, type MqttAgent } from "./mqtt-agent.ts";
export { type CertificateRequester, type DeviceInfo, type ProvisionOptions, provision } from "./provisionee.ts";
export type { Answer } from "./requests.ts";
export { createShadow, type Shadow, type ShadowUpdate } from "./shadow.ts";
export type { Fate } from "./simulator/broker.ts";
export type { SimulatedExecution, SimulatedJobs } from "./simulator/jobs.ts";
export {
  type DeviceMessage,
  type ExpectedDevice,
  type SimulatedPlatform,
  type SimulatedPlatformOptions,
  startSimulatedPlatform,
} from "./simulator/platform.ts";
export type { MessageHandler } from "./subscriptions.ts";
