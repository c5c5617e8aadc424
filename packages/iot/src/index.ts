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
  type ReservedTopic,
} from "./messaging/message.ts";
export { createRouter, type Router, type RouterDeps, TopicRefused } from "./messaging/router.ts";
