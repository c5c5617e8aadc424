import type { KeyObject } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { JobDocument, Json, JsonObject } from "@hearth/device-sdk";
import { download } from "./download.ts";
import type { Flash } from "./flash.ts";
import { isSigned } from "./signature.ts";

/** What a job has come to: its end, or that the device is to be restarted, after which the job goes on. */
export type Outcome = { end: "JobSucceeded" | "JobFailed"; details: Record<string, string> } | { restart: true };

export interface Device {
  flash: Flash;
  key: KeyObject;
  ca: readonly string[];
  /** Reports how far the job is; resolves when the platform knows, rejects with JobOverError. */
  report(step: string, progress: number): Promise<void>;
  /** Shows how far the download is. */
  show(received: number, total: number): void;
  stop: AbortSignal;
}

/** Why a job cannot be done; the platform is told the message. */
export class JobError extends Error {
  readonly step: string;

  constructor(step: string, message: string) {
    super(message);
    this.step = step;
  }
}

/** The platform wants nothing more of this attempt: it was cancelled, or timed out. */
export class JobOverError extends Error {}

type Operation = (job: JobDocument, device: Device) => Promise<Outcome>;

/** By the member `operation` of the job document. */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ["update-firmware", updateFirmware],
  ["update-config", updateConfig],
  ["reboot", reboot],
]);

const LARGEST_IMAGE = 64 * 1024 * 1024;
const LONGEST_DELAY = 86_400;

/** Does what a job document asks for. Rejects only with JobOverError, and when the device is stopped meanwhile. */
export async function perform(job: JobDocument, device: Device): Promise<Outcome> {
  const operation = OPERATIONS.get(text(job.document, "operation") ?? "");
  if (!operation) return failed("reading", "Unknown operation");
  try {
    return await operation(job, device);
  } catch (error) {
    if (device.stop.aborted || error instanceof JobOverError) throw error;
    return failed(error instanceof JobError ? error.step : "working", reasonOf(error));
  }
}

/** `{ operation, url, version, checksum: "sha256:<hex>", signature: "<base64>" }` */
async function updateFirmware({ document }: JobDocument, device: Device): Promise<Outcome> {
  const { flash, stop } = device;
  const url = needed(document, "url", /^https?:\/\/\S{1,8000}$/);
  const version = needed(document, "version", /^[\w.+-]{1,64}$/);
  const sha256 = needed(document, "checksum", /^sha256:[0-9a-f]{64}$/).slice("sha256:".length);
  const signature = needed(document, "signature", /^[A-Za-z0-9+/]{1,200}={0,2}$/);
  const before = await flash.running();
  // Installed before the platform could be told: the job has come again.
  if (before?.sha256 === sha256) return succeeded({ step: "installed", progress: "100", version, slot: before.slot });

  await device.report("downloading", 0);
  const path = flash.pathOf(sha256);
  const options = { url, path, ca: device.ca, limit: LARGEST_IMAGE, signal: stop, progress: teller(device) };
  const received = await download(options).catch((error: unknown) => {
    throw stop.aborted ? error : new JobError("downloading", reasonOf(error));
  });

  try {
    await device.report("verifying", 100);
    if (received !== sha256) throw new JobError("verifying", `SHA-256 is ${received}, not the job's`);
    if (!(await isSigned(path, signature, device.key))) {
      throw new JobError("verifying", "The signature is not by this device's signing key");
    }
  } catch (error) {
    if (error instanceof JobError) await flash.discard(sha256);
    throw error;
  }

  await device.report("installing", 100);
  const { slot } = await flash.install(version, sha256);
  return succeeded({ step: "installed", progress: "100", version, slot });
}

/** Shows every piece, and reports every tenth once the one before is told: the download does not wait for it. */
function teller(device: Device): (received: number, total: number) => void {
  let tenth = 0;
  let telling = false;
  return (received, total) => {
    device.show(received, total);
    const now = Math.floor((10 * received) / total);
    if (now <= tenth || now === 10 || telling) return;
    tenth = now;
    telling = true;
    const told = () => {
      telling = false;
    };
    // What the platform did not take of the progress, it does not miss; a job that is over ends at the next report.
    device.report("downloading", now * 10).then(told, told);
  };
}

/** `{ operation, config: { … } }` replaces the device's configuration. */
async function updateConfig({ document }: JobDocument, device: Device): Promise<Outcome> {
  const config = own(document, "config");
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new JobError("reading", "config is missing, or not an object");
  }
  await device.flash.configure(config);
  return succeeded({ step: "configured", progress: "100" });
}

/** `{ operation, delay? }`: seconds. What was reported says whether the restart has been. */
async function reboot({ document, statusDetails }: JobDocument, device: Device): Promise<Outcome> {
  if (statusDetails["step"] === "restarting") return succeeded({ step: "restarted", progress: "100" });
  const delay = own(document, "delay") ?? 0;
  if (typeof delay !== "number" || !(delay >= 0 && delay <= LONGEST_DELAY)) {
    throw new JobError("reading", `delay takes 0 to ${LONGEST_DELAY} seconds`);
  }
  await device.report("waiting", 0);
  await pause(delay * 1000, undefined, { signal: device.stop });
  await device.report("restarting", 50);
  return { restart: true };
}

const succeeded = (details: Record<string, string>): Outcome => ({ end: "JobSucceeded", details });
const failed = (step: string, reason: string): Outcome => ({ end: "JobFailed", details: { step, reason } });

/** As `statusDetails` take it: one line of at most 1,024 characters. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\p{Cc}/gu, " ").slice(0, 1024) || "no reason given";
}

function own(document: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(document, name) ? document[name] : undefined;
}

function text(document: JsonObject, name: string): string | undefined {
  const value = own(document, name);
  return typeof value === "string" ? value : undefined;
}

function needed(document: JsonObject, name: string, form: RegExp): string {
  const value = text(document, name);
  if (value === undefined || !form.test(value)) throw new JobError("reading", `${name} is missing, or not one`);
  return value;
}
