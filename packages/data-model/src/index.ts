export { validateCommand, withReportedIds } from "./command.ts";
export { MAX_MESSAGE_BYTES, parseDeviceMessage } from "./device-message.ts";
export { validateDeviceMessage, validateEvents, validateProperties, validateResponse } from "./device-values.ts";
export { type DocumentRules, validateCapabilityDocument, validateDefinitionDocument } from "./document-rules.ts";
export type {
  ActionElement,
  ActionRequest,
  ActionResponse,
  CapabilityDocument,
  DefinitionDocument,
  EventElement,
  ExtrinsicProperties,
  PropertyElement,
  SchemaElement,
  SchemaType,
  TypeSchema,
} from "./documents.ts";
export {
  type EffectiveElement,
  effectiveRequest,
  effectiveResponse,
  parseExtrinsicId,
  vendorOf,
} from "./extrinsic.ts";
export {
  compareVersions,
  idOfPath,
  isIdentity,
  isVersion,
  LIBRARY_VERSION,
  parseVersionedId,
  pathOfId,
  RESERVED_NAMESPACES,
  type VersionedId,
} from "./identity.ts";
export { type CapabilitySummary, capabilityByClusterId, library, type SchemaSource } from "./library.ts";
export { fromMatterCommand, toMatterCommand } from "./matter/command.ts";
export type {
  MatterCapabilityReport,
  MatterCluster,
  MatterCommandCluster,
  MatterCommandEndpoint,
  MatterEndpoint,
  MatterReportCluster,
  MatterReportEndpoint,
} from "./matter/messages.ts";
export { fromMatterReport, toMatterReport } from "./matter/report.ts";
export { fromMatterState, toMatterState } from "./matter/state.ts";
export type {
  CapabilityReport,
  CapabilityReportCapability,
  CapabilityReportEndpoint,
  CommandAction,
  CommandCapability,
  CommandEndpoint,
  DeviceMessage,
  DeviceMessageType,
  MessageAction,
  MessageCapability,
  MessageEndpoint,
  MessageEvent,
  MessageProperty,
  StateCapability,
  StateEndpoint,
  StateProperty,
} from "./messages.ts";
export { patternProblem } from "./pattern.ts";
export {
  BUILT_IN_ACTIONS,
  normalizeCapabilityReport,
  parseCapabilityReport,
  validateCapabilityReport,
} from "./report.ts";
export {
  type ActionChecks,
  type Capability,
  extendLibrary,
  extendSchemas,
  librarySchemas,
  type ParameterChecks,
  type SchemaSet,
} from "./schema-set.ts";
export {
  getSchema,
  listSchemas,
  type SchemaFilter,
  type SchemaFormat,
  type SchemaVersion,
  type SchemaVersionSummary,
  type SchemaVisibility,
} from "./schemas.ts";
export type { Check, Problem } from "./type-check.ts";
export { describeViolation, type Violation } from "./violation.ts";
