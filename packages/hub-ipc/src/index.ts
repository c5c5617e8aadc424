export { encodeFrame, FrameError, FrameReader, MAX_FRAME } from "./frame.ts";
export {
  createHubClient,
  type EventCallback,
  type HubAnswer,
  type HubClient,
  type HubClientOptions,
} from "./hub-client.ts";
export * from "./ids.ts";
export type { Json, JsonObject } from "./json.ts";
