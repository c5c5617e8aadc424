import { type Database, isConflict, type Sealer, type Timers, UniqueViolation } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { type Iot, type RequestContext, ServiceError } from "@hearth/contract";
import type { JobEngine } from "../jobs/engine.ts";
import { isLive } from "../jobs/job.ts";
import { invalid, rulesOf, targetsOf } from "../jobs/job-checks.ts";
import type { JobObjects, ObjectName } from "../jobs/job-objects.ts";
import type { Jobs, NewJob } from "../jobs/jobs.ts";
import type { FileStream } from "../streams/stream.ts";
import { insertStream } from "../streams/stream-store.ts";
import { type Streams, streamReader } from "../streams/streams.ts";
import type { Taggable } from "../tags/taggable.ts";
import { CodeSigningError, keyOf, readSignature, type Signature, verifySignature } from "./code-signing.ts";
import { type OtaUpdate, type OtaUpdateKey, otaUpdateArn, PREFIX } from "./ota-update.ts";
import { deleteOtaUpdate, insertOtaUpdate, readOtaUpdate, writeOtaUpdate } from "./ota-update-store.ts";

export interface OtaUpdatesDeps {
  database: Database;
  sealer: Sealer;
  timers: Timers;
  clock: Clock;
  log: Logger;
  objects: Pick<JobObjects, "checkRole" | "head" | "read">;
  streams: Streams;
  jobs: Jobs;
  engine: JobEngine;
  checkTargets(request: RequestContext, targets: readonly string[]): Promise<void>;
}

export interface OtaUpdates {
  /** Throws ResourceNotFoundException. */
  get(key: OtaUpdateKey): Promise<OtaUpdate>;
  /** CREATE_PENDING: the files are verified, and stream and job made, behind the answer. */
  create(
    request: RequestContext,
    input: Iot.CreateOTAUpdateRequest,
    tags: Readonly<Record<string, string>>,
  ): Promise<OtaUpdate>;
  /** Throws InvalidRequestException while its job runs, unless `force`. */
  remove(key: OtaUpdateKey, how: { stream: boolean; force: boolean }): Promise<void>;
  readonly taggable: Taggable;
}

const TIMER = "ota-update";
const PRESIGNED_SECONDS = 1_800;
/** The least that a device's link lives (reference 4.6). */
const LEAST_SECONDS = 60;

interface UpdateFile {
  fileId: number;
  object: ObjectName;
  signature?: Signature;
  given: Iot.OTAUpdateFile;
}

/** OTA updates of FreeRTOS devices (CreateOTAUpdate): signed files, a stream and a job in the form that its agents know. */
export function createOtaUpdates(deps: OtaUpdatesDeps): OtaUpdates {
  const { database, timers, clock, log, objects, streams, jobs, engine } = deps;
  const timerId = ({ accountId, region, otaUpdateId }: OtaUpdateKey) => `${accountId}/${region}/${otaUpdateId}`;

  async function get(key: OtaUpdateKey): Promise<OtaUpdate> {
    const update = await readOtaUpdate(deps, key);
    if (!update) throw new ServiceError("ResourceNotFoundException", `OTA update ${key.otaUpdateId} not found`);
    return update;
  }

  async function build(update: OtaUpdate): Promise<void> {
    const { input } = update;
    const files = filesOf(input.files);
    const sizes = await Promise.all(files.map((file) => verified(update, file)));
    const protocols = input.protocols ?? ["MQTT"];
    const stream = update.streamId === undefined ? undefined : await streamOf(update, update.streamId, files);
    const now = clock.now();
    const job: NewJob = {
      accountId: update.accountId,
      region: update.region,
      jobId: update.jobId,
      owner: "",
      status: "IN_PROGRESS",
      targetSelection: input.targetSelection ?? "SNAPSHOT",
      rules: rulesOf(ruleMembers(input)),
      document: documentOf(update, files, sizes, protocols),
      description: input.description,
      targets: [...new Set(input.targets)],
      tags: {},
      forceCanceled: false,
      createdAt: now,
      windowOpen: true,
    };
    await database.commit([
      ...(stream === undefined ? [] : [insertStream(deps, stream)]),
      ...jobs.planCreate(job),
      ...engine.begin(job),
      writeOtaUpdate(deps, { ...update, status: "CREATE_COMPLETE", updatedAt: now }),
    ]);
    engine.wake(job);
  }

  const streamOf = (update: OtaUpdate, streamId: string, files: readonly UpdateFile[]): Promise<FileStream> =>
    streams.newStream(
      update,
      {
        streamId,
        description: `Files of the OTA update ${update.otaUpdateId}`,
        files: files.map(({ fileId, object: { bucket, key, versionId } }) => ({
          fileId,
          s3Location: { bucket, key, version: versionId },
        })),
        roleArn: update.input.roleArn,
        tags: {},
      },
      clock.now(),
    );

  /** Bytes of the file. Throws CodeSigningError. */
  async function verified(update: OtaUpdate, { object, signature }: UpdateFile): Promise<number> {
    const reader = {
      ...streamReader(update, update.streamId ?? update.jobId, update.input.roleArn),
      sourceArn: otaUpdateArn(update, update.otaUpdateId),
    };
    const { size } = await objects.head(object, reader);
    if (signature !== undefined && keyOf(signature) !== undefined) {
      await verifySignature(signature, await objects.read(object, reader));
    }
    return size;
  }

  timers.handle(TIMER, async (id) => {
    const [accountId = "", region = "", otaUpdateId = ""] = id.split("/");
    const update = await readOtaUpdate(deps, { accountId, region, otaUpdateId });
    if (update?.status !== "CREATE_PENDING") return [];
    try {
      await build(update);
      return [];
    } catch (error) {
      if (isConflict(error) && !(error instanceof UniqueViolation)) throw error;
      const known =
        error instanceof CodeSigningError || error instanceof ServiceError || error instanceof UniqueViolation;
      if (!known) throw error;
      const code = error instanceof ServiceError ? error.name : error.name.replace(/Error$/, "");
      log.info({ otaUpdateId, reason: messageOf(error) }, "an OTA update could not be made");
      const failure = { code, message: messageOf(error) };
      return [writeOtaUpdate(deps, { ...update, status: "CREATE_FAILED", error: failure, updatedAt: clock.now() })];
    }
  });

  return {
    get,

    async create(request, { otaUpdateId, tags: _, ...input }, tags) {
      targetsOf(request, input.targets);
      await deps.checkTargets(request, input.targets);
      filesOf(input.files);
      rulesOf(ruleMembers(input));
      await objects.checkRole(request, input.roleArn);
      const byMqtt = (input.protocols ?? ["MQTT"]).includes("MQTT");
      const { accountId, region, now } = request;
      const update: OtaUpdate = {
        accountId,
        region,
        otaUpdateId,
        status: "CREATE_PENDING",
        input,
        tags,
        jobId: `${PREFIX}${otaUpdateId}`.slice(0, 64),
        ...(byMqtt ? { streamId: `${PREFIX}${otaUpdateId}`.slice(0, 128) } : {}),
        createdAt: now,
        updatedAt: now,
        revision: now,
      };
      try {
        await database.commit([insertOtaUpdate(deps, update), timers.arm(TIMER, timerId(update), now)]);
      } catch (error) {
        if (!(error instanceof UniqueViolation)) throw error;
        throw new ServiceError("ResourceAlreadyExistsException", `OTA update ${otaUpdateId} already exists`, {
          resourceId: otaUpdateId,
          resourceArn: otaUpdateArn(request, otaUpdateId),
        });
      }
      timers.wake(now);
      return update;
    },

    async remove(key, { stream, force }) {
      const update = await get(key);
      const { accountId, region, jobId, streamId } = update;
      const job = update.status === "CREATE_COMPLETE" ? await jobs.get({ accountId, region, jobId }) : undefined;
      if (job !== undefined && isLive(job) && !force) {
        throw invalid(`Job ${jobId} is ${job.status}: cancel it, or delete it with forceDeleteAWSJob`);
      }
      if (job !== undefined && job.status !== "DELETION_IN_PROGRESS") await engine.remove(job, force);
      if (stream && streamId !== undefined && update.status === "CREATE_COMPLETE") {
        await streams.remove({ accountId, region, streamId }).catch(ignoreMissing);
      }
      await database.commit([timers.disarm(TIMER, timerId(key)), deleteOtaUpdate(key)]);
    },

    taggable: {
      type: "otaupdate",
      async find({ accountId, region }, otaUpdateId) {
        const update = await readOtaUpdate(deps, { accountId, region, otaUpdateId });
        return update && { tags: update.tags, replace: (tags) => writeOtaUpdate(deps, { ...update, tags }) };
      },
    },
  };
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof ServiceError) || error.name !== "ResourceNotFoundException") throw error;
}

/** The members by which CreateOTAUpdate says how its job runs, as CreateJob has them. */
function ruleMembers(input: OtaUpdate["input"]): Parameters<typeof rulesOf>[0] {
  const { awsJobExecutionsRolloutConfig, awsJobPresignedUrlConfig, awsJobAbortConfig, awsJobTimeoutConfig } = input;
  const expiresInSec = Math.max(LEAST_SECONDS, awsJobPresignedUrlConfig?.expiresInSec ?? PRESIGNED_SECONDS);
  return {
    jobExecutionsRolloutConfig: awsJobExecutionsRolloutConfig,
    presignedUrlConfig: { roleArn: input.roleArn, expiresInSec },
    abortConfig: awsJobAbortConfig && { criteriaList: awsJobAbortConfig.abortCriteriaList },
    timeoutConfig: awsJobTimeoutConfig,
  };
}

/** Throws InvalidRequestException that names the file. */
function filesOf(files: readonly Iot.OTAUpdateFile[]): UpdateFile[] {
  return files.map((given, fileId) => {
    const { fileLocation, codeSigning } = given;
    const { bucket, key, version } = fileLocation?.s3Location ?? {};
    if (bucket === undefined || key === undefined) {
      throw invalid(`files[${fileId}].fileLocation: the bucket and the key of its s3Location are needed`);
    }
    const object = { bucket, key, ...(version === undefined ? {} : { versionId: version }) };
    if (codeSigning === undefined) return { fileId, object, given };
    if (codeSigning.customCodeSigning === undefined) {
      throw invalid(`files[${fileId}].codeSigning: code is signed elsewhere; give customCodeSigning`);
    }
    try {
      const signature = readSignature(codeSigning.customCodeSigning);
      keyOf(signature);
      return { fileId, object, signature, given };
    } catch (error) {
      if (!(error instanceof CodeSigningError)) throw error;
      throw invalid(`files[${fileId}].codeSigning: ${error.message}`);
    }
  });
}

/** The document in the form that FreeRTOS's OTA agents read. */
function documentOf(
  update: OtaUpdate,
  files: readonly UpdateFile[],
  sizes: readonly number[],
  protocols: readonly string[],
): string {
  const listed = files.map(({ fileId, object, signature, given }) => ({
    filepath: given.fileName ?? object.key,
    filesize: sizes[fileId],
    fileid: fileId,
    ...(signature?.certificateName === undefined ? {} : { certfile: signature.certificateName }),
    ...(given.fileType === undefined ? {} : { fileType: given.fileType }),
    ...(given.fileVersion === undefined ? {} : { fileVersion: given.fileVersion }),
    ...(given.attributes === undefined ? {} : { attr: given.attributes }),
    ...(protocols.includes("HTTP")
      ? {
          update_data_url: `$\{aws:iot:s3-presigned-url:https://s3.${update.region}.amazonaws.com/${object.bucket}/${object.key}}`,
          auth_scheme: "aws.s3.presigned",
        }
      : {}),
    ...(signature === undefined
      ? {}
      : { [`sig-${signature.hash}-${signature.algorithm}`]: Buffer.from(signature.bytes).toString("base64") }),
  }));
  return JSON.stringify({
    ...update.input.additionalParameters,
    afr_ota: {
      protocols,
      ...(update.streamId === undefined ? {} : { streamname: update.streamId }),
      files: listed,
    },
  });
}
