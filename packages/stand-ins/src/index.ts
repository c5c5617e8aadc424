export { streamMigrations as migrations } from "./streams/stream-store.ts";
export { createStreams, type Streams } from "./streams/streams.ts";
export type { KeyedHash } from "./streams/token.ts";
