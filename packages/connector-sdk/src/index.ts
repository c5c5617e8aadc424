export {
  type ConnectorFunction,
  type ConnectorOptions,
  defineConnector,
  type FunctionContext,
} from "./define-connector.ts";
export {
  type CommandAsked,
  type CommandResponse,
  type ConnectorEvents,
  type ConnectorEventsOptions,
  connectorEvents,
  type DeviceEvent,
  type DevicesFound,
  type DiscoveryFailed,
} from "./events.ts";
export type {
  CommandRequest,
  CommandResult,
  ConnectorAnswer,
  ConnectorHandlers,
  DeviceCommand,
  DiscoveredDevice,
  DiscoverRequest,
  UserRequest,
} from "./handlers.ts";
export {
  type ActionOutcome,
  type CapabilityDescription,
  type CapabilityState,
  type DeviceDescription,
  type EndpointDescription,
  type EndpointState,
  MatterError,
  matter,
} from "./matter.ts";
export { VendorError, vendorErrorOf } from "./vendor-error.ts";
