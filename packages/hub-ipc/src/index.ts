export { encodeFrame, FrameError, FrameReader, MAX_FRAME } from "./frame.ts";
export type { Json, JsonObject } from "./json.ts";
