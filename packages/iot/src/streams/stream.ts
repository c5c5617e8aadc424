import { formatArn } from "@hearth/base";
import type { ObjectName } from "../jobs/job-objects.ts";
import type { Place } from "../storage/place.ts";

export interface StreamKey extends Place {
  streamId: string;
}

/** A file as it was when the stream took it. */
export interface StreamedFile {
  fileId: number;
  object: ObjectName;
  /** Bytes. */
  size: number;
  etag: string;
}

/** Files that devices fetch block by block over MQTT (reference 2.1). Times in milliseconds since the epoch. */
export interface FileStream extends StreamKey {
  /** From 1; grows with every update. */
  version: number;
  description?: string;
  files: readonly StreamedFile[];
  /** By which the platform reads the files. */
  roleArn: string;
  tags: Readonly<Record<string, string>>;
  createdAt: number;
  updatedAt: number;
}

export const streamArn = (at: Place, streamId: string): string =>
  formatArn("iot", at.region, at.accountId, `stream/${streamId}`);
