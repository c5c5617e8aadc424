import { formatArn, parseArn } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { Place } from "../place.ts";

/** AWS: "CloudWatch Logs quotas", and the API reference of PutLogEvents. */
export const LOG_LIMITS = {
  batchBytes: 1_048_576,
  eventOverheadBytes: 26,
  batchSpanMs: 86_400_000,
  oldestMs: 14 * 86_400_000,
  newestMs: 2 * 3_600_000,
  describe: 50,
  events: 10_000,
  answerBytes: 1_048_576,
};

export const DAY_MS = 86_400_000;

/** AWS: PutRetentionPolicy, retentionInDays. */
export const RETENTION_DAYS: readonly number[] = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827],
  ...[2192, 2557, 2922, 3288, 3653],
];

export const refuse = (message: string): ServiceError => new ServiceError("InvalidParameterException", message);

export const groupNotFound = (): ServiceError =>
  new ServiceError("ResourceNotFoundException", "The specified log group does not exist.");

export const streamNotFound = (): ServiceError =>
  new ServiceError("ResourceNotFoundException", "The specified log stream does not exist.");

export const groupArn = ({ accountId, region }: Place, name: string): string =>
  formatArn("logs", region, accountId, `log-group:${name}`);

export const streamArn = (place: Place, group: string, stream: string): string =>
  `${groupArn(place, group)}:log-stream:${stream}`;

/** What permission for a whole group is asked on: policies name it with `:*` behind it. */
export const onGroup = (place: Place, name: string): string[] => [streamArn(place, name, "")];

/** How a request names a log group. */
export interface GroupReference {
  logGroupName?: string;
  logGroupIdentifier?: string;
}

/** The name of the group that a request means. Throws `InvalidParameterException` where it names none or two. */
export function referencedGroup({ logGroupName, logGroupIdentifier }: GroupReference, place: Place): string {
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
    throw refuse("Either logGroupName or logGroupIdentifier must be given, and not both.");
  }
  if (logGroupName !== undefined) return logGroupName;
  const identifier = logGroupIdentifier as string;
  if (!identifier.startsWith("arn:")) return identifier;
  const arn = parseArn(identifier);
  const inPlace = arn?.service === "logs" && arn.accountId === place.accountId && arn.region === place.region;
  const name = inPlace ? /^log-group:([^:]+)(?::\*)?$/.exec(arn.resource)?.[1] : undefined;
  if (name === undefined) throw groupNotFound();
  return name;
}
