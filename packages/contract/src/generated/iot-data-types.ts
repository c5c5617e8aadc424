// Written by `npm run generate`. Do not edit.

export interface ConflictException {
  message?: string;
}

export interface DeleteConnectionRequest {
  clientId: string;
  cleanSession?: boolean;
  preventWillMessage?: boolean;
}

export interface DeleteThingShadowRequest {
  thingName: string;
  shadowName?: string;
}

export interface DeleteThingShadowResponse {
  payload: Uint8Array;
}

export interface ForbiddenException {
  message?: string;
}

export interface GatewayTimeoutException {
  message?: string;
}

export interface GetConnectionRequest {
  clientId: string;
  includeSocketInformation?: boolean;
}

export interface GetConnectionResponse {
  connected?: boolean;
  thingName?: string;
  cleanSession?: boolean;
  sourceIp?: string;
  sourcePort?: number;
  targetIp?: string;
  targetPort?: number;
  keepAliveDuration?: number;
  connectedSince?: number;
  disconnectedSince?: number;
  disconnectReason?: string;
  sessionExpiry?: number;
  clientId?: string;
  vpcEndpointId?: string;
}

export interface GetRetainedMessageRequest {
  topic: string;
}

export interface GetRetainedMessageResponse {
  topic?: string;
  payload?: Uint8Array;
  qos?: number;
  lastModifiedTime?: number;
  userProperties?: Uint8Array;
}

export interface GetThingShadowRequest {
  thingName: string;
  shadowName?: string;
}

export interface GetThingShadowResponse {
  payload?: Uint8Array;
}

export interface InternalFailureException {
  message?: string;
}

export interface InvalidRequestException {
  message?: string;
}

export interface IoTDataPlaneServiceException {}

export interface ListNamedShadowsForThingRequest {
  thingName: string;
  nextToken?: string;
  pageSize?: number;
}

export interface ListNamedShadowsForThingResponse {
  results?: readonly string[];
  nextToken?: string;
  timestamp?: number;
}

export interface ListRetainedMessagesRequest {
  nextToken?: string;
  maxResults?: number;
}

export interface ListRetainedMessagesResponse {
  retainedTopics?: readonly RetainedMessageSummary[];
  nextToken?: string;
}

export interface ListSubscriptionsRequest {
  clientId: string;
  nextToken?: string;
  maxResults?: number;
}

export interface ListSubscriptionsResponse {
  subscriptions?: readonly SubscriptionSummary[];
  nextToken?: string;
}

export interface MethodNotAllowedException {
  message?: string;
}

export type PayloadFormatIndicator =
  | "UNSPECIFIED_BYTES"
  | "UTF8_DATA";

export interface PublishRequest {
  topic: string;
  qos?: number;
  retain?: boolean;
  payload?: Uint8Array;
  userProperties?: unknown;
  payloadFormatIndicator?: PayloadFormatIndicator;
  contentType?: string;
  responseTopic?: string;
  correlationData?: string;
  messageExpiry?: number;
}

export interface RequestEntityTooLargeException {
  message?: string;
}

export interface ResourceNotFoundException {
  message?: string;
}

export interface RetainedMessageSummary {
  topic?: string;
  payloadSize?: number;
  qos?: number;
  lastModifiedTime?: number;
}

export interface SendDirectMessageRequest {
  clientId: string;
  topic: string;
  contentType?: string;
  responseTopic?: string;
  confirmation?: boolean;
  timeout?: number;
  payload?: Uint8Array;
  userProperties?: unknown;
  payloadFormatIndicator?: PayloadFormatIndicator;
  correlationData?: string;
}

export interface SendDirectMessageResponse {
  message?: string;
  traceId?: string;
}

export interface ServiceUnavailableException {
  message?: string;
}

export interface SubscriptionSummary {
  topicFilter: string;
  qos: number;
}

export interface ThrottlingException {
  message?: string;
}

export interface UnauthorizedException {
  message?: string;
}

export interface UnsupportedDocumentEncodingException {
  message?: string;
}

export interface UpdateThingShadowRequest {
  thingName: string;
  payload: Uint8Array;
  shadowName?: string;
}

export interface UpdateThingShadowResponse {
  payload?: Uint8Array;
}

export interface IotDataOperations {
  DeleteConnection: { input: DeleteConnectionRequest; output: {} };
  DeleteThingShadow: { input: DeleteThingShadowRequest; output: DeleteThingShadowResponse };
  GetConnection: { input: GetConnectionRequest; output: GetConnectionResponse };
  GetRetainedMessage: { input: GetRetainedMessageRequest; output: GetRetainedMessageResponse };
  GetThingShadow: { input: GetThingShadowRequest; output: GetThingShadowResponse };
  ListNamedShadowsForThing: { input: ListNamedShadowsForThingRequest; output: ListNamedShadowsForThingResponse };
  ListRetainedMessages: { input: ListRetainedMessagesRequest; output: ListRetainedMessagesResponse };
  ListSubscriptions: { input: ListSubscriptionsRequest; output: ListSubscriptionsResponse };
  Publish: { input: PublishRequest; output: {} };
  SendDirectMessage: { input: SendDirectMessageRequest; output: SendDirectMessageResponse };
  UpdateThingShadow: { input: UpdateThingShadowRequest; output: UpdateThingShadowResponse };
}
