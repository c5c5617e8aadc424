export { createKeys, type KeyCall, type Keys } from "./keys/keys.ts";
export { createLogs, type Logs } from "./logs/logs.ts";
export { migrations } from "./migrations.ts";
export type {
  ByteRange,
  ObjectAccess,
  ObjectCaller,
  ObjectHead,
  ObjectName,
  ObjectReader,
  ObjectWriter,
} from "./objects/object-access.ts";
export { type AssumeObjectRole, createObjects, type ObjectRole, type Objects } from "./objects/objects.ts";
export { createS3Objects } from "./objects/s3-objects.ts";
export { createAwsSecrets } from "./secrets/aws-secrets.ts";
export type { SecretAsk, SecretCaller, SecretRead, SecretReader } from "./secrets/secret-reader.ts";
export { createSecrets, type Secrets } from "./secrets/secrets.ts";
export { plainRecords } from "./streams/stream-store.ts";
export { createStreams, type Streams } from "./streams/streams.ts";
export type { KeyedHash } from "./streams/token.ts";
export { createTrail, type Trail } from "./trail/trail.ts";
