import { formatArn } from "@hearth/base";
import type { Iot } from "@hearth/contract";
import type { Place } from "../storage/place.ts";

export interface OtaUpdateKey extends Place {
  otaUpdateId: string;
}

export type OtaUpdateStatus =
  | "CREATE_PENDING"
  | "CREATE_IN_PROGRESS"
  | "CREATE_COMPLETE"
  | "CREATE_FAILED"
  | "DELETE_IN_PROGRESS"
  | "DELETE_FAILED";

/** What CreateOTAUpdate was asked for, and what has become of it. Times in milliseconds since the epoch. */
export interface OtaUpdate extends OtaUpdateKey {
  status: OtaUpdateStatus;
  /** As it was given; signatures in base64. */
  input: Omit<Iot.CreateOTAUpdateRequest, "otaUpdateId" | "tags">;
  tags: Readonly<Record<string, string>>;
  jobId: string;
  /** Made where a file travels by MQTT. */
  streamId?: string;
  error?: { code: string; message: string };
  createdAt: number;
  updatedAt: number;
  revision: number;
}

export const otaUpdateArn = (at: Place, id: string): string =>
  formatArn("iot", at.region, at.accountId, `otaupdate/${id}`);

/** Jobs and streams of OTA updates begin so on AWS too. */
export const PREFIX = "AFR_OTA-";
