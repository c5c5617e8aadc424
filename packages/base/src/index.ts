export { type Arn, formatArn, parseArn } from "./arn.ts";
export { BoundedMap } from "./bounded-map.ts";
export { type Clock, FakeClock, systemClock } from "./clock.ts";
export { InternalError, messageOf } from "./errors.ts";
export { randomHex, randomText, uuid } from "./ids.ts";
export { createLogger, type Logger, type LogLevel, silentLogger } from "./logger.ts";
export { isTopicFilter, isTopicName, parseSharedFilter, type SharedFilter, topicMatches } from "./topics.ts";
