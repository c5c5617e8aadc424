export { type Broker, type BrokerDeps, createBroker } from "./broker.ts";
export { CONNECTION_CAUSES, type ConnectionCause } from "./connection-causes.ts";
export type { ConnectionEvent, ConnectionLog, ConnectionParty } from "./connection-log.ts";
export type { ConnectCredentials, IdentifyByConnect } from "./identify-by-connect.ts";
export type { ConnectionIdentity, Permissions } from "./identity.ts";
export { readLimits } from "./limit-overrides.ts";
export { awsLimits, type BrokerLimits, type LimitName, standardLimits } from "./limits.ts";
export type { BrokerMetrics } from "./metrics.ts";
export { migrations } from "./migrations.ts";
