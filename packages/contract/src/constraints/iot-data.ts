import type { ConstraintTable } from "./table.ts";

/** What the SDK's schemas leave out: limits of simple shapes, kinds of numbers, and where they apply. */
export const iotDataConstraints: ConstraintTable = {
  shapes: {
    ClientId: { type: "string", min: 1, max: 128, pattern: "^[^$].*" },
    Integer: { type: "integer" },
    Long: { type: "long" },
    MaxResults: { type: "integer", min: 1, max: 200 },
    NamedShadowList: { type: "list", member: "ShadowName" },
    PageSize: { type: "integer", min: 1, max: 100 },
    PayloadFormatIndicator: { type: "string", enum: ["UNSPECIFIED_BYTES", "UTF8_DATA"] },
    Qos: { type: "integer", min: 0, max: 1 },
    ShadowName: { type: "string", min: 1, max: 64, pattern: "[$a-zA-Z0-9:_-]+" },
    ThingName: { type: "string", min: 1, max: 128, pattern: "[a-zA-Z0-9:_-]+" },
  },
  uses: {
    DeleteConnectionRequest: { clientId: "ClientId" },
    DeleteThingShadowRequest: { thingName: "ThingName", shadowName: "ShadowName" },
    GetConnectionRequest: { clientId: "ClientId" },
    GetConnectionResponse: {
      thingName: "ThingName",
      sourcePort: "Integer",
      targetPort: "Integer",
      keepAliveDuration: "Integer",
      connectedSince: "Long",
      disconnectedSince: "Long",
      sessionExpiry: "Long",
      clientId: "ClientId",
    },
    GetRetainedMessageResponse: { qos: "Qos", lastModifiedTime: "Long" },
    GetThingShadowRequest: { thingName: "ThingName", shadowName: "ShadowName" },
    ListNamedShadowsForThingRequest: { thingName: "ThingName", pageSize: "PageSize" },
    ListNamedShadowsForThingResponse: { results: "NamedShadowList", timestamp: "Long" },
    ListRetainedMessagesRequest: { maxResults: "MaxResults" },
    ListSubscriptionsRequest: { clientId: "ClientId", maxResults: "MaxResults" },
    PublishRequest: { qos: "Qos", payloadFormatIndicator: "PayloadFormatIndicator", messageExpiry: "Long" },
    RetainedMessageSummary: { payloadSize: "Long", qos: "Qos", lastModifiedTime: "Long" },
    SendDirectMessageRequest: {
      clientId: "ClientId",
      timeout: "Integer",
      payloadFormatIndicator: "PayloadFormatIndicator",
    },
    SubscriptionSummary: { qos: "Qos" },
    UpdateThingShadowRequest: { thingName: "ThingName", shadowName: "ShadowName" },
  },
};
